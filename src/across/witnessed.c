// SPDX-License-Identifier: GPL-2.0-or-later
/* The look on arrival: what for, and what of it; see witnessed.h. */
#include "across/witnessed.h"

#include "across/carried.h"
#include "across/durable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA	   1
#define FILE_OF_IT CARRIED_FOLDER "/" CARRIED_WITNESS

/* ---- which */

/* Events "left" and devices of a plan alike. A virtual function is its physical one's. */
static int add_wanted(json_t *list, const json_t *item, const char *path_member)
{
	const char *path = json_string_value(json_object_get(item, path_member));
	const char *driver = json_string_value(json_object_get(item, "driver"));
	const char *evidence = json_string_value(json_object_get(item, "evidence"));

	if (!path || !evidence || path[0] != '/' || strstr(path, ".."))
		return 0;
	return json_array_append_new(list, json_pack("{s:s s:s s:s}", "device", path, "driver",
						     driver ?: "", "evidence", evidence))
		       ? -ENOMEM
		       : 0;
}

static int add_events(json_t *list, const json_t *record)
{
	const json_t *event;
	int r = 0;
	size_t i;

	json_array_foreach (json_object_get(record, "events"), i, event) {
		const char *kind = json_string_value(json_object_get(event, "event"));

		if (r == 0 && kind && !strcmp(kind, "left"))
			r = add_wanted(list, event, "device");
	}
	return r;
}

static int add_devices(json_t *list, const json_t *plan)
{
	const json_t *device;
	int r = 0;
	size_t i;

	json_array_foreach (json_object_get(plan, "devices"), i, device)
		if (r == 0)
			r = add_wanted(list, device, "path");
	return r;
}

int witnessed_wanted(const struct sysroot *root, json_t **ret_list, struct error *e)
{
	json_t *list, *came;
	bool has_record = carried_read(root, CARRIED_RECORD, &came, NULL) == 0;
	int r = has_record ? 0 : carried_read(root, CARRIED_PLAN, &came, e);

	if (r < 0)
		return r;
	list = json_array();
	r = !list ? -ENOMEM : has_record ? add_events(list, came) : add_devices(list, came);
	json_decref(came);
	if (r < 0) {
		json_decref(list);
		return error_set(e, r, "no memory for what is to be looked at");
	}
	*ret_list = list;
	return 0;
}

/* ---- what was seen */

int witnessed_keep(const struct sysroot *root, json_t *functions, struct error *e)
{
	json_t *all = json_pack("{s:i s:O}", "schema", SCHEMA, "functions", functions);
	char *text = all ? json_dumps(all, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
	int r = text ? durable_write(root, CARRIED_FOLDER, FILE_OF_IT, text) : -ENOMEM;

	free(text);
	json_decref(all);
	return r < 0 ? error_set(e, r, FILE_OF_IT ": it cannot be written: %s", errno_text(r)) : 0;
}

/* ---- what to say */

static const char *text_of(const json_t *item, const char *member)
{
	return json_string_value(json_object_get(item, member)) ?: "";
}

static int tell(const json_t *item, struct differences *found)
{
	const char *path = text_of(item, "device"), *slash = strrchr(path, '/');
	const char *verdict = text_of(item, "verdict");
	const char *name = slash ? slash + 1 : path;
	bool is_quiet = !strcmp(verdict, "quiet");
	bool ran = !strcmp(verdict, "live") || !strcmp(verdict, "masked");
	char line[512];

	if (is_quiet)
		snprintf(line, sizeof(line), "%s (%s), left to shutdown(): quiet on arrival", name,
			 text_of(item, "driver"));
	else if (ran)
		snprintf(
			line, sizeof(line),
			"%s (%s), left to shutdown(): %s on arrival, before a driver was loaded: "
			"%.160s; --prefer=remove, or a rule 'driver=%s action=release', unbinds it",
			name, text_of(item, "driver"), verdict, text_of(item, "text"),
			text_of(item, "driver"));
	else
		snprintf(line, sizeof(line),
			 "%s (%s), left to shutdown(): not known whether it was quiet on arrival: "
			 "%.160s",
			 name, text_of(item, "driver"),
			 *text_of(item, "text") ? text_of(item, "text") : verdict);
	return json_array_append_new(is_quiet ? found->seen
				     : ran    ? found->lost
					      : found->notes,
				     json_string(line))
		       ? -ENOMEM
		       : 0;
}

int witnessed_tell(const struct sysroot *root, struct differences *found, struct error *e)
{
	const json_t *item;
	json_t *witness;
	size_t i;
	int r = carried_read(root, CARRIED_WITNESS, &witness, e);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	json_array_foreach (json_object_get(witness, "functions"), i, item)
		if (r == 0)
			r = tell(item, found);
	json_decref(witness);
	return r < 0 ? error_set(e, r, "no memory for what was seen on arrival") : 0;
}
