// SPDX-License-Identifier: GPL-2.0-or-later
/* The record of a run, read back; see record.h. */
#include "record/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Only whole lines count: whatever was cut had not been acted on when the writer was killed. */
static int add_line(json_t *events, const char *line, size_t length)
{
	json_t *event;

	if (length == 0 || line[length - 1] != '\n')
		return 0;
	event = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(event) || !json_is_string(json_object_get(event, "event"))) {
		json_decref(event);
		return 0;
	}
	return json_array_append_new(events, event) ? -ENOMEM : 0;
}

static int read_lines(FILE *f, json_t *events)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	int code = 0;

	while (code == 0 && (length = getline(&line, &capacity, f)) > 0)
		code = add_line(events, line, (size_t)length);
	if (code == 0 && ferror(f))
		code = -EIO;
	free(line);
	return code;
}

int record_load(const char *dir, bool previous, json_t **ret_events, struct error *e)
{
	char path[4096];
	json_t *events;
	FILE *f;
	int code;

	snprintf(path, sizeof(path), "%s/record%s", dir, previous ? ".previous" : "");
	f = fopen(path, "re");
	if (!f)
		return error_set(e, -errno,
				 errno == ENOENT ? "there is no record %s" : "cannot open %s: %m",
				 path);
	events = json_array();
	code = events ? read_lines(f, events) : -ENOMEM;
	fclose(f);
	if (code < 0) {
		json_decref(events);
		return error_set(e, code, "cannot read %s: %m", path);
	}
	*ret_events = events;
	return 0;
}

const json_t *record_start(const json_t *events)
{
	const json_t *event = json_array_get(events, 0);
	const char *name = json_string_value(json_object_get(event, "event"));

	return name && !strcmp(name, "start") ? event : NULL;
}

bool record_is_of_this_boot(const json_t *events)
{
	const char *then = json_string_value(json_object_get(record_start(events), "boot_id"));
	char now[64] = "";
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f)
		return false;
	if (fscanf(f, "%63s", now) != 1)
		now[0] = '\0';
	fclose(f);
	return then && now[0] && !strcmp(then, now);
}
