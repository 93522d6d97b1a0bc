// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices that got stuck, left the next time; see stuck.h. */
#include "across/stuck.h"
#include "across/handover_id.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define RULES "/etc/kexit/policy.d/zz-stuck.conf"

static const char *word(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "";
}

static bool is_known(const json_t *stuck, const char *path, const char *release)
{
	const json_t *item;
	size_t i;

	json_array_foreach (stuck, i, item)
		if (!strcmp(word(item, "path"), path) && !strcmp(word(item, "kernel"), release))
			return true;
	return false;
}

/* The driver that the last "release" event of @device before @at named. */
static const char *driver_of(const json_t *events, size_t at, const char *device)
{
	while (at-- > 0) {
		const json_t *event = json_array_get(events, at);

		if (!strcmp(word(event, "event"), "release") &&
		    !strcmp(word(event, "device"), device))
			return word(event, "driver");
	}
	return "";
}

void stuck_collect(json_t *stuck, const json_t *handover, const json_t *record)
{
	const json_t *events = json_object_get(record, "events"), *event;
	const char *release = handover_from(handover);
	size_t i;

	json_array_foreach (events, i, event) {
		const char *path = word(event, "device");

		if (strcmp(word(event, "event"), "released") != 0 ||
		    strcmp(word(event, "outcome"), "stuck") != 0 || *path != '/' ||
		    is_known(stuck, path, release))
			continue;
		json_array_append_new(
			stuck, json_pack("{s:s s:s s:s s:s s:s}", "path", path, "driver",
					 driver_of(events, i, path), "kernel", release, "reason",
					 word(event, "reason"), "id", handover_id(handover)));
	}
}

json_t *stuck_of(const json_t *stuck, const char *release)
{
	json_t *list = json_array(), *item;
	size_t i;

	json_array_foreach (stuck, i, item)
		if (!strcmp(word(item, "kernel"), release))
			json_array_append(list, item);
	return list;
}

/* As the value of a setting of a rule: what would end it, or is a glob's, becomes "?". */
static void print_quoted(FILE *file, const char *name, const char *text)
{
	fprintf(file, " %s=\"", name);
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' || strchr("\"\\*[]|", *text) ? '?' : *text, file);
	fputc('"', file);
}

int stuck_write_rules(const json_t *stuck, const char *environment, struct error *e)
{
	char path[PATH_MAX], reason[512];
	const json_t *item;
	size_t i;
	FILE *file;
	bool failed;

	snprintf(path, sizeof(path), "%s" RULES, environment);
	file = fopen(path, "we");
	if (!file)
		return error_set(e, -errno, "%s: %s", path, errno_text(errno));
	fputs("# Made by kexit reboot: what got stuck in an earlier handover of this kernel.\n",
	      file);
	json_array_foreach (stuck, i, item) {
		snprintf(reason, sizeof(reason), "stuck in an earlier handover%s%.400s",
			 *word(item, "reason") ? ": " : "", word(item, "reason"));
		fputs("bus=*", file);
		print_quoted(file, "path", word(item, "path"));
		fputs(" action=leave", file);
		print_quoted(file, "reason", reason);
		fputc('\n', file);
	}
	failed = ferror(file);
	if (fclose(file) || failed)
		return error_set(e, -EIO, "%s: it cannot be written", path);
	return 0;
}
