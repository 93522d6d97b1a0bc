// SPDX-License-Identifier: GPL-2.0-or-later
/* One menu for a machine: twins are one row, and each stands under the system that it boots. */
#include "boot/root_word.h"
#include "boot/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define VIEWS 3

/* An ESP, the root that its GRUB leads to, and a second disk. */
struct bench {
	struct fsroot *roots[VIEWS];
	struct offer offers[VIEWS];
	struct volume_view views[VIEWS];
	struct shown shown;
	struct shown_wish wish;
};

static int setup(void **state)
{
	static const char *const names[VIEWS] = { "sda1", "sda2", "sdb1" };
	static const char *const folders[VIEWS] = { "/run/kexit/mnt/sda1", "/run/kexit/mnt/sda2",
						    "/run/kexit/mnt/sdb1" };
	struct bench *b = calloc(1, sizeof(*b));

	for (int i = 0; i < VIEWS; i++) {
		assert_int_equal(fsroot_name(folders[i], &b->roots[i]), 0);
		b->offers[i] = (struct offer){ .list = entry_list_new(), .system = "" };
		b->views[i] = (struct volume_view){
			.name = names[i],
			.label = "",
			.uuid = "",
			.part_uuid = "",
			.mapped = "",
			.offer = &b->offers[i],
		};
	}
	b->offers[1].system = "Debian 12";
	b->views[1].uuid = "1c2e-root";
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	shown_done(&b->shown);
	for (int i = 0; i < VIEWS; i++) {
		entry_list_free(b->offers[i].list);
		fsroot_close(b->roots[i]);
	}
	free(b);
	return 0;
}

/* View @by offers it; its kernel is on view @on. */
static struct entry *add(struct bench *b, int by, int on, const char *id, const char *kernel,
			 const char *options)
{
	struct entry_source source = { .root = b->roots[by] };
	struct entry_list *list = b->offers[by].list;
	struct entry *entry = entry_list_add(list, &source, ENTRY_GRUB, "/grub.cfg", 3);

	entry->id = id;
	entry->title = strchr(id, ':') + 1;
	entry->kernel = (struct entry_file){ .root = b->roots[on], .path = kernel, .length = 9 };
	entry_add_options(list, entry, options);
	return entry;
}

static void make(struct bench *b)
{
	shown_make(&b->shown, b->views, VIEWS, &b->wish);
}

static void assert_row(struct bench *b, size_t i, const char *id, const char *system,
		       const char *also)
{
	assert_true(i < b->shown.count);
	assert_string_equal(b->shown.rows[i].entry->id, id);
	assert_string_equal(b->shown.rows[i].system, system);
	assert_string_equal(b->shown.rows[i].also ?: "", also);
}

static void what_two_file_systems_offer_is_one_row(void **state)
{
	struct bench *b = *state;

	add(b, 0, 1, "sda1:Debian", "/vmlinuz", "root=UUID=1C2E-root ro");
	add(b, 0, 1, "sda1:Debian (recovery)", "/vmlinuz", "root=UUID=1c2e-root single");
	add(b, 1, 1, "sda2:Debian", "/vmlinuz", "root=UUID=1c2e-root  ro");
	add(b, 1, 1, "sda2:Debian (recovery)", "/vmlinuz", "root=UUID=1c2e-root single");
	b->offers[1].list->entries[0]->options = b->offers[0].list->entries[0]->options;
	make(b);
	assert_int_equal(b->shown.count, 2);
	assert_row(b, 0, "sda1:Debian", "Debian 12, sda2, sda1", "sda2: /grub.cfg, line 3");
	assert_row(b, 1, "sda1:Debian (recovery)", "Debian 12, sda2, sda1",
		   "sda2: /grub.cfg, line 3");
	assert_string_equal(b->shown.rows[0].place, "sda1");
}

/* Of one file system both are there on purpose: "Debian", and below "Advanced options" its kernel. */
static void what_one_file_system_offers_twice_is_two_rows(void **state)
{
	struct bench *b = *state;

	add(b, 1, 1, "sda2:Debian", "/vmlinuz", "ro");
	add(b, 1, 1, "sda2:Debian, with Linux 6.1", "/vmlinuz", "ro");
	make(b);
	assert_int_equal(b->shown.count, 2);
	assert_row(b, 1, "sda2:Debian, with Linux 6.1", "Debian 12, sda2", "");
}

static void the_one_that_can_be_booted_is_shown(void **state)
{
	struct bench *b = *state;

	add(b, 0, 1, "sda1:Debian", "/vmlinuz", "ro")->greyed = "broken";
	add(b, 1, 1, "sda2:Debian", "/vmlinuz", "ro");
	make(b);
	assert_int_equal(b->shown.count, 1);
	assert_row(b, 0, "sda2:Debian", "Debian 12, sda2, sda1", "sda1: /grub.cfg, line 3");
}

static void the_default_is_shown(void **state)
{
	struct bench *b = *state;

	add(b, 0, 1, "sda1:Debian", "/vmlinuz", "ro");
	b->wish.preferred = add(b, 1, 1, "sda2:Debian", "/vmlinuz", "ro");
	make(b);
	assert_int_equal(b->shown.count, 1);
	assert_ptr_equal(b->shown.rows[0].entry, b->wish.preferred);
}

/* The halves of a mirror, read singly: the same files, each on its own disk. */
static void copies_of_a_disk_are_one_row_until_one_fails(void **state)
{
	struct bench *b = *state;

	b->views[2].uuid = b->views[1].uuid;
	add(b, 1, 1, "sda2:Debian", "/vmlinuz", "ro");
	add(b, 2, 2, "sdb1:Debian", "/vmlinuz", "ro");
	make(b);
	assert_int_equal(b->shown.count, 1);
	assert_row(b, 0, "sda2:Debian", "Debian 12, sda2, sdb1", "sdb1: /grub.cfg, line 3");
	b->wish.failed_id = "sda2:Debian";
	make(b);
	assert_int_equal(b->shown.count, 2);
	/* Nor where the kernels differ in length. */
	b->wish.failed_id = NULL;
	b->offers[2].list->entries[0]->kernel.length = 10;
	make(b);
	assert_int_equal(b->shown.count, 2);
}

/* A shared boot partition: entries of two systems, in turns. */
static void a_system_is_headed_by_its_own_name(void **state)
{
	struct bench *b = *state;

	b->offers[2].system = "Fedora 41";
	b->views[2].label = "fedora";
	b->views[0].label = "EFI";
	add(b, 0, 0, "sda1:debian.conf", "/d", "root=UUID=1c2e-root");
	add(b, 0, 0, "sda1:fedora.conf", "/f", "root=LABEL=fedora");
	add(b, 0, 0, "sda1:debian-old.conf", "/d1", "root=UUID=1c2e-root");
	add(b, 0, 0, "sda1:unknown.conf", "/u", "root=UUID=none");
	add(b, 0, 0, "sda1:hidden.conf", "/h", "")->is_hidden = true;
	make(b);
	assert_int_equal(b->shown.count, 4);
	assert_row(b, 0, "sda1:debian.conf", "Debian 12, sda2, sda1", "");
	assert_row(b, 1, "sda1:debian-old.conf", "Debian 12, sda2, sda1", "");
	assert_row(b, 2, "sda1:fedora.conf", "Fedora 41, sdb1, sda1", "");
	assert_row(b, 3, "sda1:unknown.conf", "sda1 (EFI)", "");
}

static void the_ways_to_name_a_root(void **state)
{
	static const struct {
		const char *options;
		size_t index;
	} cases[] = {
		{ "ro root=UUID=ABcd quiet", 0 },
		{ "root=PARTUUID=12-02", 1 },
		{ "root=/dev/disk/by-partuuid/12-02", 1 },
		{ "root=LABEL=My", 2 },
		{ "root=LABEL=my", 3 },
		{ "root=/dev/mapper/vg-my--root", 1 },
		{ "root=/dev/vg/my-root", 1 },
		{ "root=/dev/vg/my", 3 },
		{ "root=/dev/sdb1", 2 },
		{ "root=/dev/sda1 root=/dev/sda2", 1 },
		{ "nfsroot=UUID=abcd", 3 },
		{ "root=UUID=abcde", 3 },
		{ "root=", 3 },
		{ "", 3 },
	};
	struct bench *b = *state;

	b->views[0].uuid = "abcd";
	b->views[1].part_uuid = "12-02";
	b->views[1].mapped = "vg-my--root";
	b->views[2].label = "My";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (root_word_find(cases[i].options, b->views, VIEWS) != cases[i].index)
			fail_msg("%s", cases[i].options);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_two_file_systems_offer_is_one_row),
		TEST(what_one_file_system_offers_twice_is_two_rows),
		TEST(the_one_that_can_be_booted_is_shown),
		TEST(the_default_is_shown),
		TEST(copies_of_a_disk_are_one_row_until_one_fails),
		TEST(a_system_is_headed_by_its_own_name),
		TEST(the_ways_to_name_a_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
