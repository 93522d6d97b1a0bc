// SPDX-License-Identifier: GPL-2.0-or-later
/* What crosses the jump: the archive as the kernel's unpacker reads it, and what is found of it there. */
#include "unit/fake/fake_ops.h"

#include "across/carried.h"
#include "across/handover_id.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	fake_file(fake, "/proc/sys/kernel/random/uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8\n");
	fake_file(fake, "/proc/sys/kernel/random/boot_id",
		  "11111111-2222-3333-4444-555555555555\n");
	fake_file(fake, "/proc/sys/kernel/osrelease", "6.1.0-1-amd64\n");
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	fake_free(*state);
	return 0;
}

/* ---- the archive */

struct archive {
	char bytes[8192];
	size_t length, at;
};

struct entry {
	unsigned int mode;
	const char *name, *data;
	size_t size;
};

static void pack(const struct carried_file files[], struct archive *ret)
{
	struct error e = ERROR_NONE;
	ssize_t n;
	int fd;

	assert_int_equal(carried_pack(files, &fd, &e), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	n = pread(fd, ret->bytes, sizeof(ret->bytes), 0);
	assert_true(n > 0 && n < (ssize_t)sizeof(ret->bytes));
	ret->length = (size_t)n;
	ret->at = 0;
	close(fd);
}

static unsigned int field(const char *header, unsigned int number)
{
	char digits[9] = "";

	memcpy(digits, header + 6 + 8 * number, 8);
	return (unsigned int)strtoul(digits, NULL, 16);
}

/* As Linux' init/initramfs.c goes through it: zeros are skipped, a header starts at a multiple of 4. */
static struct entry next(struct archive *archive)
{
	const char *header;
	struct entry entry;

	while (archive->at < archive->length && !archive->bytes[archive->at])
		archive->at++;
	assert_int_equal(archive->at % 4, 0);
	header = archive->bytes + archive->at;
	assert_memory_equal(header, "070701", 6);
	entry.mode = field(header, 1);
	entry.size = field(header, 6);
	entry.name = header + 110;
	assert_int_equal(strlen(entry.name) + 1, field(header, 11));
	archive->at = (archive->at + 110 + field(header, 11) + 3) & ~(size_t)3;
	entry.data = archive->bytes + archive->at;
	archive->at = (archive->at + entry.size + 3) & ~(size_t)3;
	assert_true(archive->at <= archive->length);
	return entry;
}

static void the_kernel_finds_a_folder_and_its_files(void **state)
{
	json_t *value = json_pack("{s:s}", "id", "x");
	const struct carried_file files[] = {
		{ CARRIED_HANDOVER, value },
		{ CARRIED_RECORD, NULL },
		{ CARRIED_PLAN, value },
		{ NULL, NULL },
	};
	struct archive archive;
	struct entry entry;

	pack(files, &archive);
	entry = next(&archive);
	assert_string_equal(entry.name, "kexit");
	assert_int_equal(entry.mode, S_IFDIR | 0700);
	entry = next(&archive);
	assert_string_equal(entry.name, "kexit/handover.json");
	assert_int_equal(entry.mode, S_IFREG | 0600);
	assert_int_equal(entry.size, strlen("{\"id\":\"x\"}\n"));
	assert_memory_equal(entry.data, "{\"id\":\"x\"}\n", entry.size);
	entry = next(&archive);
	assert_string_equal(entry.name, "kexit/plan.json");
	assert_string_equal(next(&archive).name, "TRAILER!!!");
	json_decref(value);
}

/* Behind an initrd in lz4's legacy format, whose blocks end with one of length 0. */
static void four_zeros_come_first(void **state)
{
	const struct carried_file files[] = { { NULL, NULL } };
	struct archive archive;

	pack(files, &archive);
	assert_memory_equal(archive.bytes,
			    "\0\0\0\0"
			    "070701",
			    10);
}

static void the_archive_is_a_multiple_of_four(void **state)
{
	for (size_t length = 0; length < 4; length++) {
		json_t *value = json_pack("{s:s#}", "id", "xyz", (int)length);
		const struct carried_file files[] = { { CARRIED_HANDOVER, value }, { NULL, NULL } };
		struct archive archive;

		pack(files, &archive);
		assert_int_equal(archive.length % 4, 0);
		next(&archive);
		next(&archive);
		assert_string_equal(next(&archive).name, "TRAILER!!!");
		json_decref(value);
	}
}

/* ---- on the other side */

static void what_came_is_read(void **state)
{
	struct fake *fake = *state;
	json_t *value;

	fake_file(fake, CARRIED_FOLDER "/" CARRIED_HANDOVER, "{\"id\": \"0f0f\"}");
	assert_int_equal(carried_read(fake->sys.root, CARRIED_HANDOVER, &value, NULL), 0);
	assert_string_equal(handover_id(value), "0f0f");
	json_decref(value);
}

static void nothing_came_is_told_from_no_module(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;
	json_t *value;

	assert_int_equal(carried_read(fake->sys.root, CARRIED_HANDOVER, &value, &e), -ENOENT);
	assert_false(carried_would_show(fake->sys.root));
	fake_dir(fake, CARRIED_FOLDER);
	assert_int_equal(carried_read(fake->sys.root, CARRIED_HANDOVER, &value, &e), -ENOENT);
	assert_true(carried_would_show(fake->sys.root));
}

static void what_is_no_object_is_refused(void **state)
{
	static const char *const texts[] = { "", "[]", "{\"id\": 1", "{\"id\": 1, \"id\": 2}" };
	struct fake *fake = *state;
	json_t *value;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct error e = ERROR_NONE;

		fake_file(fake, CARRIED_FOLDER "/" CARRIED_HANDOVER, texts[i]);
		assert_int_equal(carried_read(fake->sys.root, CARRIED_HANDOVER, &value, &e),
				 -EBADMSG);
		assert_non_null(strstr(e.text, "handover.json:"));
	}
}

/* ---- the modules of the initrds */

/* The script @name of data/ on the machine, as sh reads it there. */
static int run_module(const struct fake *fake, const char *name, const char *argument)
{
	char command[1024];

	snprintf(
		command, sizeof(command),
		"sed 's:/run/kexit:%s&:g; s:\\([ \"]\\)/kexit/:\\1%s/kexit/:' '%s/../data/%s' >'%s/.script' && "
		"sh '%s/.script' %s",
		fake->tree, fake->tree, getenv("KEXIT_TESTS"), name, fake->tree, fake->tree,
		argument);
	return system(command);
}

static const char *const modules[] = { "initramfs-tools/kexit", "dracut/kexit.sh" };

static void a_module_hands_on_what_came(void **state)
{
	struct fake *fake = *state;
	char path[256];
	struct stat st;

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		char *text;

		fake_file(fake, "/kexit/handover.json", modules[i]);
		fake_file(fake, "/kexit/other", "x");
		assert_int_equal(run_module(fake, modules[i], ""), 0);
		text = fake_text(fake, CARRIED_FOLDER "/" CARRIED_HANDOVER);
		assert_non_null(text);
		assert_string_equal(text, modules[i]);
		free(text);
		assert_null(fake_text(fake, CARRIED_FOLDER "/other"));
		snprintf(path, sizeof(path), "%s" CARRIED_FOLDER "/" CARRIED_HANDOVER, fake->tree);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void a_module_makes_the_folder_where_nothing_came(void **state)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		struct fake *fake = fake_new(NULL, NULL);

		assert_int_equal(run_module(fake, modules[i], ""), 0);
		assert_true(carried_would_show(fake->sys.root));
		fake_free(fake);
	}
}

/* initramfs-tools asks each of its scripts what has to run before it. */
static void prerequisites_are_asked_for_alone(void **state)
{
	struct fake *fake = *state;

	assert_int_equal(run_module(fake, "initramfs-tools/kexit", "prereqs"), 0);
	assert_false(carried_would_show(fake->sys.root));
}

/* ---- a handover's name */

static void a_handover_has_an_id_and_two_ends(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;
	json_t *handover =
		handover_id_new(fake->sys.root, "reboot", "/boot/vmlinuz", "5-cbf29ce4", &e);

	assert_non_null(handover);
	assert_string_equal(handover_id(handover), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
	assert_string_equal(handover_from(handover), "6.1.0-1-amd64");
	assert_string_equal(handover_boot_id(handover), "11111111-2222-3333-4444-555555555555");
	assert_string_equal(handover_to(handover), "5-cbf29ce4");
	assert_string_equal(handover_kernel(handover), "/boot/vmlinuz");
	json_decref(handover);
}

static void without_an_id_there_is_no_handover(void **state)
{
	struct fake *fake = *state;
	struct error e = ERROR_NONE;

	fake_file(fake, "/proc/sys/kernel/random/uuid", "");
	assert_null(handover_id_new(fake->sys.root, "reboot", "/boot/vmlinuz", "5-cb", &e));
	assert_non_null(strstr(e.text, "/proc/sys/kernel/random/uuid"));
	assert_int_equal(e.code, -ENODATA);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_kernel_finds_a_folder_and_its_files),
		TEST(four_zeros_come_first),
		TEST(the_archive_is_a_multiple_of_four),
		TEST(what_came_is_read),
		TEST(nothing_came_is_told_from_no_module),
		TEST(what_is_no_object_is_refused),
		TEST(a_module_hands_on_what_came),
		TEST(a_module_makes_the_folder_where_nothing_came),
		TEST(prerequisites_are_asked_for_alone),
		TEST(a_handover_has_an_id_and_two_ends),
		TEST(without_an_id_there_is_no_handover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
