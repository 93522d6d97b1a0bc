// SPDX-License-Identifier: GPL-2.0-or-later
/* What boots when nobody chooses, and what does after that failed. */
#include "offer/choose.h"
#include "offer/sameness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bench {
	struct fsroot *roots[2];
	struct entry_list *lists[2];
	struct choose_source sources[2];
};

/* The kernel is @kernel, its initrd @initrd (NULL: none), on the list's file system. */
static struct entry *add(struct bench *b, int list, const char *id, const char *kernel,
			 const char *initrd, const char *options)
{
	struct entry_source source = { .root = b->roots[list] };
	struct entry *entry = entry_list_add(b->lists[list], &source, ENTRY_BLS, "/x.conf", 1);

	entry->id = id;
	entry->title = strchr(id, ':') + 1;
	entry->kernel = (struct entry_file){ .root = b->roots[list], .path = kernel };
	if (initrd)
		entry_add_initrd(b->lists[list], entry, b->roots[list], initrd);
	entry_add_options(b->lists[list], entry, options);
	return entry;
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_int_equal(fsroot_name("/run/kexit/mnt/sda1", &b->roots[0]), 0);
	assert_int_equal(fsroot_name("/run/kexit/mnt/sdb1", &b->roots[1]), 0);
	for (int i = 0; i < 2; i++) {
		b->lists[i] = entry_list_new();
		b->sources[i] = (struct choose_source){ b->lists[i], true, true };
	}
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 2; i++) {
		entry_list_free(b->lists[i]);
		fsroot_close(b->roots[i]);
	}
	free(b);
	return 0;
}

/* Two systems, the first without a default, and with an entry that cannot be booted. */
static void add_two(struct bench *b)
{
	add(b, 0, "sda1:old.conf", "/vmlinuz-1", NULL, "");
	add(b, 0, "sda1:grey.conf", "/vmlinuz-1", NULL, "")->greyed = "its initrd is not there";
	b->lists[1]->preferred = add(b, 1, "sdb1:new.conf", "/vmlinuz-2", NULL, "");
}

static const char *chosen(struct bench *b, const char *wanted)
{
	struct choice choice = choose_default(b->sources, 2, wanted);

	if (choice.withheld)
		return choice.withheld->list->withheld;
	if (choice.stuck)
		return choice.stuck->greyed;
	return choice.entry ? choice.entry->id : "none";
}

static void the_first_system_with_a_default_decides(void **state)
{
	struct bench *b = *state;

	add_two(b);
	assert_string_equal(chosen(b, ""), "sdb1:new.conf");
	b->lists[0]->preferred = b->lists[0]->entries[0];
	assert_string_equal(chosen(b, ""), "sda1:old.conf");
}

static void a_default_that_leads_away_holds_up_the_disks_behind_it(void **state)
{
	struct bench *b = *state;

	add_two(b);
	b->lists[0]->withheld = "its default is Windows";
	assert_string_equal(chosen(b, ""), "its default is Windows");
	/* A person who names one wants it. */
	assert_string_equal(chosen(b, "sdb1:new.conf"), "sdb1:new.conf");
	/* And none of a disk that nobody wants to boot by itself. */
	b->sources[0].may_boot = false;
	assert_string_equal(chosen(b, ""), "sdb1:new.conf");
}

static void what_bootdevs_does_not_name_boots_only_by_name(void **state)
{
	struct bench *b = *state;

	add_two(b);
	b->sources[1].may_boot = false;
	assert_string_equal(chosen(b, ""), "none");
	assert_string_equal(chosen(b, "new.conf"), "sdb1:new.conf");
}

static void a_default_by_name(void **state)
{
	struct bench *b = *state;

	add_two(b);
	assert_string_equal(chosen(b, "sdb1:new.conf"), "sdb1:new.conf");
	assert_string_equal(chosen(b, "old.conf"), "sda1:old.conf");
	assert_string_equal(chosen(b, "*.conf"), "sda1:old.conf");
	assert_string_equal(chosen(b, "absent"), "none");
}

/* It is the configured default, and nothing boots in its place. */
static void a_default_by_name_that_cannot_be_booted_is_told(void **state)
{
	struct bench *b = *state;

	add_two(b);
	assert_string_equal(chosen(b, "grey.conf"), "its initrd is not there");
	/* Another that the pattern fits can. */
	assert_string_equal(chosen(b, "[gn]*.conf"), "sdb1:new.conf");
}

static const char *next(struct bench *b, const char *failed)
{
	const struct entry *entry = choose_next(b->sources, 2, failed);

	return entry ? entry->id : "none";
}

static void after_a_failure_the_next_below_is_tried(void **state)
{
	struct bench *b = *state;

	add_two(b);
	assert_string_equal(next(b, "sda1:old.conf"), "sdb1:new.conf");
	assert_string_equal(next(b, "sdb1:new.conf"), "sda1:old.conf");
	b->lists[0]->entries[0]->is_hidden = true;
	assert_string_equal(next(b, "sdb1:new.conf"), "none");
}

/* Debian's GRUB: the title of the newest kernel twice, each kernel's recovery mode, the older one. */
static void the_fallback_is_another_kernel(void **state)
{
	struct bench *b = *state;

	add(b, 0, "sda1:Debian", "/boot/vmlinuz-2", "/boot/initrd-2", "ro quiet");
	add(b, 0, "sda1:Debian, with Linux 2", "/boot/vmlinuz-2", "/boot/initrd-2", "ro quiet");
	add(b, 0, "sda1:Debian, with Linux 2 (recovery mode)", "/boot/vmlinuz-2", "/boot/initrd-2",
	    "ro single");
	add(b, 0, "sda1:Debian, with Linux 1", "/boot/vmlinuz-1", "/boot/initrd-1", "ro quiet");
	add(b, 0, "sda1:Debian, with Linux 1 (recovery mode)", "/boot/vmlinuz-1", "/boot/initrd-1",
	    "ro single");
	assert_string_equal(next(b, "sda1:Debian"), "sda1:Debian, with Linux 1");
	/* From the last around to the first. */
	assert_string_equal(next(b, "sda1:Debian, with Linux 1"), "sda1:Debian");
	/* Its own system's older kernel, not another system. */
	add(b, 1, "sdb1:Other", "/vmlinuz", NULL, "");
	assert_string_equal(next(b, "sda1:Debian"), "sda1:Debian, with Linux 1");
	/* Without the older kernel only its recovery mode is left: then the other system. */
	b->lists[0]->entries[3]->greyed = "gone";
	assert_string_equal(next(b, "sda1:Debian"), "sdb1:Other");
	b->lists[1]->entries[0]->greyed = "gone";
	assert_string_equal(next(b, "sda1:Debian"), "sda1:Debian, with Linux 1 (recovery mode)");
	b->lists[0]->entries[4]->greyed = "gone";
	assert_string_equal(next(b, "sda1:Debian"), "none");
}

/* /vmlinuz is a link to it. */
static void one_file_by_two_paths_is_one_kernel(void **state)
{
	struct bench *b = *state;
	struct entry *first = add(b, 0, "sda1:a", "/vmlinuz", NULL, "");
	struct entry *second = add(b, 0, "sda1:b", "/boot/vmlinuz-1", NULL, "");

	first->kernel.device = second->kernel.device = 3;
	first->kernel.inode = second->kernel.inode = 9;
	assert_string_equal(next(b, "sda1:a"), "none");
	second->kernel.device = 4;
	assert_string_equal(next(b, "sda1:a"), "sda1:b");
}

/* Its initrd was on a bad block. */
static void the_same_kernel_with_another_initrd_is_better_than_none(void **state)
{
	struct bench *b = *state;

	add(b, 0, "sda1:a", "/vmlinuz", "/initrd", "");
	add(b, 0, "sda1:b", "/vmlinuz", "/initrd-old", "");
	assert_string_equal(next(b, "sda1:a"), "sda1:b");
	add(b, 0, "sda1:c", "/vmlinuz-old", "/initrd-old", "");
	assert_string_equal(next(b, "sda1:a"), "sda1:c");
}

/* On an installer's stick that would be an installer. */
static void nothing_that_was_plugged_in_is_a_fallback(void **state)
{
	struct bench *b = *state;

	add(b, 0, "sda1:system", "/vmlinuz", NULL, "");
	add(b, 1, "sdb1:install", "/install/vmlinuz", NULL, "");
	b->sources[1].is_fixed = false;
	assert_string_equal(next(b, "sda1:system"), "none");
	/* But one of the stick that is booted from is one of its own. */
	add(b, 1, "sdb1:other", "/other/vmlinuz", NULL, "");
	assert_string_equal(next(b, "sdb1:install"), "sdb1:other");
	/* Nor is one of a disk whose default leads away, or that is not to boot. */
	b->sources[1].is_fixed = true;
	b->lists[1]->withheld = "its default is Windows";
	assert_string_equal(next(b, "sda1:system"), "none");
	b->lists[1]->withheld = NULL;
	b->sources[1].may_boot = false;
	assert_string_equal(next(b, "sda1:system"), "none");
	b->sources[1].may_boot = true;
	assert_string_equal(next(b, "sda1:system"), "sdb1:install");
}

static void what_is_for_mending_a_system(void **state)
{
	static const struct {
		const char *title, *options;
		bool is_recovery;
	} cases[] = {
		{ "Debian", "root=/dev/sda1 ro single", true },
		{ "Debian", "ro recovery nomodeset", true },
		{ "Debian", "single", true },
		{ "Fedora", "ro systemd.unit=emergency.target", true },
		{ "Fedora", "rd.break=pre-mount", true },
		{ "Arch", "init=/bin/bash rw", true },
		{ "Fedora (0-rescue-0123) 41", "ro", true },
		{ "Debian, RECOVERY mode", "ro", true },
		{ "Debian", "root=/dev/sda1 ro quiet", false },
		{ "Debian", "root=LABEL=single ro init=/sbin/init", false },
		{ "Debian", "console=ttyS0,115200 s1 singleton", false },
		{ "Debian", "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char options[128];
		struct entry entry = { .id = "x", .title = cases[i].title, .options = options };

		strcpy(options, cases[i].options);
		if (sameness_is_recovery(&entry) != cases[i].is_recovery)
			fail_msg("%s: %s", cases[i].title, cases[i].options);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_system_with_a_default_decides),
		TEST(a_default_that_leads_away_holds_up_the_disks_behind_it),
		TEST(what_bootdevs_does_not_name_boots_only_by_name),
		TEST(a_default_by_name),
		TEST(a_default_by_name_that_cannot_be_booted_is_told),
		TEST(after_a_failure_the_next_below_is_tried),
		TEST(the_fallback_is_another_kernel),
		TEST(one_file_by_two_paths_is_one_kernel),
		TEST(the_same_kernel_with_another_initrd_is_better_than_none),
		TEST(nothing_that_was_plugged_in_is_a_fallback),
		cmocka_unit_test(what_is_for_mending_a_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
