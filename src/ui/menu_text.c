// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of the menu's pages: an entry's details, help, and what the loop has to say. */
#include "ui/files.h"
#include "ui/menu_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* Where the file lies, and by way of which file system it was found: an ESP's script may lead to it. */
static void add_source(struct text *text, const struct menu_row *row, const char *mounts)
{
	const struct entry *entry = row->entry;
	const char *volume = entry->root ? files_volume(entry->root, mounts) : NULL;

	add(text, "said by   %s%s%s", volume ?: "", volume ? ": " : "", entry->path);
	if (entry->line)
		add(text, ", line %u", entry->line);
	add(text, " (%s)", entry_format_name(entry->format));
	if (volume && row->place && strncmp(volume, row->place, strlen(row->place)) != 0)
		add(text, ", by way of %s", row->place);
	add(text, "\n");
	for (const char *line = row->also ?: ""; *line; line += strspn(line, "\n")) {
		int length = (int)strcspn(line, "\n");

		add(text, "also by   %.*s\n", length, line);
		line += length;
	}
}

static void add_details(struct text *text, const struct menu_row *row, const char *rule,
			const char *mounts)
{
	const struct entry *entry = row->entry;

	add(text, "%s\n", entry->title ?: entry->id);
	if (entry->greyed)
		add(text, "cannot be booted: %s\n", entry->greyed);
	add(text, "\nsystem    %s\n", row->system);
	add(text, "id        %s\n", entry->id);
	if (entry->version)
		add(text, "version   %s\n", entry->version);
	for (size_t i = 0; i < entry->menu_count; i++)
		add(text, "%s   %s\n", i ? "       " : "submenu", entry->menus[i]);
	if (rule)
		add(text, "default   by %s\n", rule);
	add_source(text, row, mounts);
	add_counting(text, entry);
	add_file(text, "kernel", &entry->kernel);
	for (size_t i = 0; i < entry->initrd_count; i++)
		add_file(text, "initrd", &entry->initrds[i]);
	add_file(text, "devices", &entry->devicetree);
	for (size_t i = 0; i < entry->overlay_count; i++)
		add_file(text, "overlay", &entry->overlays[i]);
	add(text, "\ncommand line\n%s\n", entry->options ?: "(empty)");
}

static const char help[] =
	"up, down, j, k   choose             Enter  boot it; open or close a submenu\n"
	"Home, End        first, last        right, left  open, close a submenu\n"
	"PgUp, PgDn       a screenful        Esc    back to the list\n"
	"\n"
	"e   edit kernel, initrds and command line, for this boot only\n"
	"    up, down or Tab the next field; ^U cut all before the cursor,\n"
	"    ^K all after it, ^W a word; (sda1)/path is a file of another file system\n"
	"d   details: files, their sizes, where the entry comes from, why it is the default\n"
	"i   the machine, its disks and its devices\n"
	"l   the log: what was found on which disk, and why not\n"
	"p   the plan: which devices are unbound before the jump, which are left and why\n"
	"t   what the last try did to each device\n"
	"r   look for disks and entries again\n"
	"s   a shell; leave it to come back here\n"
	"R   restart through firmware        O      power off      ^L  paint again\n"
	"\n"
	"An entry in brackets cannot be booted; its reason is below the list.\n"
	"Disks are read-only until the chosen system runs.\n";

void menu_details(const struct menu_model *model, size_t row, char *buffer, size_t size)
{
	struct text text = { .buffer = buffer, .size = size };
	bool is_default = model->rows[row].entry == model->preferred;

	buffer[0] = '\0';
	add_details(&text, &model->rows[row], is_default ? model->rule : NULL, model->mounts ?: "");
}

const char *menu_page_text(struct menu *menu, const struct menu_model *model, char *buffer,
			   size_t size)
{
	const struct menu_row *row = menu_selected(menu, model);

	buffer[0] = '\0';
	switch (menu->page) {
	case PAGE_DETAILS:
		if (row)
			menu_details(model, (size_t)(row - model->rows), buffer, size);
		return buffer;
	case PAGE_PLAN:
		return model->plan ?: "The plan is not known yet.\n";
	case PAGE_LAST:
		return model->last ?: "No run before this one, since the machine started.\n";
	case PAGE_INFO:
		return model->info ?: "Not looked at yet.\n";
	case PAGE_LOG:
		return model->log ?: "Nothing was found yet.\n";
	case PAGE_HELP:
		return help;
	case PAGE_LIST:
	case PAGE_EDIT:
	case PAGE_CONFIRM:
		break;
	}
	return buffer;
}
