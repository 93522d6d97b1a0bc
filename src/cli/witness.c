// SPDX-License-Identifier: GPL-2.0-or-later
/* The look on arrival; see witness.h. */
#include "cli/witness.h"

#include "across/witnessed.h"
#include "base/log.h"
#include "cli/verb.h"
#include "inspect/guard.h"
#include "sys/ops.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Adds to each of @functions what was seen of it. */
static int add_inspections(json_t *functions, const struct inspection *inspections)
{
	json_t *function;
	size_t i;
	int r = 0;

	json_array_foreach (functions, i, function) {
		char text[320];

		inspection_describe(&inspections[i], text, sizeof(text));
		r |= json_object_set_new(function, "verdict",
					 json_string(verdict_name(inspections[i].verdict)));
		r |= json_object_set_new(function, "text", json_string(text));
	}
	return r ? -ENOMEM : 0;
}

static int look(struct sysroot *root, json_t *functions)
{
	const struct sys sys = { .root = root, .ops = &sys_ops_live };
	size_t count = json_array_size(functions);
	struct inspection *inspections = calloc(count + 1, sizeof(*inspections));
	char **paths = calloc(count + 1, sizeof(*paths));
	int r = inspections && paths ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && r == 0; i++) {
		const json_t *path = json_object_get(json_array_get(functions, i), "device");

		if (asprintf(&paths[i], "/sys%s", json_string_value(path)) < 0) {
			paths[i] = NULL;
			r = -ENOMEM;
		}
	}
	if (r == 0)
		r = inspect_many(&sys, (const char *const *)paths, count, inspections);
	if (r == 0)
		r = add_inspections(functions, inspections);
	for (size_t i = 0; paths && i < count; i++)
		free(paths[i]);
	free(paths);
	free(inspections);
	return r;
}

static int look_and_keep(struct sysroot *root, json_t *functions, struct error *e)
{
	int r = look(root, functions);

	if (r < 0)
		return error_set(e, r, "what was left to shutdown() could not be looked at: %s",
				 errno_text(r));
	return sysroot_is_captured(root) ? 0 : witnessed_keep(root, functions, e);
}

int witness(struct sysroot *root)
{
	struct error e = ERROR_NONE;
	json_t *functions;
	int r = witnessed_wanted(root, &functions, &e);

	if (r == -ENOENT)
		return STATUS_DONE;
	if (r == 0) {
		r = json_array_size(functions) ? look_and_keep(root, functions, &e) : 0;
		json_decref(functions);
	}
	if (r < 0)
		log_error("verify --early: %s", e.text);
	return r < 0 ? STATUS_FAILED : STATUS_DONE;
}
