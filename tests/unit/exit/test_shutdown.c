// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a running system, on machines of a few files: which way it goes, and what is done before. */
#include "unit/fake/fake_ops.h"

#include "exit/shutdown.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fake *machine(const struct fake_fault *faults, const char *loaded)
{
	struct fake *fake = fake_new(NULL, faults);

	fake_dir(fake, "/sys/class/block");
	fake_file(fake, "/sys/kernel/kexec_loaded", loaded);
	fake_file(fake, "/proc/meminfo", "MemTotal: 1 kB\nDirty: 0 kB\nWriteback: 0 kB\n");
	fake_file(fake, "/proc/self/mountinfo", "2 1 8:1 / /oldroot ro - ext4 /dev/sda1 ro\n");
	return fake;
}

static int handover(const struct sys *sys)
{
	return sys_kmsg(sys, "handover") ? 1 : 4;
}

static void end(const struct fake *fake, const char *word)
{
	char *argv[] = { (char[]){ "/shutdown" }, strdup(word), NULL };

	exit_shutdown(&fake->sys, argv, handover);
	free(argv[1]);
}

static void a_kexec_hands_over_when_all_is_taken_down(void **state)
{
	struct fake *fake = machine(NULL, "1\n");
	int unmounted, synced, handed;

	end(fake, "kexec");
	unmounted = fake_log_find(fake, "unmount /oldroot = 0");
	synced = fake_log_find(fake, "sync*");
	handed = fake_log_find(fake, "kmsg handover*");
	assert_true(unmounted >= 0);
	assert_true(fake_log_find(fake, "kmsg kexit: the service manager is done; kexec*") <
		    unmounted);
	assert_true(unmounted < synced);
	assert_true(synced < handed);
	fake_free(fake);
}

static void a_handover_that_fails_goes_through_firmware(void **state)
{
	struct fake *fake = machine(NULL, "1\n");

	end(fake, "kexec");
	assert_int_equal(fake_log_count(fake, "kmsg kexit: no jump: the handover ended with 4*"),
			 1);
	assert_int_equal(fake_log_count(fake, "power restart = *"), 1);
	fake_free(fake);
}

static void a_kexec_without_an_image_goes_through_firmware(void **state)
{
	struct fake *fake = machine(NULL, "0\n");

	end(fake, "kexec");
	assert_int_equal(fake_log_count(fake, "kmsg handover*"), 0);
	assert_int_equal(fake_log_count(fake, "power restart = *"), 1);
	fake_free(fake);
}

static void what_is_no_kexec_hands_nothing_over(void **state)
{
	struct fake *fake = machine(NULL, "1\n");

	end(fake, "reboot");
	end(fake, "poweroff");
	end(fake, "halt");
	assert_int_equal(fake_log_count(fake, "kmsg handover*"), 0);
	assert_int_equal(fake_log_count(fake, "power restart = *"), 1);
	assert_int_equal(fake_log_count(fake, "power off = *"), 1);
	assert_int_equal(fake_log_count(fake, "power halt = *"), 1);
	fake_free(fake);
}

static void what_stays_is_named_and_the_handover_comes_all_the_same(void **state)
{
	static const struct fake_fault faults[] = {
		{ "unmount", "/oldroot", FAKE_ERRNO, -EBUSY },
		{ NULL, NULL, FAKE_ERRNO, 0 },
	};
	struct fake *fake = machine(faults, "1\n");

	end(fake, "kexec");
	assert_int_equal(fake_log_count(fake, "kmsg kexit: /oldroot: cannot be unmounted: EBUSY*"),
			 1);
	assert_int_equal(fake_log_count(fake, "kmsg handover*"), 1);
	fake_free(fake);
}

static void only_shutdown_is_shutdown(void **state)
{
	assert_true(exit_is_shutdown("/shutdown"));
	assert_true(exit_is_shutdown("shutdown"));
	assert_false(exit_is_shutdown("/usr/sbin/kexit"));
	assert_false(exit_is_shutdown("/shutdown/kexit"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kexec_hands_over_when_all_is_taken_down),
		cmocka_unit_test(a_handover_that_fails_goes_through_firmware),
		cmocka_unit_test(a_kexec_without_an_image_goes_through_firmware),
		cmocka_unit_test(what_is_no_kexec_hands_nothing_over),
		cmocka_unit_test(what_stays_is_named_and_the_handover_comes_all_the_same),
		cmocka_unit_test(only_shutdown_is_shutdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
