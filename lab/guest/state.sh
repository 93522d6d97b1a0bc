# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What a rollback must bring back, as sorted lines that two calls can be compared by. Disks go by
# what is on them and links by their address: the kernel may name them anew.

machine_state() {
	for disk in $(disks); do
		echo "disk $(dd if="/dev/$disk" bs=4096 count=1 iflag=direct 2>/dev/null | head -n 1)"
	done | sort
	for link in $(links); do
		echo "link $(cat "/sys/class/net/$link/address")" \
			"$(ip -4 -o addr show dev "$link" | awk '{ print $4 }' | sort | tr '\n' ' ')" \
			"up $(($(cat "/sys/class/net/$link/flags") & 1))"
	done | sort
	for function in /sys/bus/pci/devices/*; do
		driver=none
		[ ! -e "$function/driver" ] || driver=$(basename "$(readlink "$function/driver")")
		echo "function ${function##*/} $driver power $(cat "$function/power/control")"
	done
	for autoprobe in /sys/bus/*/drivers_autoprobe; do
		echo "$autoprobe $(cat "$autoprobe")"
	done
	cat /sys/class/scsi_disk/*/manage_* | sort | uniq -c
	ip -4 route | sed 's/dev [^ ]*//' | sort
}

# has_driver ADDRESS: is the PCI function bound?
has_driver() {
	[ -e "/sys/bus/pci/devices/$1/driver" ]
}

bound_functions() {
	count=0
	for driver in /sys/bus/pci/devices/*/driver; do
		[ ! -e "$driver" ] || count=$((count + 1))
	done
	echo "$count"
}

# Waits until a run has really begun to take devices, so that a signal hits it half way.
until_something_is_released() {
	tries=3000
	while [ "$(bound_functions)" -ge "$1" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
	done
}
