// SPDX-License-Identifier: GPL-2.0-or-later
/* The last handover gathered; see arrived.h. */
#include "across/arrived.h"

#include "across/carried.h"
#include "across/handover_id.h"
#include "across/kept.h"
#include "across/mark.h"
#include "base/log.h"

#include <errno.h>

/* What came as @name, or NULL; a file that cannot be read is no reason to say nothing of the others. */
static json_t *came(const struct sysroot *root, const char *name)
{
	struct error e = ERROR_NONE;
	json_t *value;
	int r = carried_read(root, name, &value, &e);

	if (r < 0 && r != -ENOENT)
		log_warning("%s", e.text);
	return r < 0 ? NULL : value;
}

bool arrived_is_there(const struct sysroot *root)
{
	return sysroot_exists(root, CARRIED_FOLDER "/" CARRIED_HANDOVER);
}

json_t *arrived_json(const struct sysroot *root)
{
	json_t *all =
		json_pack("{s:i s:o* s:o* s:o* s:o*}", "schema", HANDOVER_SCHEMA, "handover",
			  came(root, CARRIED_HANDOVER), "inventory", came(root, CARRIED_INVENTORY),
			  "plan", came(root, CARRIED_PLAN), "record", came(root, CARRIED_RECORD));

	json_object_set_new(all, "failed", mark_failed(root));
	json_object_set_new(all, "kept", kept_read(root));
	return all;
}

bool arrived_is_empty(const json_t *arrived)
{
	return !json_object_get(arrived, "handover") &&
	       !json_array_size(json_object_get(arrived, "failed")) &&
	       !json_array_size(json_object_get(arrived, "kept"));
}
