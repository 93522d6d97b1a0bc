// SPDX-License-Identifier: GPL-2.0-or-later
/* One paragraph a disk; see found.h. */
#include "boot/found.h"

#include "boot/volume.h"
#include "storage/kinds.h"

#include <stdio.h>
#include <string.h>

#define SECTORS_PER_MIB 2048.0

static void write_state(const struct volume *volume, FILE *out)
{
	if (volume->note && *volume->note)
		fprintf(out, "  %s\n", volume->note);
	if (volume->task)
		fputs("  is being looked at\n", out);
	else if (volume->reason && *volume->reason)
		fprintf(out, "  %s\n", volume->reason);
	else if (volume->offer)
		fprintf(out, "  %zu entries\n", volume->offer->list->count);
	else if (volume->disk.has_partitions)
		fputs("  its partitions are looked at\n", out);
	else if (volume->disk.is_held)
		fputs("  part of something larger\n", out);
	else if (volume->is_waiting)
		fputs("  others of its file system are missing\n", out);
	else if (!volume->type || !*volume->type)
		fputs("  nothing on it that is known, or no medium in it\n", out);
	else
		fputs("  nothing to boot from\n", out);
}

static void write_place(const char *path, unsigned int line, FILE *out)
{
	if (line)
		fprintf(out, "%s, line %u", path, line);
	else
		fputs(path, out);
}

static void write_problems(const struct entry_list *list, FILE *out)
{
	for (size_t i = 0; i < list->problem_count; i++) {
		const struct entry_problem *problem = &list->problems[i];

		fputs("  ! ", out);
		write_place(problem->path, problem->line, out);
		fprintf(out, ": %s\n", problem->reason);
	}
}

static void write_entries(const struct offer *offer, FILE *out)
{
	const struct entry_list *list = offer->list;

	if (list->withheld)
		fprintf(out, "  nothing boots by itself: %s\n", list->withheld);
	else if (list->preferred)
		fprintf(out, "  default: %s, by %s\n", list->preferred->title,
			list->rule ?: "its boot loader");
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i]->greyed)
			fprintf(out, "  cannot be booted: %s: %s\n", list->entries[i]->title,
				list->entries[i]->greyed);
	for (size_t i = 0; i < list->own_count; i++) {
		fputs("  left out, as it starts this boot loader: ", out);
		write_place(list->own[i]->path, list->own[i]->line, out);
		fputs("\n", out);
	}
	write_problems(list, out);
}

static void write_volume(const struct volume *volume, FILE *out)
{
	fprintf(out, "%s: %.1f MiB, %s", volume->disk.name,
		(double)volume->disk.sectors / SECTORS_PER_MIB,
		disk_class_name(volume->disk.class));
	if (volume->type && *volume->type)
		fprintf(out, ", %s", volume->type);
	if (volume->label && *volume->label)
		fprintf(out, ", LABEL=%s", volume->label);
	if (volume->uuid && *volume->uuid)
		fprintf(out, ", UUID=%s", volume->uuid);
	fputs("\n", out);
	write_state(volume, out);
	if (volume->offer)
		write_entries(volume->offer, out);
	fputs("\n", out);
}

static void write_all(const struct volumes *volumes, const struct unattended *unattended, FILE *out)
{
	const char *stacks = stacks_reason(volumes->stacks);

	if (unattended->preferred)
		fprintf(out, "default: %s, by %s\n", unattended->preferred->title,
			unattended->rule);
	if (*unattended->waits)
		fprintf(out, "%s\n", unattended->waits);
	fprintf(out, "in the order of kexit.bootdevs=%s\n\n", volumes->settings->bootdevs);
	for (const struct volume *v = volumes->first; v; v = v->next)
		write_volume(v, out);
	if (stacks)
		fprintf(out, "%s\n", stacks);
}

char *found_text(const struct volumes *volumes, const struct unattended *unattended)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	write_all(volumes, unattended, out);
	return fclose(out) == 0 ? text : NULL;
}
