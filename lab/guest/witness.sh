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

# Where each function's registers are: START END FLAGS, a line for each BAR.
report_bars() {
	for function in /sys/bus/pci/devices/*; do
		bar=0
		while [ "$bar" -lt 6 ] && read -r start _; do
			[ "$((start))" -eq 0 ] || report bar "${function##*/}" "$bar" "$start"
			bar=$((bar + 1))
		done <"$function/resource"
	done
}

# A fresh kernel on POWER leaves decoding off until a driver probes; what is asked for here is that
# probe's first step. Bus Master stays off.
decode_addresses() {
	for function in /sys/bus/pci/devices/*; do
		[ ! -e "$function/driver" ] || continue
		command=$(hexdump -s 4 -n 2 -e '"%u"' "$function/config")
		[ "$((command & 3))" -ne 0 ] || echo 1 >"$function/enable"
	done
}

[ "$(uname -m)" != ppc64le ] || decode_addresses
report_output inspect kexit inspect --json
report_functions
report_bars
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
