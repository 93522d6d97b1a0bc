// SPDX-License-Identifier: GPL-2.0-or-later
/* Who may do what on which machine, and what the refusals say. */
#include "host/host.h"
#include "host/pid1.h"
#include "host/systemd.h"
#include "sys/lockdown.h"
#include "unit/fake/fake_ops.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ALL_CAPABILITIES "Name:\tkexit\nCapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n"
#define NO_SYS_BOOT	 "Name:\tkexit\nCapEff:\t000001ffffbfffff\nCapBnd:\t000001ffffffffff\n"

static struct fake *fake;
static struct error error;

/* A machine on which everything is allowed: PID 1 is an initramfs's script. */
static int set_up(void **state)
{
	fake = fake_new(NULL, NULL);
	fake_file(fake, "/proc/self/status", ALL_CAPABILITIES);
	fake_link(fake, "/proc/self/ns/pid", "pid:[4026531836]");
	fake_link(fake, "/proc/self/ns/user", "user:[4026531837]");
	fake_file(fake, "/sys/kernel/kexec_loaded", "1\n");
	error = (struct error)ERROR_NONE;
	return 0;
}

static int tear_down(void **state)
{
	fake_free(fake);
	return 0;
}

static void relink(const char *path, const char *target)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", fake->tree, path);
	remove(full);
	fake_link(fake, path, target);
}

static void assert_says(const char *words)
{
	if (!strstr(error.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, error.text);
}

static void set_pid1(const char *exe, const char *cmdline, size_t length)
{
	fake_link(fake, "/proc/1/exe", exe);
	fake_bytes(fake, "/proc/1/cmdline", cmdline, length);
}
#define SET_PID1(exe, cmdline) set_pid1(exe, cmdline, sizeof(cmdline))

static void test_all_is_allowed(void **state)
{
	assert_int_equal(host_may_load(fake->sys.root, &error), 0);
	assert_int_equal(host_may_jump(fake->sys.root, &error), 0);
	assert_int_equal(host_has_image(fake->sys.root, &error), 0);
	assert_int_equal(host_may_quiesce(fake->sys.root, false, "exec", &error), 0);
}

static void test_no_capability(void **state)
{
	fake_file(fake, "/proc/self/status", NO_SYS_BOOT);
	assert_int_equal(host_may_load(fake->sys.root, &error), -EPERM);
	assert_says("CAP_SYS_BOOT");
	assert_says("run kexit as root");
	assert_int_equal(host_may_jump(fake->sys.root, &error), -EPERM);
	assert_int_equal(host_may_quiesce(fake->sys.root, false, "exec", &error), 0);
}

static void test_root_of_a_user_namespace(void **state)
{
	relink("/proc/self/ns/user", "user:[4026532177]");
	assert_int_equal(host_may_load(fake->sys.root, &error), -EPERM);
	assert_says("user namespace");
}

static void test_other_pid_namespace(void **state)
{
	relink("/proc/self/ns/pid", "pid:[4026532180]");
	assert_int_equal(host_may_load(fake->sys.root, &error), 0);
	assert_int_equal(host_may_jump(fake->sys.root, &error), -EPERM);
	assert_says("pid namespace");
	/* Nor may devices be taken: who holds them is not seen from there. */
	assert_int_equal(host_may_quiesce(fake->sys.root, true, "quiesce", &error), -EPERM);
	assert_says("does not see who uses");
}

static void test_namespaces_of_pid1(void **state)
{
	fake_link(fake, "/proc/self/ns/net", "net:[4026531840]");
	fake_link(fake, "/proc/1/ns/net", "net:[4026531840]");
	fake_link(fake, "/proc/self/ns/mnt", "mnt:[4026531841]");
	fake_link(fake, "/proc/1/ns/mnt", "mnt:[4026531841]");
	assert_int_equal(host_sees_machine(fake->sys.root, &error), 0);
	assert_int_equal(host_may_quiesce(fake->sys.root, true, "quiesce", &error), 0);
}

static void test_other_network_namespace(void **state)
{
	fake_link(fake, "/proc/self/ns/net", "net:[4026532177]");
	fake_link(fake, "/proc/1/ns/net", "net:[4026531840]");
	assert_int_equal(host_sees_machine(fake->sys.root, &error), -EPERM);
	assert_says("network namespace");
	assert_says("nsenter --target 1");
	assert_int_equal(host_may_quiesce(fake->sys.root, true, "quiesce", &error), -EPERM);
}

static void test_other_mount_namespace(void **state)
{
	fake_link(fake, "/proc/self/ns/mnt", "mnt:[4026532178]");
	fake_link(fake, "/proc/1/ns/mnt", "mnt:[4026531841]");
	assert_int_equal(host_sees_machine(fake->sys.root, &error), -EPERM);
	assert_says("mount namespace");
	assert_int_equal(host_may_quiesce(fake->sys.root, true, "quiesce", &error), -EPERM);
}

static void test_without_proc(void **state)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/proc/self/status", fake->tree);
	remove(path);
	assert_int_equal(host_may_load(fake->sys.root, &error), -ENOENT);
	assert_says("mount /proc");
}

static void test_kernel_without_kexec(void **state)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/sys/kernel/kexec_loaded", fake->tree);
	remove(path);
	assert_int_equal(host_may_load(fake->sys.root, &error), -ENOSYS);
	assert_says("no kexec");
	snprintf(path, sizeof(path), "%s/sys/kernel", fake->tree);
	remove(path);
	assert_int_equal(host_may_jump(fake->sys.root, &error), -ENOSYS);
	assert_says("mount sysfs");
}

static void test_load_disabled(void **state)
{
	fake_file(fake, "/proc/sys/kernel/kexec_load_disabled", "1\n");
	assert_int_equal(host_may_load(fake->sys.root, &error), -EPERM);
	assert_says("kexec_load_disabled");
	/* What is loaded already may still be jumped into. */
	assert_int_equal(host_may_jump(fake->sys.root, &error), 0);
}

static void test_load_limit(void **state)
{
	fake_file(fake, "/proc/sys/kernel/kexec_load_limit_reboot", "-1\n");
	assert_int_equal(host_may_load(fake->sys.root, &error), 0);
	fake_file(fake, "/proc/sys/kernel/kexec_load_limit_reboot", "0\n");
	assert_int_equal(host_may_load(fake->sys.root, &error), -EPERM);
	assert_says("kexec_load_limit_reboot");
}

static void test_nothing_loaded(void **state)
{
	fake_file(fake, "/sys/kernel/kexec_loaded", "0\n");
	assert_int_equal(host_has_image(fake->sys.root, &error), -ENOENT);
	assert_says("kexit load");
}

static void test_systemd_refuses_and_now_overrides(void **state)
{
	SET_PID1("/usr/lib/systemd/systemd", "/sbin/init\0splash");
	assert_int_equal(host_may_quiesce(fake->sys.root, false, "exec", &error), -EBUSY);
	assert_says("PID 1 is systemd");
	assert_says("kexit reboot");
	assert_says("kexit exec --now");
	assert_int_equal(host_may_quiesce(fake->sys.root, true, "exec", &error), 0);
}

static void test_pid1(void **state)
{
	static const struct {
		const char *exe, *cmdline;
		size_t length;
		const char *name; /* NULL: no service manager */
	} cases[] = {
#define CASE(exe, cmdline, name) { exe, cmdline, sizeof(cmdline), name }
		CASE("/usr/lib/systemd/systemd", "/lib/systemd/systemd\0--system", "systemd"),
		CASE("/usr/lib/systemd/systemd (deleted)", "/sbin/init", "systemd"),
		CASE("/usr/lib/systemd/systemd-shutdown",
		     "/usr/lib/systemd/systemd-shutdown\0kexec", NULL),
		CASE("/shutdown", "/shutdown\0kexec", NULL),
		CASE("/usr/sbin/init", "init [2]", "init"),
		CASE("/usr/bin/busybox", "init", "busybox init"),
		CASE("/bin/busybox", "/sbin/init", "busybox init"),
		CASE("/bin/busybox", "busybox\0init", "busybox init"),
		CASE("/bin/busybox", "/bin/sh\0/init", NULL),
		CASE("/usr/bin/busybox", "busybox\0sh\0/init", NULL),
		CASE("/usr/bin/dash", "/bin/sh\0/init", NULL),
		CASE("/init", "/init", NULL),
		CASE("/sbin/openrc-init", "/sbin/openrc-init", "OpenRC"),
		CASE("/gnu/store/x-guile-3.0.9/bin/guile",
		     "/gnu/store/x-guile-3.0.9/bin/guile\0--no-auto-compile\0/gnu/store/y/bin/shepherd",
		     "the Shepherd"),
		CASE("/usr/bin/guile", "guile\0/init.scm", NULL),
		CASE("/usr/bin/runit", "runit", "runit"),
#undef CASE
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pid1 pid1 = { .name = NULL };

		relink("/proc/1/exe", cases[i].exe);
		fake_bytes(fake, "/proc/1/cmdline", cases[i].cmdline, cases[i].length);
		assert_int_equal(pid1_is_manager(fake->sys.root, &pid1), cases[i].name != NULL);
		if (cases[i].name)
			assert_string_equal(pid1.name, cases[i].name);
	}
}

static void test_unreadable_exe_shows_by_its_folder(void **state)
{
	struct pid1 pid1;

	assert_false(pid1_is_manager(fake->sys.root, &pid1));
	fake_dir(fake, "/run/systemd/system");
	assert_true(pid1_is_manager(fake->sys.root, &pid1));
	assert_string_equal(pid1.name, "systemd");
}

static void test_lockdown(void **state)
{
	assert_int_equal(lockdown_read(fake->sys.root), LOCKDOWN_UNKNOWN);
	fake_file(fake, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	assert_int_equal(lockdown_read(fake->sys.root), LOCKDOWN_NONE);
	fake_file(fake, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_int_equal(lockdown_read(fake->sys.root), LOCKDOWN_INTEGRITY);
	fake_file(fake, "/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	assert_int_equal(lockdown_read(fake->sys.root), LOCKDOWN_CONFIDENTIALITY);
	assert_string_equal(lockdown_name(LOCKDOWN_INTEGRITY), "integrity");
}

static void test_a_kexec_under_way_is_known_by_its_job(void **state)
{
	fake_file(fake, "/.said/systemctl list-jobs", "");
	assert_false(systemd_goes_to_kexec(&fake->sys));
	fake_file(fake, "/.said/systemctl list-jobs", "  812 kexec.target start waiting\n");
	assert_true(systemd_goes_to_kexec(&fake->sys));
	fake_file(fake, "/.exit/systemctl list-jobs", "1");
	assert_false(systemd_goes_to_kexec(&fake->sys));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_all_is_allowed),
		TEST(test_no_capability),
		TEST(test_root_of_a_user_namespace),
		TEST(test_other_pid_namespace),
		TEST(test_namespaces_of_pid1),
		TEST(test_other_network_namespace),
		TEST(test_other_mount_namespace),
		TEST(test_without_proc),
		TEST(test_kernel_without_kexec),
		TEST(test_load_disabled),
		TEST(test_load_limit),
		TEST(test_nothing_loaded),
		TEST(test_systemd_refuses_and_now_overrides),
		TEST(test_a_kexec_under_way_is_known_by_its_job),
		TEST(test_pid1),
		TEST(test_unreadable_exe_shows_by_its_folder),
		TEST(test_lockdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
