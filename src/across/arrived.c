// SPDX-License-Identifier: GPL-2.0-or-later
/* The last handover gathered; see arrived.h. */
#include "across/arrived.h"

#include "across/carried.h"
#include "across/handover_id.h"
#include "across/kept.h"
#include "across/mark.h"

#include <errno.h>

/* What came as @name into @all as @member; a file that cannot be read is no reason to say nothing of others. */
static void add(const struct sysroot *root, const char *name, json_t *all, const char *member)
{
	struct error e = ERROR_NONE;
	json_t *value;
	int r = carried_read(root, name, &value, &e);

	if (r == 0)
		json_object_set_new(all, member, value);
	else if (r != -ENOENT)
		json_array_append_new(json_object_get(all, "unreadable"), json_string(e.text));
}

bool arrived_is_there(const struct sysroot *root)
{
	return sysroot_exists(root, CARRIED_FOLDER "/" CARRIED_HANDOVER);
}

json_t *arrived_json(const struct sysroot *root)
{
	json_t *all = json_pack("{s:i s:[]}", "schema", HANDOVER_SCHEMA, "unreadable");

	if (!all)
		return NULL;
	add(root, CARRIED_HANDOVER, all, "handover");
	add(root, CARRIED_INVENTORY, all, "inventory");
	add(root, CARRIED_PLAN, all, "plan");
	add(root, CARRIED_RECORD, all, "record");
	add(root, CARRIED_WITNESS, all, "witness");
	add(root, CARRIED_VERIFIED, all, "verified");
	json_object_set_new(all, "failed", mark_failed(root));
	json_object_set_new(all, "kept", kept_read(root));
	return all;
}

bool arrived_is_empty(const json_t *arrived)
{
	return !json_object_get(arrived, "handover") &&
	       !json_array_size(json_object_get(arrived, "unreadable")) &&
	       !json_array_size(json_object_get(arrived, "failed")) &&
	       !json_array_size(json_object_get(arrived, "kept"));
}
