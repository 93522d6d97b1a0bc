// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine that the other tests stand on does what a kernel does. */
#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NIC "/sys/devices/pci0000:00/0000:00:02.0"

static struct fake *machine(const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);

	fake_device(fake, NIC, "pci", "e1000e");
	fake_bytes(fake, NIC "/config", "\x86\x80\xd3\x10\x07\x04\x10\x00", 8);
	fake_file(fake, NIC "/net/eth0/uevent", "INTERFACE=eth0\n");
	fake_file(fake, NIC "/power/control", "auto\n");
	fake_link(fake, "/sys/class/net/eth0", "../../devices/pci0000:00/0000:00:02.0/net/eth0");
	return fake;
}

static void assert_text(struct fake *fake, const char *path, const char *expected)
{
	char *text = fake_text(fake, path);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void test_unbind_takes_children_along(void **state)
{
	struct fake *fake = machine(NULL);

	assert_int_equal(sys_unbind(&fake->sys, "pci", "e1000e", "0000:00:02.0"), 0);
	assert_false(sysroot_exists(fake->sys.root, NIC "/driver"));
	assert_false(sysroot_exists(fake->sys.root, NIC "/net"));
	assert_false(sysroot_exists(fake->sys.root, "/sys/class/net/eth0"));
	assert_true(sysroot_exists(fake->sys.root, NIC "/power/control"));
	assert_int_equal(sys_unbind(&fake->sys, "pci", "e1000e", "0000:00:02.0"), -ENODEV);
	fake_free(fake);
}

static void test_bind_brings_them_back(void **state)
{
	struct fake *fake = machine(NULL);
	char path[256];

	assert_int_equal(sys_unbind(&fake->sys, "pci", "e1000e", "0000:00:02.0"), 0);
	assert_int_equal(sys_bind(&fake->sys, "pci", "e1000e", "0000:00:02.0"), 0);
	assert_true(sysroot_resolve(fake->sys.root, NIC "/driver", path, sizeof(path)) > 0);
	assert_string_equal(path, "/sys/bus/pci/drivers/e1000e");
	assert_text(fake, "/sys/class/net/eth0/uevent", "INTERFACE=eth0");
	assert_int_equal(sys_bind(&fake->sys, "pci", "e1000e", "0000:00:02.0"), -EBUSY);
	fake_free(fake);
}

static void test_writes_change_files_and_are_logged(void **state)
{
	struct fake *fake = machine(NULL);

	assert_int_equal(sys_write(&fake->sys, NIC "/power/control", "on"), 0);
	assert_text(fake, NIC "/power/control", "on");
	assert_int_equal(sys_write(&fake->sys, NIC "/nothing", "1"), -ENOENT);
	assert_int_equal(sys_config_write16(&fake->sys, NIC, 4, 0x0004, 0), 0);
	assert_int_equal(sys_flush(&fake->sys, "sda"), 0);
	assert_int_equal(fake_log_find(fake, "write *power/control on = 0"), 0);
	assert_int_equal(fake_log_find(fake, "write *nothing 1 = ENOENT"), 1);
	assert_int_equal(fake_log_find(fake, "config *:02.0 0x4 0x4 0 = 0"), 2);
	assert_int_equal(fake_log_count(fake, "flush sda*"), 1);
	fake_free(fake);
}

static void test_faults(void **state)
{
	const struct fake_fault faults[] = {
		{ "unbind", "*:02.0", FAKE_PRETEND, 0 },
		{ "write", "*/power/control", FAKE_ERRNO, -EACCES },
		{ NULL, NULL, 0, 0 },
	};
	struct fake *fake = machine(faults);

	assert_int_equal(sys_unbind(&fake->sys, "pci", "e1000e", "0000:00:02.0"), 0);
	assert_true(sysroot_exists(fake->sys.root, NIC "/driver"));
	assert_int_equal(sys_write(&fake->sys, NIC "/power/control", "on"), -EACCES);
	assert_text(fake, NIC "/power/control", "auto");
	fake_free(fake);
}

static int status_of_child(struct fake *fake, int (*call)(const struct sys *sys))
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(call(&fake->sys) ? 1 : 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void test_jump_needs_an_image(void **state)
{
	struct fake *fake = machine(NULL);

	assert_int_equal(sys_jump(&fake->sys), -EINVAL);
	assert_int_equal(sys_kexec_file_load(&fake->sys, -1, -1, "quiet", 4), 0);
	assert_int_equal(status_of_child(fake, sys_jump), FAKE_JUMPED);
	assert_int_equal(sys_kexec_unload(&fake->sys), 0);
	assert_int_equal(status_of_child(fake, sys_jump), 1);
	fake_free(fake);
}

static void test_hang_ends_with_the_machine(void **state)
{
	const struct fake_fault faults[] = {
		{ "unbind", NULL, FAKE_HANG, 0 },
		{ NULL, NULL, 0, 0 },
	};
	struct fake *fake = machine(faults);
	pid_t child = fork();
	int status;

	if (!child)
		_exit(sys_unbind(&fake->sys, "pci", "e1000e", "0000:00:02.0"));
	while (fake_log_find(fake, "unbind 0000:00:02.0 HANG") < 0)
		usleep(1000);
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	fake_free(fake);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unbind_takes_children_along),
		cmocka_unit_test(test_bind_brings_them_back),
		cmocka_unit_test(test_writes_change_files_and_are_logged),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_jump_needs_an_image),
		cmocka_unit_test(test_hang_ends_with_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
