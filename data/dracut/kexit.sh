#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What came over a kexec behind this initrd (kexit(8), doc/across.md) is kept for the system that starts.
# The folder is there after each start: where it is empty, nothing came. dracut reads this into its own
# shell: no exit, and the umask stays.

(
	umask 077
	mkdir -p /run/kexit/previous
	for file in /kexit/*.json; do
		[ -f "$file" ] && cat "$file" > "/run/kexit/previous/${file##*/}"
	done
)
:
