// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kexit-boot: the init of an initramfs that is a boot loader. A program of its own, as it links the
 * libraries that kexit itself stays free of.
 */
#include "base/log.h"
#include "boot/boot.h"
#include "boot/modules.h"
#include "boot/system.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The kernel calls its modprobe as "PATH -q -- NAME" (Linux: kernel/module/kmod.c). */
static bool is_modprobe(int argc, char *argv[])
{
	return argc == 4 && !strcmp(argv[1], "-q") && !strcmp(argv[2], "--");
}

/* PID 1 must not end: a panic would take the reason off the screen. */
static _Noreturn void rescue(const struct error *e)
{
	char shell[] = "/bin/sh", *const argv[] = { shell, NULL };

	log_error("%s; a shell takes over", e->text);
	execv(shell, argv);
	log_error("/bin/sh cannot be started either: nothing is left to do");
	for (;;)
		pause();
}

int main(int argc, char *argv[])
{
	struct sys sys = { .ops = &sys_ops_live };
	struct error e = ERROR_NONE;

	if (is_modprobe(argc, argv))
		return modules_serve_kernel(argc, argv);
	if (getpid() != 1) {
		fprintf(stderr,
			"kexit-boot: this is the init of a boot image; see kexit-boot(7)\n");
		return 2;
	}
	/* The first read of /dev/urandom has a kernel without a random number generator in its CPU
	 * gather entropy for seconds (Linux: drivers/char/random.c, try_to_generate_entropy()). The
	 * keys of our objects are our own: nobody can make them collide. */
	json_object_seed(1);
	if (system_prepare(&e) == 0 && sysroot_open(NULL, &sys.root) == 0)
		boot_run(&sys, &e);
	rescue(&e);
}
