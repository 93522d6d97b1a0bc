#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dracut's module for what crosses a kexec; see kexit.sh.

check() {
	return 0
}

depends() {
	return 0
}

install() {
	# dracut's own variable and function
	# shellcheck disable=SC2154
	inst_hook pre-pivot 90 "$moddir/kexit.sh"
}
