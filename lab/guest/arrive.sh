# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The next kernel's role: say what state the hardware was left in before any driver touches it,
# then prove that every driver can use it again.
# shellcheck source=/dev/null
. /lab/lib.sh

[ ! -x /bin/kexit ] || report_output inspect kexit inspect --json
load_drivers
links_up
check_all
report_warnings
