# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Work for every driver: what is in flight when the first kernel leaves, and what each PCI function
# can do, by its address, before and after.

# Ends with the first read that fails: the disk's driver has gone.
read_for_ever() {
	while dd if="$1" of=/dev/null bs=64k count=4 iflag=direct 2>/dev/null; do usleep 20000; done
}

play_for_ever() {
	cat /dev/zero >"$1"
}

# Players of PCM devices without ioctls: the old interface takes what is written as sound.
sound_outputs() {
	for output in /dev/dsp*; do
		[ ! -c "$output" ] || echo "$output"
	done
}

playing() {
	cat /proc/asound/card*/pcm*p/sub*/status 2>/dev/null | grep -c RUNNING
}

all_play() {
	[ "$(playing)" -ge "$(sound_outputs | wc -l)" ]
}

start_work() {
	for disk in $(disks); do read_for_ever "/dev/$disk" & done
	for output in $(sound_outputs); do play_for_ever "$output" & done
	# As a sound server does, beside what it plays.
	for mixer in /dev/snd/controlC*; do
		# shellcheck disable=SC2217
		[ ! -c "$mixer" ] || sleep 86400 <"$mixer" &
	done
	until_true 5 all_play || report error "not every sound card plays: $(playing)"
	report working "disks $(disks | wc -l) playing $(playing)"
}

# function_of PATH: the PCI function that PATH in sysfs lies under.
function_of() {
	readlink -f "$1" | grep -o '[0-9a-f]\{4\}:[0-9a-f]\{2\}:[0-9a-f]\{2\}\.[0-7]' | tail -n 1
}

disk_works() {
	case $(dd if="/dev/$1" bs=4096 count=1 iflag=direct 2>/dev/null | head -n 1) in
	'kexit-lab disk '*) return 0 ;;
	esac
	return 1
}

# report_use PATH KIND COMMAND...: "use ADDRESS KIND ok" or "... fails".
report_use() {
	use="$(function_of "$1") $2"
	shift 2
	if "$@"; then report use "$use" ok; else report use "$use" fails; fi
}

# What each function can do now. Names differ from kernel to kernel, so none are reported.
check_uses() {
	for disk in $(disks); do
		report_use "/sys/block/$disk/device" disk disk_works "$disk"
	done
	for link in $(links); do
		report_use "/sys/class/net/$link/device" ping \
			until_true 3 answers "$link" "$(link_network "$link").2"
	done
	until_true 10 sounds_are_there
	for device in $(sounds); do
		report_use "/sys/class/sound/$device/device" sound true
	done
	for device in /sys/bus/usb/devices/*-*; do
		case $device in
		*:*) ;;
		*) [ ! -e "$device" ] || report_use "$device" usb test -e "$device/driver" ;;
		esac
	done
	for card in /sys/class/drm/card*; do
		case ${card##*/} in
		*-*) ;;
		*) [ ! -e "$card" ] || report_use "$card/device" display test -e "$card/dev" ;;
		esac
	done
}

# Every function that has a driver is unbound, one after the other, as an administrator's shell loop
# would. Bridges stay: all that is below one goes with it.
unbind_all() {
	for function in /sys/bus/pci/devices/*; do
		case $(cat "$function/class") in
		0x06*) continue ;;
		esac
		[ ! -e "$function/driver/unbind" ] || echo "${function##*/}" >"$function/driver/unbind"
	done
}
