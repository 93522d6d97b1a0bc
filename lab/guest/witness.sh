# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The next kernel's role in the matrix: say how the hardware was left, before any driver touches it;
# hold still while the lab looks from outside; see whether memory is written to; then prove that
# every driver can use its device again.
# shellcheck source=/dev/null
. /lab/lib.sh
# shellcheck source=/dev/null
. /lab/work.sh

report_output inspect kexit inspect --json
report inspected
# The lab presses Enter when it has seen what it wants. Without one this still ends.
# shellcheck disable=SC3045
read -t 60 -r _ </dev/console
report_output canary kexit-canary --seconds "$(argument lab.canary)"
report dmar-faults "$(dmesg | grep -c 'DMAR:.*fault addr')"
load_drivers
links_up
check_uses
report_functions
