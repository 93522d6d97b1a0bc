#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# PID 1 of the initramfs on a foreign Debian's disk: says how the hardware was left, before any driver
# touches it, then hands over to the init that the command line names on the root it names.
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec </dev/null >/dev/console 2>&1

# shellcheck source=/dev/null
. /lab/lib.sh

# Prints the device of root=UUID=... or root=/dev/..., when there is one.
root_device() {
	root=$(argument root)
	case $root in
	/dev/*) [ -b "$root" ] && echo "$root" ;;
	*) findfs "$root" 2>/dev/null ;;
	esac
}

# A kernel message within the result would break it.
read -r levels </proc/sys/kernel/printk
echo 1 >/proc/sys/kernel/printk
# --wake: a fresh kernel on POWER leaves address decoding off until a driver probes.
[ ! -x /bin/kexit ] || report_output inspect kexit inspect --json --wake
echo "$levels" >/proc/sys/kernel/printk

while read -r module; do
	insmod "/lab/modules/$module.ko" || report error "insmod $module failed"
done </lab/load-order
until_true 60 root_device >/dev/null || report error "no root file system: $(argument root)"
mode=ro
! grep -qw rw /proc/cmdline || mode=rw
mount -t ext4 -o "$mode" "$(root_device)" /mnt || report error "mount $(root_device)"
init=$(argument init)
mount -o move /dev /mnt/dev
umount /proc /sys
exec switch_root -c /dev/console /mnt "${init:-/sbin/init}"
