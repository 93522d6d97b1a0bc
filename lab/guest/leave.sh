# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The first kernel's role: use the hardware, then leave for the next kernel by the way that the
# command line names (lab.way).
# shellcheck source=/dev/null
. /lab/lib.sh

load_drivers
links_up
check_all

kernel=/lab/next/kernel
initrd=/lab/next/initrd
append=$(next_command_line arrive)
way=$(argument lab.way)

case $way in
stock | stock-links-up | mended)
	report_output load kexec -l "$kernel" --initrd="$initrd" --command-line="$append" || exit 1
	;;
kexit | kexit-quiet)
	report_output load kexit load "$kernel" --initrd "$initrd" --append "$append" || exit 1
	report_lines plan kexit plan
	;;
esac
sync

# "Starting new kernel" is a notice; until here the console shows warnings alone.
dmesg -n 6
echo '<5>kexit-lab: request' >/dev/kmsg
case $way in
stock) kexec -e ;;
stock-links-up | mended) kexec -e -x ;;
kexit) kexit exec ;;
kexit-quiet) kexit exec -q ;;
esac
report jump-returned "$?"
