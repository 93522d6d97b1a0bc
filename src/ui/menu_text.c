// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of the menu's pages: an entry's details, help, and what the loop has to say. */
#include "ui/menu_state.h"

#include <stdarg.h>
#include <stdio.h>

struct text {
	char *buffer;
	size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	if (text->length + 1 >= text->size)
		return;
	va_start(args, format);
	n = vsnprintf(text->buffer + text->length, text->size - text->length, format, args);
	va_end(args);
	if (n > 0)
		text->length += (size_t)n;
	if (text->length >= text->size)
		text->length = text->size - 1;
}

/* Its length is known where it could be asked when the entry was read. */
static void add_file(struct text *text, const char *what, const struct entry_file *file)
{
	if (!file->path)
		return;
	add(text, "%-9s %s", what, file->path);
	if (file->length)
		add(text, "  %.1f MiB", (double)file->length / (1 << 20));
	add(text, "\n");
}

static void add_counting(struct text *text, const struct entry *entry)
{
	if (entry->tries_left != ENTRY_NOT_COUNTED)
		add(text, "tries     %d left, %d done\n", entry->tries_left, entry->tries_done);
}

static void add_details(struct text *text, const struct menu_row *row)
{
	const struct entry *entry = row->entry;

	add(text, "%s\n", entry->title ?: entry->id);
	if (entry->greyed)
		add(text, "cannot be booted: %s\n", entry->greyed);
	add(text, "\nsystem    %s\n", row->system);
	add(text, "id        %s\n", entry->id);
	if (entry->version)
		add(text, "version   %s\n", entry->version);
	add(text, "said by   %s", entry->path);
	if (entry->line)
		add(text, ", line %u", entry->line);
	add(text, " (%s)\n", entry_format_name(entry->format));
	add_counting(text, entry);
	add_file(text, "kernel", &entry->kernel);
	for (size_t i = 0; i < entry->initrd_count; i++)
		add_file(text, "initrd", &entry->initrds[i]);
	add_file(text, "devices", &entry->devicetree);
	add(text, "\ncommand line\n%s\n", entry->options ?: "(empty)");
}

static const char help[] =
	"up, down, j, k   choose             Enter  boot what is chosen\n"
	"Home, End        first, last        Esc    back to the list\n"
	"PgUp, PgDn       a screenful        ^L     paint the screen again\n"
	"\n"
	"e   edit the command line, for this boot only\n"
	"    ^U cut all before the cursor, ^K all after it, ^W a word\n"
	"d   details: files, their sizes, where the entry comes from\n"
	"p   the plan: which devices are unbound before the jump, which are left and why\n"
	"l   what the last run did to each device\n"
	"r   look for disks and entries again\n"
	"s   a shell; leave it to come back here\n"
	"R   restart through firmware        O      power off\n"
	"\n"
	"An entry in brackets cannot be booted; its reason is below the list.\n"
	"Disks are read-only until the chosen system runs.\n";

const char *menu_page_text(const struct menu *menu, const struct menu_model *model, char *buffer,
			   size_t size)
{
	const struct menu_row *row = menu_selected(menu, model);
	struct text text = { .buffer = buffer, .size = size };

	buffer[0] = '\0';
	switch (menu->page) {
	case PAGE_DETAILS:
		if (row)
			add_details(&text, row);
		return buffer;
	case PAGE_PLAN:
		return model->plan ?: "The plan is not known yet.\n";
	case PAGE_LAST:
		return model->last ?: "No run before this one, since the machine started.\n";
	case PAGE_HELP:
		return help;
	case PAGE_LIST:
	case PAGE_EDIT:
	case PAGE_CONFIRM:
		break;
	}
	return buffer;
}
