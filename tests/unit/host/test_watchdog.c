// SPDX-License-Identifier: GPL-2.0-or-later
/* Which watchdog may guard a jump, on machines of a few files. */
#include "unit/fake/fake_ops.h"

#include "host/watchdog.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define RELEASE	  "6.12.57+deb13-amd64"
#define MODULES	  "/lib/modules/" RELEASE
#define DOG	  "/sys/class/watchdog/watchdog0"
#define PARAMETER "/sys/module/watchdog/parameters/stop_on_reboot"

static void put_dog(struct fake *fake, const char *folder, const char *module)
{
	char path[200], target[200];

	snprintf(path, sizeof(path), "%s/state", folder);
	fake_file(fake, path, "inactive\n");
	snprintf(path, sizeof(path), "%s/max_timeout", folder);
	fake_file(fake, path, "2046\n");
	snprintf(path, sizeof(path), "%s/nowayout", folder);
	fake_file(fake, path, "0\n");
	snprintf(path, sizeof(path), "%s/device/driver/.keep", folder);
	fake_file(fake, path, "");
	snprintf(path, sizeof(path), "%s/device/driver/module", folder);
	snprintf(target, sizeof(target), "../../../../module/%s", module);
	fake_link(fake, path, target);
}

/* A machine whose one watchdog can do it. */
static int set_up(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	put_dog(fake, DOG, "i6300esb");
	fake_file(fake, PARAMETER, "0\n");
	fake_file(fake, MODULES "/modules.builtin", "kernel/drivers/tty/serial/8250/8250.ko\n");
	fake_file(fake, MODULES "/modules.dep",
		  "kernel/drivers/watchdog/sp5100_tco.ko:\nkernel/drivers/watchdog/i6300esb.ko:\n");
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	fake_free(*state);
	return 0;
}

static void assert_chosen(const struct fake *fake, const char *name, const char *module)
{
	struct watchdog_choice choice;
	struct error e = ERROR_NONE;

	if (watchdog_choose(fake->sys.root, RELEASE, 300, &choice, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(choice.name, name);
	assert_string_equal(choice.module, module);
	assert_int_equal(choice.seconds, 300);
}

static void assert_none(const struct fake *fake, const char *why)
{
	struct watchdog_choice choice;
	struct error e = ERROR_NONE;

	assert_int_equal(watchdog_choose(fake->sys.root, RELEASE, 300, &choice, &e), -ENODEV);
	if (!strstr(e.text, why))
		fail_msg("\"%s\" does not say \"%s\"", e.text, why);
}

static void a_driver_in_the_next_kernel_s_modules_will_do(void **state)
{
	assert_chosen(*state, "watchdog0", "i6300esb");
}

static void a_driver_built_in_will_do(void **state)
{
	fake_file(*state, MODULES "/modules.dep", "");
	fake_file(*state, MODULES "/modules.builtin", "kernel/drivers/watchdog/i6300esb.ko\n");
	assert_chosen(*state, "watchdog0", "i6300esb");
}

static void a_compressed_module_with_another_dash_is_the_same(void **state)
{
	fake_file(*state, DOG "/state", "active\n");
	put_dog(*state, "/sys/class/watchdog/watchdog1", "max77620_wdt");
	fake_file(*state, MODULES "/modules.dep",
		  "kernel/drivers/watchdog/max77620-wdt.ko.xz: a.ko.xz\n");
	assert_chosen(*state, "watchdog1", "max77620_wdt");
}

/* One that only needs the other, or whose name is longer, is another. */
static void a_module_that_sounds_alike_is_none(void **state)
{
	fake_file(*state, MODULES "/modules.dep",
		  "kernel/x.ko: kernel/drivers/watchdog/i6300esb.ko\nkernel/i6300esb2.ko:\n");
	assert_none(*state, "is not known to have its driver, i6300esb");
}

static void a_kernel_without_a_folder_of_modules_is_not_known(void **state)
{
	const struct fake *fake = *state;
	struct watchdog_choice choice;
	struct error e = ERROR_NONE;

	assert_int_equal(watchdog_choose(fake->sys.root, "6.1.0-50-amd64", 300, &choice, &e),
			 -ENODEV);
	assert_non_null(strstr(e.text, "the next kernel (6.1.0-50-amd64)"));
}

static void a_blacklisted_driver_is_not_loaded(void **state)
{
	fake_file(*state, "/lib/modprobe.d/blacklist_linux.conf",
		  "# watchdogs\nblacklist sp5100_tco\n  blacklist\ti6300esb\n");
	assert_none(*state, "/lib/modprobe.d/blacklist_linux.conf keeps its driver, i6300esb");
}

static void another_s_blacklist_is_none(void **state)
{
	fake_file(*state, "/etc/modprobe.d/a.conf",
		  "blacklist i6300esb_more\n#blacklist i6300esb\n");
	fake_file(*state, "/etc/modprobe.d/a.conf.bak", "blacklist i6300esb\n");
	assert_chosen(*state, "watchdog0", "i6300esb");
}

static void one_that_somebody_feeds_is_left_to_him(void **state)
{
	fake_file(*state, DOG "/state", "active\n");
	assert_none(*state, "watchdog0: it is active: somebody feeds it already");
}

static void one_that_cannot_wait_so_long_is_none(void **state)
{
	fake_file(*state, DOG "/max_timeout", "63\n");
	assert_none(*state, "it can wait 63 s at most, not 300");
	/* The kernel feeds the hardware in its place, until the jump. */
	fake_file(*state, DOG "/max_timeout", "0\n");
	assert_none(*state, "how long it can wait by itself is not known");
}

/* -1: as the driver has it, which nothing shows. */
static void one_that_the_kernel_may_stop_in_its_shutdown_is_none(void **state)
{
	fake_file(*state, PARAMETER, "-1\n");
	assert_none(*state, "watchdog0: the kernel may stop it in its shutdown");
	fake_file(*state, PARAMETER, "1\n");
	assert_none(*state, "watchdog.stop_on_reboot=0");
	fake_file(*state, PARAMETER, "0\n");
	assert_chosen(*state, "watchdog0", "i6300esb");
}

static void software_is_none(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	fake_file(fake, DOG "/state", "inactive\n");
	fake_file(fake, DOG "/max_timeout", "65535\n");
	assert_none(fake, "no hardware is behind it");
	fake_free(fake);
}

/* Linux 6.1's i6300esb: no parent, and the driver's name for an identity. */
static void one_without_a_parent_is_known_by_its_identity(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	fake_file(fake, DOG "/state", "inactive\n");
	fake_file(fake, DOG "/max_timeout", "2046\n");
	fake_file(fake, DOG "/identity", "i6300ESB timer\n");
	fake_file(fake, PARAMETER, "0\n");
	fake_file(fake, MODULES "/modules.builtin", "");
	fake_file(fake, MODULES "/modules.dep", "kernel/drivers/watchdog/i6300esb.ko:\n");
	assert_none(fake, "watchdog0: no hardware is behind it");
	fake_file(fake, "/sys/bus/pci/drivers/i6300ESB timer/unbind", "");
	fake_link(fake, "/sys/bus/pci/drivers/i6300ESB timer/module",
		  "../../../../module/i6300esb");
	assert_chosen(fake, "watchdog0", "i6300esb");
	fake_free(fake);
}

static void the_next_one_is_tried(void **state)
{
	fake_file(*state, DOG "/state", "active\n");
	put_dog(*state, "/sys/class/watchdog/watchdog1", "sp5100_tco");
	assert_chosen(*state, "watchdog1", "sp5100_tco");
}

static void a_machine_without_one_says_so(void **unused)
{
	struct fake *fake = fake_new(NULL, NULL);

	assert_none(fake, "this machine has no watchdog");
	fake_free(fake);
}

static void nowayout_is_seen(void **state)
{
	const struct fake *fake = *state;

	assert_false(watchdog_is_nowayout(fake->sys.root, "watchdog0"));
	fake_file(*state, DOG "/nowayout", "1\n");
	assert_true(watchdog_is_nowayout(fake->sys.root, "watchdog0"));
}

static void a_note_is_read_back_and_forgotten(void **state)
{
	const struct fake *fake = *state;
	const struct watchdog_choice choice = { "watchdog1", "sp5100_tco", 120 };
	struct watchdog_choice read;
	struct error e = ERROR_NONE;

	fake_dir(*state, "/run");
	assert_int_equal(watchdog_note_read(fake->sys.root, &read), -ENOENT);
	assert_int_equal(watchdog_note_write(fake->sys.root, &choice, &e), 0);
	assert_int_equal(watchdog_note_read(fake->sys.root, &read), 0);
	assert_string_equal(read.name, "watchdog1");
	assert_string_equal(read.module, "sp5100_tco");
	assert_int_equal(read.seconds, 120);
	watchdog_note_forget(fake->sys.root);
	assert_int_equal(watchdog_note_read(fake->sys.root, &read), -ENOENT);
	watchdog_note_forget(fake->sys.root);
}

static void a_note_of_something_else_is_none(void **state)
{
	const struct fake *fake = *state;
	struct watchdog_choice read;

	fake_file(*state, "/run/kexit/watchdog", "../mem x 300\n");
	assert_int_equal(watchdog_note_read(fake->sys.root, &read), -ENOENT);
	fake_file(*state, "/run/kexit/watchdog", "watchdog0 i6300esb\n");
	assert_int_equal(watchdog_note_read(fake->sys.root, &read), -ENOENT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(a_driver_in_the_next_kernel_s_modules_will_do),
		T(a_driver_built_in_will_do),
		T(a_compressed_module_with_another_dash_is_the_same),
		T(a_module_that_sounds_alike_is_none),
		T(a_kernel_without_a_folder_of_modules_is_not_known),
		T(a_blacklisted_driver_is_not_loaded),
		T(another_s_blacklist_is_none),
		T(one_that_somebody_feeds_is_left_to_him),
		T(one_that_cannot_wait_so_long_is_none),
		T(one_that_the_kernel_may_stop_in_its_shutdown_is_none),
		T(software_is_none),
		cmocka_unit_test(one_without_a_parent_is_known_by_its_identity),
		T(the_next_one_is_tried),
		cmocka_unit_test(a_machine_without_one_says_so),
		T(nowayout_is_seen),
		T(a_note_is_read_back_and_forgotten),
		T(a_note_of_something_else_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
