// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever bytes a file has in a title, a path or a command line arrive at the kernel: from the file
 * through a reader, from the process that read it to the one that loads it, to the request for an
 * image. Each test is a property, held against bytes from a generator with a fixed start.
 */
#include "entry/image.h"
#include "offer/carry.h"
#include "offer/offer.h"
#include "unit/entry/test_entry_bench.h"
#include "unit/fake/fake_uki.h"

#include <jansson.h>
#include <unistd.h>

#define ROUNDS	   40
#define WORD_BYTES 40

/* What a round made up, and what must come of it. */
struct made {
	char title[WORD_BYTES], options[WORD_BYTES], kernel[WORD_BYTES], initrd[WORD_BYTES];
};

static uint32_t state_of_random;

static uint32_t random_number(void)
{
	state_of_random = state_of_random * 1664525u + 1013904223u;
	return state_of_random >> 8;
}

/*
 * Any bytes but those that part words and lines in one of the formats, or quote there: these have a
 * meaning, and cannot be in a name that is not quoted.
 */
static void make_word(char *word, char first)
{
	static const char special[] = " \t\r\n\v\f\"'\\/#$,{};|&<>()=:^";
	size_t length = 1 + random_number() % (WORD_BYTES - 2), i = 0;

	word[i++] = first;
	while (i < length) {
		char c = (char)random_number();

		if (c && !strchr(special, c))
			word[i++] = c;
	}
	word[i] = '\0';
}

static void make(struct made *made)
{
	make_word(made->title, 't');
	make_word(made->options, 'o');
	make_word(made->kernel, 'k');
	make_word(made->initrd, 'i');
}

static int length_of(const struct entry_file *file, struct offer_file *ret)
{
	uint64_t size;
	int fd = fsroot_open_file(file->root, file->path, &size);

	if (fd < 0)
		return fd;
	close(fd);
	*ret = (struct offer_file){ .size = size };
	return 0;
}

static struct offer *carry(struct bench *b)
{
	json_t *json = offer_encode(b->list, "sda1", "sys\xfftem", false, length_of);
	char *text = json_dumps(json, JSON_COMPACT);
	struct offer *offer = offer_decode(text, strlen(text));

	assert_non_null(offer);
	free(text);
	json_decref(json);
	return offer;
}

static void assert_part(const struct image_part *part, const char *contents)
{
	char buffer[64] = "";
	size_t length = strlen(contents);

	assert_int_equal(pread(part->fd, buffer, length, (off_t)part->offset), (ssize_t)length);
	assert_string_equal(buffer, contents);
}

/* A title is shown, and a control character of ASCII in it becomes a blank; all else stays. */
static void assert_title(const char *title, const char *made)
{
	assert_int_equal(strlen(title), strlen(made));
	for (size_t i = 0; made[i]; i++) {
		bool is_control = (unsigned char)made[i] < ' ' || made[i] == 0x7f;

		assert_int_equal(title[i], is_control ? ' ' : made[i]);
	}
}

/* Of the one entry there is. */
static void assert_arrives(struct bench *b, const struct made *made, const char *options)
{
	struct error error = ERROR_NONE;
	struct entry_image *image;
	struct offer *offer = carry(b);
	const struct entry *entry;

	assert_int_equal(offer->list->count, 1);
	entry = offer->list->entries[0];
	assert_string_equal(offer->system, "sys\xfftem");
	assert_null(entry->greyed);
	assert_title(entry->title, made->title);
	assert_int_equal(fsroot_reach(offer->roots[0]), 0);
	assert_int_equal(entry_image_open(entry, NULL, &image, &error), 0);
	assert_string_equal(entry_image_request(image)->append, options);
	assert_part(entry_image_request(image)->kernel_part, "the kernel");
	assert_part(&entry_image_request(image)->initrd_parts[0], "the initrd");
	entry_image_close(image);
	offer_free(offer);
}

static void put_files(struct bench *b, const struct made *made)
{
	char path[128];

	snprintf(path, sizeof(path), "/boot/%s", made->kernel);
	bench_file(b, path, "the kernel");
	snprintf(path, sizeof(path), "/boot/%s", made->initrd);
	bench_file(b, path, "the initrd");
}

typedef void (*write_fn)(struct bench *b, const struct made *made);

static void each_round(write_fn write)
{
	state_of_random = 1;
	for (int i = 0; i < ROUNDS; i++) {
		struct bench *b;
		struct made made;

		bench_set_up((void **)&b);
		make(&made);
		put_files(b, &made);
		write(b, &made);
		b->list->machine = NULL;
		bench_read(b);
		assert_arrives(b, &made, made.options);
		bench_tear_down((void **)&b);
	}
}

static void write_bls(struct bench *b, const struct made *made)
{
	char path[128], text[256];

	snprintf(path, sizeof(path), "/boot/loader/entries/%s.conf", made->title);
	snprintf(text, sizeof(text), "title %s\nlinux /%s\ninitrd /%s\noptions %s\n", made->title,
		 made->kernel, made->initrd, made->options);
	bench_file(b, path, text);
}

static void write_syslinux(struct bench *b, const struct made *made)
{
	char text[256];

	snprintf(text, sizeof(text), "LABEL %s\nMENU LABEL %s\nLINUX /%s\nINITRD /%s\nAPPEND %s\n",
		 made->kernel, made->title, made->kernel, made->initrd, made->options);
	bench_file(b, "/boot/syslinux/syslinux.cfg", text);
}

static void write_u_boot(struct bench *b, const struct made *made)
{
	char text[256];

	snprintf(text, sizeof(text), "LABEL %s\nMENU LABEL %s\nLINUX /%s\nINITRD /%s\nAPPEND %s\n",
		 made->kernel, made->title, made->kernel, made->initrd, made->options);
	bench_file(b, "/boot/extlinux/extlinux.conf", text);
}

static void write_grub(struct bench *b, const struct made *made)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "menuentry '%s' {\nlinux '/boot/%s' '%s'\ninitrd '/boot/%s'\n}\n", made->title,
		 made->kernel, made->options, made->initrd);
	bench_file(b, "/boot/grub/grub.cfg", text);
}

static void write_petitboot(struct bench *b, const struct made *made)
{
	char text[256];

	snprintf(text, sizeof(text), "name %s\nimage /%s\ninitrd /%s\nargs %s\n", made->title,
		 made->kernel, made->initrd, made->options);
	bench_file(b, "/boot/petitboot.conf", text);
}

static void write_kboot(struct bench *b, const struct made *made)
{
	char text[256];

	snprintf(text, sizeof(text), "%s='/%s initrd=/%s %s'\n", made->title, made->kernel,
		 made->initrd, made->options);
	bench_file(b, "/boot/kboot.conf", text);
}

static void write_yaboot(struct bench *b, const struct made *made)
{
	char text[256];

	snprintf(text, sizeof(text), "image=/boot/%s\nlabel=%s\ninitrd=/boot/%s\nappend=\"%s\"\n",
		 made->kernel, made->title, made->initrd, made->options);
	bench_file(b, "/etc/yaboot.conf", text);
}

static void an_option_of_petitboot_arrives(void **state)
{
	each_round(write_petitboot);
}

static void a_line_of_kboot_arrives(void **state)
{
	each_round(write_kboot);
}

static void an_image_of_yaboot_arrives(void **state)
{
	each_round(write_yaboot);
}

static void a_loader_entry_arrives(void **state)
{
	each_round(write_bls);
}

static void a_label_of_syslinux_arrives(void **state)
{
	each_round(write_syslinux);
}

static void a_label_of_u_boot_arrives(void **state)
{
	each_round(write_u_boot);
}

static void an_entry_of_grub_arrives(void **state)
{
	each_round(write_grub);
}

static void write_uki(struct bench *b, const struct made *made)
{
	char osrel[128];
	const struct fake_section sections[] = {
		{ ".osrel", osrel, 0 },
		{ ".cmdline", made->options, 0 },
		{ ".initrd", "the initrd", 0 },
		{ ".linux", "the kernel", 0 },
	};
	size_t size;
	unsigned char *file;

	snprintf(osrel, sizeof(osrel), "PRETTY_NAME=\"%s\"\n", made->title);
	file = fake_uki(0x8664, sections, 4, 0, &size);
	fake_bytes(b->fake, "/boot/EFI/Linux/a.efi", file, size);
	free(file);
}

static void a_unified_kernel_image_arrives(void **state)
{
	each_round(write_uki);
}

/* ---- what is no entry */

static void a_reason_is_not_lost(void **state)
{
	struct bench *b;
	struct offer *offer;

	bench_set_up((void **)&b);
	bench_file(b, "/loader/entries/\xff\x9b.conf", "linux /\xfe\n");
	bench_file(b, "/loader/entries/e\x80.conf", "");
	bench_read(b);
	offer = carry(b);
	assert_string_equal(offer->list->entries[0]->id, "sda1:\xff\x9b.conf");
	assert_string_equal(offer->list->entries[0]->greyed, "the kernel /\xfe is not there");
	assert_string_equal(offer->list->problems[0].path, "/loader/entries/e\x80.conf");
	offer_free(offer);
	bench_tear_down((void **)&b);
}

static void each_byte_is_carried(void **state)
{
	char all[256], *back;
	json_t *value;

	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	value = carry_text(all);
	back = carry_take(value);
	assert_string_equal(back, all);
	free(back);
	json_decref(value);
	value = json_string("\xe2\x82\xac");
	assert_null(carry_take(value));
	json_decref(value);
	assert_null(carry_take(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loader_entry_arrives),
		cmocka_unit_test(a_label_of_syslinux_arrives),
		cmocka_unit_test(a_label_of_u_boot_arrives),
		cmocka_unit_test(an_entry_of_grub_arrives),
		cmocka_unit_test(a_unified_kernel_image_arrives),
		cmocka_unit_test(an_option_of_petitboot_arrives),
		cmocka_unit_test(a_line_of_kboot_arrives),
		cmocka_unit_test(an_image_of_yaboot_arrives),
		cmocka_unit_test(a_reason_is_not_lost),
		cmocka_unit_test(each_byte_is_carried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
