# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What the guests' scripts share. A result is one line "@@ NAME TEXT" on the serial console; the lab
# reads nothing else, so a stray kernel message cannot be taken for a result.

report() {
	result=$1
	shift
	printf '@@ %s %s\n' "$result" "$*"
}

# report_output NAME COMMAND...: what the command printed, on one line, as it may be JSON; then its
# exit status under NAME-status.
report_output() {
	result_name=$1
	shift
	"$@" >/tmp/output 2>/tmp/errors
	result_status=$?
	printf '@@ %s ' "$result_name"
	tr '\n' ' ' </tmp/output
	printf '\n'
	while read -r line; do report "$result_name-stderr" "$line"; done </tmp/errors
	report "$result_name-status" "$result_status"
	return "$result_status"
}

# report_lines NAME COMMAND...: what the command printed, a result for each line; then its status.
report_lines() {
	result_name=$1
	shift
	"$@" >/tmp/output 2>&1
	result_status=$?
	while IFS= read -r line; do report "$result_name" "$line"; done </tmp/output
	report "$result_name-status" "$result_status"
	return "$result_status"
}

# The value of NAME=VALUE on the kernel's command line.
argument() {
	tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | tail -n 1
}

# until_true SECONDS COMMAND...: tries ten times a second.
until_true() {
	tries=$(($1 * 10))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		usleep 100000
	done
}

load_drivers() {
	while read -r module; do
		insmod "/lab/modules/$module.ko" || report error "insmod $module failed"
	done </lab/load-order
	until_true 30 disks_are_there || report error "not all disks came: $(disks | wc -l)"
	until_true 30 links_are_there || report error "not all links came: $(links | wc -l)"
}

# The disks of the machine: whole ones, only those of real hardware, and not the hidden paths of an
# NVMe disk that has several.
disks() {
	for disk in /sys/block/*; do
		[ ! -e "$disk/device" ] || [ "$(cat "$disk/hidden")" = 1 ] || echo "${disk##*/}"
	done
}

disks_are_there() {
	[ "$(disks | wc -l)" -ge "$(argument lab.disks)" ]
}

# The lab gives its cards the addresses 52:54:00:4b:58:NN, each with a network of its own.
links() {
	for link in /sys/class/net/*; do
		case $(cat "$link/address") in
		52:54:00:4b:58:*) echo "${link##*/}" ;;
		esac
	done
}

links_are_there() {
	[ "$(links | wc -l)" -ge "$(argument lab.nics)" ]
}

# link_network LINK: the first three numbers of the link's IPv4 network.
link_network() {
	address=$(cat "/sys/class/net/$1/address")
	echo "10.0.$((2 + 0x${address##*:}))"
}

links_up() {
	ip link set lo up
	for link in $(links); do
		ip link set "$link" up
		ip addr add "$(link_network "$link").15/24" dev "$link"
	done
}

# Reads each disk's first block past the cache and compares what the lab wrote there.
check_disks() {
	for disk in $(disks); do
		case $(dd if="/dev/$disk" bs=4096 count=1 iflag=direct 2>/dev/null | head -n 1) in
		'kexit-lab disk '*) report disk "$disk" ok ;;
		*) report disk "$disk" unreadable ;;
		esac
	done
}

answers() {
	ping -c 1 -W 2 -I "$1" "$2" >/dev/null 2>&1
}

check_links() {
	for link in $(links); do
		if until_true 2 answers "$link" "$(link_network "$link").2"; then
			report link "$link" ok
		else
			report link "$link" silent
		fi
	done
}

# A sound card whose codec answered has a device to play on. Codecs are probed after the driver is.
sounds() {
	for device in /sys/class/sound/pcmC*p; do
		[ ! -e "$device" ] || echo "${device##*/}"
	done
}

sounds_are_there() {
	[ "$(sounds | wc -l)" -ge "$(argument lab.sounds)" ]
}

check_sound() {
	until_true 10 sounds_are_there || report error "not all sound cards came: $(sounds | wc -l)"
	for device in $(sounds); do report sound "$device" ok; done
}

# Every use that each driver makes possible, after its links are up.
check_all() {
	check_disks
	check_links
	check_sound
	report_functions
}

# Every PCI function with its class, its ids and its driver.
report_functions() {
	for function in /sys/bus/pci/devices/*; do
		driver=none
		[ ! -e "$function/driver" ] || driver=$(basename "$(readlink "$function/driver")")
		report function "${function##*/}" "$(cat "$function/class")" \
			"$(cat "$function/vendor")" "$(cat "$function/device")" "$driver"
	done
}

# What the kernel said as a warning or worse, its level and time before it.
report_warnings() {
	dmesg -r | grep '^<[0-4]>' | while IFS= read -r line; do report warning "$line"; done
}

# carried_initrd: prints the initramfs files that let the next kernel jump again, as arguments.
carried_initrd() {
	(cd / && find lab/next | cpio -o -H newc 2>/dev/null) >/tmp/carried
	echo --initrd /lab/next/initrd --initrd /tmp/carried
}

# The command line of the next kernel: this one's, in another role.
next_command_line() {
	sed "s/lab\.role=[^ ]*/lab.role=$1/" /proc/cmdline
}
