// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit-boot's own images are told from systems, in whatever format they are found. */
#include "sys/boot_image.h"
#include "unit/entry/test_entry_bench.h"
#include "unit/fake/fake_uki.h"

#define TYPE_1 "title Menu\nlinux /k\ninitrd /initramfs.img\n"

static void put_bytes(struct bench *b, const char *path, const void *data, size_t size)
{
	char full[512];
	FILE *file;

	/* The folders. */
	bench_file(b, path, "");
	snprintf(full, sizeof(full), "%s%s", b->fake->tree, path);
	file = fopen(full, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

/* Adds one member of a newc archive behind the *@length bytes of @archive. */
static void add_member(char *archive, size_t *length, const char *name, size_t size)
{
	size_t name_size = strlen(name) + 1;

	*length += (size_t)sprintf(archive + *length,
				   "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
				   1, 0100644, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0);
	memcpy(archive + *length, name, name_size);
	*length = (*length + name_size + 3) / 4 * 4;
	memset(archive + *length, 'x', size);
	*length = (*length + size + 3) / 4 * 4;
}

/* As kexit-mkboot makes it: the marker's archive, and behind it what is compressed. */
static void put_initramfs(struct bench *b, const char *path, const char *first, size_t padding)
{
	static char archive[8192];
	size_t length = 0;

	memset(archive, 0, sizeof(archive));
	if (first) {
		add_member(archive, &length, first, 1000);
		add_member(archive, &length, "TRAILER!!!", 0);
		length += padding;
	}
	add_member(archive, &length, BOOT_IMAGE_FILE, 17);
	add_member(archive, &length, "TRAILER!!!", 0);
	memcpy(archive + length,
	       "\xfd"
	       "7zXZ",
	       6);
	put_bytes(b, path, archive, length + 6);
}

static void put_uki(struct bench *b, const char *path, const char *osrel, const char *cmdline)
{
	const struct fake_section sections[] = {
		{ ".osrel", osrel, 0 },
		{ ".cmdline", cmdline, 0 },
		{ ".linux", "kernel", 0 },
	};
	size_t size;
	unsigned char *image = fake_uki(0x8664, sections, 3, 0, &size);

	put_bytes(b, path, image, size);
	free(image);
}

static void add_system(struct bench *b)
{
	bench_file(b, "/k", "kernel");
	bench_file(b, "/loader/entries/debian.conf", "title Debian\nlinux /k\noptions root=1\n");
}

static void assert_left_out(struct bench *b, const char *path)
{
	assert_int_equal(b->list->own_count, 1);
	assert_string_equal(b->list->own[0]->path, path);
	assert_order(b, "debian.conf");
	assert_string_equal(b->list->preferred->id, "debian.conf");
}

static void a_unified_image_by_its_os_release(void **state)
{
	struct bench *b = *state;

	add_system(b);
	put_uki(b, "/EFI/Linux/kexit.efi", "ID=kexit\nNAME=kexit\n", "quiet");
	bench_read(b);
	assert_left_out(b, "/EFI/Linux/kexit.efi");
}

/* Also where somebody gave it another os-release. */
static void a_unified_image_by_its_command_line(void **state)
{
	struct bench *b = *state;

	add_system(b);
	put_uki(b, "/EFI/Linux/menu.efi", "ID=other\n", "quiet " BOOT_IMAGE_WORD);
	bench_read(b);
	assert_left_out(b, "/EFI/Linux/menu.efi");
}

static void an_initramfs_of_an_entry_file(void **state)
{
	struct bench *b = *state;

	add_system(b);
	put_initramfs(b, "/initramfs.img", NULL, 0);
	bench_file(b, "/loader/entries/a.conf", TYPE_1);
	bench_read(b);
	assert_left_out(b, "/loader/entries/a.conf");
}

static void an_initramfs_behind_microcode(void **state)
{
	struct bench *b = *state;

	add_system(b);
	put_initramfs(b, "/initramfs.img", "kernel/x86/microcode/GenuineIntel.bin", 508);
	bench_file(b, "/loader/entries/a.conf", TYPE_1);
	bench_read(b);
	assert_left_out(b, "/loader/entries/a.conf");
}

static void an_initramfs_that_grub_loads(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/k", "kernel");
	put_initramfs(b, "/kexit/initramfs.img", NULL, 0);
	bench_file(b, "/grub/grub.cfg",
		   "menuentry Menu {\nlinux /k\ninitrd /kexit/initramfs.img\n}\n"
		   "menuentry Debian --id debian.conf {\nlinux /k root=1\n}\n");
	bench_read(b);
	assert_left_out(b, "/grub/grub.cfg");
	/* The default was the first. */
	assert_string_equal(b->list->rule,
			    "no default is configured: the first that can be booted");
}

static void an_initramfs_that_syslinux_loads(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/k", "kernel");
	put_initramfs(b, "/i.img", NULL, 0);
	bench_file(b, "/extlinux/extlinux.conf",
		   "label kexit\nlinux /k\ninitrd /i.img\n"
		   "label debian.conf\nlinux /k\nappend root=1\n");
	bench_read(b);
	assert_left_out(b, "/extlinux/extlinux.conf");
}

/* It was the default, since it is what the machine starts: what it starts is another. */
static void a_default_that_is_the_boot_loader_is_none(void **state)
{
	struct bench *b = *state;

	add_system(b);
	put_uki(b, "/EFI/Linux/kexit.efi", "ID=kexit\n", "");
	bench_file(b, "/loader/loader.conf", "default kexit.efi\n");
	bench_read(b);
	assert_left_out(b, "/EFI/Linux/kexit.efi");
}

static void where_there_is_nothing_else_nothing_boots(void **state)
{
	struct bench *b = *state;

	put_uki(b, "/EFI/Linux/kexit.efi", "ID=kexit\n", "");
	bench_read(b);
	assert_int_equal(b->list->count, 0);
	assert_null(b->list->preferred);
}

/* An initrd that is another archive, none, cut short, or names a member like it; a word like it. */
static void what_is_alike_stays(void **state)
{
	struct bench *b = *state;
	char archive[1024] = "";
	size_t length = 0;

	bench_file(b, "/k", "kernel");
	add_member(archive, &length, BOOT_IMAGE_FILE "s", 4);
	put_bytes(b, "/1", archive, length);
	put_bytes(b, "/2", archive, 50);
	bench_file(b, "/3", BOOT_IMAGE_FILE);
	bench_file(b, "/4", "07070100000001");
	for (char name = '1'; name <= '4'; name++) {
		char path[64], text[128];

		snprintf(path, sizeof(path), "/loader/entries/%c.conf", name);
		snprintf(text, sizeof(text), "linux /k\ninitrd /%c\noptions %s.x x" BOOT_IMAGE_WORD,
			 name, BOOT_IMAGE_WORD);
		bench_file(b, path, text);
	}
	bench_read(b);
	assert_int_equal(b->list->count, 4);
	assert_int_equal(b->list->own_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(a_unified_image_by_its_os_release),
		BENCH_TEST(a_unified_image_by_its_command_line),
		BENCH_TEST(an_initramfs_of_an_entry_file),
		BENCH_TEST(an_initramfs_behind_microcode),
		BENCH_TEST(an_initramfs_that_grub_loads),
		BENCH_TEST(an_initramfs_that_syslinux_loads),
		BENCH_TEST(a_default_that_is_the_boot_loader_is_none),
		BENCH_TEST(where_there_is_nothing_else_nothing_boots),
		BENCH_TEST(what_is_alike_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
