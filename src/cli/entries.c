// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit entries: what can be booted from here, for a person or as JSON (doc/entries-json.md). */
#include "base/log.h"
#include "base/utf8.h"
#include "cli/entries_json.h"
#include "cli/verb.h"
#include "mounted/entry_roots.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define WIDTH	    80
#define TITLE_WIDTH 56

struct entries_arguments {
	const char *root;
	bool json, is_long;
};

/* @text as it may be shown, in the list's arena. */
static const char *shown(const struct entry_list *list, const char *text)
{
	char *copy = arena_strdup(list->arena, text);

	if (!copy)
		return "?";
	utf8_make_printable(copy);
	return copy;
}

/* Bytes of UTF-8 that @columns columns take, each character counted as one column. */
static int bytes_of(const char *text, int columns)
{
	int at = 0;

	while (text[at] && columns--)
		for (at++; ((unsigned char)text[at] & 0xc0) == 0x80;)
			at++;
	return at;
}

static int columns_of(const char *text)
{
	int columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

/* Behind @head, broken at blanks so that no line passes the 80th column; words longer than that stay
 * whole, since a path or an option is to be copied. */
static void print_wrapped(const struct entry_list *list, int column, const char *head,
			  const char *bytes)
{
	const char *text = shown(list, bytes);
	int width = (int)strlen(head);

	printf("%*s%s", column, "", head);
	while (*text) {
		int length = bytes_of(text, WIDTH - column - width);

		if (text[length]) {
			while (length && text[length] != ' ')
				length--;
			if (!length)
				length = (int)strcspn(text, " ");
		}
		printf("%.*s\n", length, text);
		text += length + strspn(text + length, " ");
		if (*text)
			printf("%*s", column + width, "");
	}
}

static void print_file(const struct entry_list *list, const char *head,
		       const struct entry_file *file)
{
	char text[4200];

	if (!file->root)
		return;
	if (file->length)
		snprintf(text, sizeof(text), "%s%s at %llu, %llu bytes", fsroot_path(file->root),
			 file->path, (unsigned long long)file->offset,
			 (unsigned long long)file->length);
	else
		snprintf(text, sizeof(text), "%s%s", fsroot_path(file->root), file->path);
	print_wrapped(list, 6, head, text);
}

static void print_source(const struct entry_list *list, const struct entry *entry)
{
	char text[4200];

	snprintf(text, sizeof(text), entry->line ? "%s%s:%u" : "%s%s", fsroot_path(entry->root),
		 entry->path, entry->line);
	print_wrapped(list, 6, "from     ", text);
}

static void print_details(const struct entry_list *list, const struct entry *entry)
{
	/* In one line, however long: it is to be copied. */
	printf("      id       %s\n", shown(list, entry->id));
	print_source(list, entry);
	print_file(list, "kernel   ", &entry->kernel);
	for (size_t i = 0; i < entry->initrd_count; i++)
		print_file(list, "initrd   ", &entry->initrds[i]);
	print_file(list, "tree     ", &entry->devicetree);
	for (size_t i = 0; i < entry->overlay_count; i++)
		print_file(list, "overlay  ", &entry->overlays[i]);
	if (entry->options && *entry->options)
		print_wrapped(list, 6, "options  ", entry->options);
}

static void print_menus(const struct entry_list *list, const struct entry *entry,
			const struct entry *before)
{
	bool is_same = before && before->menu_count == entry->menu_count;

	for (size_t i = 0; is_same && i < entry->menu_count; i++)
		is_same = !strcmp(before->menus[i], entry->menus[i]);
	for (size_t i = 0; !is_same && i < entry->menu_count; i++)
		printf("%*s%s\n", 6 + 2 * (int)i, "", shown(list, entry->menus[i]));
}

static void print_entry(const struct entry_list *list, const struct entry *entry,
			const struct entry *before, size_t number, bool is_long)
{
	int indent = entry->menu_count < 8 ? 2 * (int)entry->menu_count : 16;
	const char *title = shown(list, entry->title);
	int room = TITLE_WIDTH - indent, columns = columns_of(title);
	bool is_cut = columns > room;
	int bytes = bytes_of(title, is_cut ? room - 3 : room);

	print_menus(list, entry, before);
	printf("%s%3zu  %*s%.*s%s%*s  %s%s\n", entry->is_default ? "*" : " ", number, indent, "",
	       bytes, title, is_cut ? "..." : "", is_cut ? 0 : room - columns, "",
	       entry_format_name(entry->format), entry->is_hidden ? ", hidden" : "");
	if (is_long)
		print_details(list, entry);
	if (entry->tries_left != ENTRY_NOT_COUNTED)
		printf("      %d tries left, %d failed\n", entry->tries_left, entry->tries_done);
	if (entry->greyed)
		print_wrapped(list, 6, "cannot be booted: ", entry->greyed);
}

static void print_summary(const struct entry_list *list)
{
	if (list->withheld) {
		putchar('\n');
		print_wrapped(list, 0, "Nothing boots unattended: ", list->withheld);
		return;
	}
	if (!list->preferred) {
		puts("\nNone of them can be booted.");
		return;
	}
	printf("\n* boots unattended");
	if (list->timeout > 0)
		printf(", after %d s", list->timeout);
	else if (list->timeout == 0)
		printf(", at once");
	else if (list->timeout == ENTRY_TIMEOUT_FOREVER)
		printf(" if a person says so: no countdown");
	puts(".");
}

/* Somebody may look for it in the list. */
static void print_own(const struct entry_list *list)
{
	for (size_t i = 0; i < list->own_count; i++)
		printf("Left out, as it starts kexit-boot itself: %s (%s%s)\n", list->own[i]->title,
		       fsroot_path(list->own[i]->root), list->own[i]->path);
}

static void print_text(const struct entry_list *list, bool is_long)
{
	for (size_t i = 0; i < list->count; i++)
		print_entry(list, list->entries[i], i ? list->entries[i - 1] : NULL, i + 1,
			    is_long);
	if (list->count)
		print_summary(list);
	print_own(list);
}

static int print(const struct entry_roots *roots, const struct entries_arguments *arguments)
{
	entry_roots_print_problems(roots);
	if (arguments->json) {
		int status = entries_print_json(roots->list, arguments->root);

		if (status)
			return status;
	} else
		print_text(roots->list, arguments->is_long);
	if (roots->list->count)
		return STATUS_DONE;
	log_error("%s: no boot entries: nothing of systemd-boot, GRUB or syslinux is in it, nor in "
		  "its boot, efi or boot/efi; --root names another folder",
		  arguments->root);
	return STATUS_FAILED;
}

static int run(const struct verb *verb, struct sysroot *root, int argc, char *argv[])
{
	static const struct option options[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "long", no_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct entries_arguments arguments = { .root = sysroot_path(root) };
	struct entry_roots roots;
	struct error e = ERROR_NONE;
	int option, status;

	while ((option = getopt_long(argc, argv, "lh", options, NULL)) != -1) {
		switch (option) {
		case 'r':
			arguments.root = optarg;
			break;
		case 'l':
			arguments.is_long = true;
			break;
		case 'j':
			arguments.json = true;
			break;
		case 'h':
			return verb_help(verb);
		default:
			return verb_usage(verb);
		}
	}
	if (verb_has_argument(verb, argc, argv))
		return verb_usage(verb);
	if (entry_roots_read(&roots, arguments.root, root, &e)) {
		log_error("%s", e.text);
		status = STATUS_FAILED;
	} else
		status = print(&roots, &arguments);
	entry_roots_done(&roots);
	return status;
}

const struct verb verb_entries = {
	.name = "entries",
	.arguments = "[--root DIR] [--long] [--json]",
	.summary = "Show what can be booted: entries of systemd-boot, GRUB, syslinux and others",
	.help = "  --root DIR  look into DIR, and its boot, efi and boot/efi, instead of /\n"
		"  -l, --long  also ids, files and command lines\n"
		"  --json      print all of it as JSON (schema 1, see doc/entries-json.md)\n"
		"\n"
		"The entry with a star boots when nobody chooses. What cannot be booted is listed\n"
		"with the reason; what is wrong in a file goes to stderr. Changes nothing. Root may\n"
		"be needed, since /boot and /efi are often not readable for others.\n"
		"\n"
		"To load one: kexit load --entry NUMBER. Numbers change when files do: a script\n"
		"gives the id, which --long shows.\n",
	.run = run,
};
