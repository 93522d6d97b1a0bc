// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows as text; see lines_list.h. */
#include "ui/lines_list.h"

#include "ui/plain.h"

#include <stdio.h>
#include <stdlib.h>

/* Titles, reasons and command lines come from disks: nothing in them may speak to the terminal. */
static void put_plain(FILE *out, const char *text)
{
	for (; *text; text++) {
		char c = plain_byte((unsigned char)*text);

		if (c)
			putc(c, out);
	}
}

static void list_heading(FILE *out, const char *system)
{
	fputs("\r\n  ", out);
	put_plain(out, system);
	fputs("\r\n", out);
}

static void list_entry(FILE *out, const struct menu_model *model, const struct fold_line *line)
{
	const struct menu_row *row = &model->rows[line->row];

	fprintf(out, "%c %3zu  %*s", row->entry == model->preferred ? '*' : ' ', line->row + 1,
		2 * (int)line->depth, "");
	put_plain(out, row->entry->title);
	if (row->entry->greyed) {
		fputs(" (cannot be booted: ", out);
		put_plain(out, row->entry->greyed);
		putc(')', out);
	}
	fputs("\r\n", out);
}

/* The numbers of its entries are theirs whether it is open or not. */
static void list_submenu(FILE *out, const struct menu_model *model, const struct fold_line *line)
{
	fprintf(out, "%c      %*s", line->is_open ? '-' : '+', 2 * (int)line->depth, "");
	put_plain(out, fold_title(model, line));
	fprintf(out, " (%zu to %zu)\r\n", line->row + 1, line->row + line->count);
}

static void list_lines(struct fold *fold, FILE *out, const struct menu_model *model)
{
	size_t count;
	const struct fold_line *lines = fold_lines(fold, model, &count);

	for (size_t i = 0; i < count; i++) {
		if (lines[i].has_heading)
			list_heading(out, model->rows[lines[i].row].system);
		if (lines[i].count)
			list_submenu(out, model, &lines[i]);
		else
			list_entry(out, model, &lines[i]);
	}
}

static void put_message(FILE *out, char mark, const char *text)
{
	if (!text)
		return;
	fprintf(out, "\r\n%c ", mark);
	put_plain(out, text);
	fputs("\r\n", out);
}

char *lines_list_make(struct fold *fold, const struct menu_model *model)
{
	size_t length;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	fprintf(out, "\r\n%s\r\n", model->title);
	list_lines(fold, out, model);
	if (!model->row_count)
		fputs("\r\n  Nothing to boot was found yet.\r\n", out);
	put_message(out, '!', model->trouble);
	put_message(out, '-', model->waits);
	fputs("\r\nNumber or Enter: boot   e NUMBER: edit its command line   E NUMBER: its files, too"
	      "\r\nd NUMBER: details   m NUMBER: open or close its submenu   i: machine   l: log"
	      "\r\nr: look again   s: shell   b: restart the machine   p: power off\r\n",
	      out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
