# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The first kernel's role: use the hardware, then leave for the next kernel by the way that the
# command line names (lab.way).
# shellcheck source=/dev/null
. /lab/lib.sh

load_drivers
links_up
matrix=$(argument lab.matrix)
if [ "$matrix" = 1 ]; then report_functions; else check_all; fi

kernel=/lab/next/kernel
initrd=/lab/next/initrd
append=$(next_command_line "$(argument lab.arrival | grep . || echo arrive)")
way=$(argument lab.way)

case $way in
stock | stock-links-up | mended | unbind)
	report_output load kexec -l "$kernel" --initrd="$initrd" --command-line="$append" || exit 1
	;;
kexit | kexit-quiet)
	report_output load kexit load "$kernel" --initrd "$initrd" --append "$append" || exit 1
	;;
esac
sync

# The matrix leaves in the middle of work.
if [ "$matrix" = 1 ]; then
	# shellcheck source=/dev/null
	. /lab/work.sh
	check_uses
	[ "$(argument lab.work)" = 0 ] || start_work
	report pour
	# shellcheck disable=SC2046
	[ "$way" != kexit ] || report_output plan-json kexit plan --json $(argument lab.exec)
	sleep 1
fi
case $way in
kexit | kexit-quiet) report_lines plan kexit plan ;;
esac

# "Starting new kernel" is a notice; until here the console shows warnings alone.
dmesg -n 6
echo '<5>kexit-lab: request' >/dev/kmsg
case $way in
stock) kexec -e ;;
stock-links-up | mended) kexec -e -x ;;
unbind)
	unbind_all
	kexec -e
	;;
kexit)
	# Options without blanks, so that they can stand on a kernel's command line.
	# shellcheck disable=SC2046
	kexit exec $(argument lab.exec)
	;;
kexit-quiet) kexit exec -q ;;
esac
report jump-returned "$?"
