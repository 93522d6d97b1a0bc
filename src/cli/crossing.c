// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine written down for the next kernel; see crossing.h. */
#include "cli/crossing.h"

#include "across/carried.h"
#include "across/handover_id.h"
#include "across/inventory.h"
#include "base/log.h"
#include "cli/choices.h"
#include "image/identity.h"
#include "print/plan_print.h"

#include <errno.h>
#include <unistd.h>

/* The plan of now, services running and disks mounted: what the jump will find is in its record. */
static int pack(const struct sysroot *root, const json_t *handover, int *ret_fd, struct error *e)
{
	struct choices choices = { 0 };
	json_t *inventory, *plan_value;
	struct graph *graph = NULL;
	struct plan *plan = NULL;
	int r = choices_init(&choices);

	if (r == 0 && choices_plan(&choices, root, &graph, &plan))
		r = error_set(e, -EIO, "no plan of this machine could be made");
	if (r < 0) {
		choices_done(&choices);
		return r;
	}
	inventory = inventory_json(root, graph);
	plan_value = plan_json(plan);
	const struct carried_file files[] = {
		{ CARRIED_HANDOVER, handover },
		{ CARRIED_INVENTORY, inventory },
		{ CARRIED_PLAN, plan_value },
		{ NULL, NULL },
	};

	r = inventory && plan_value ? carried_pack(files, ret_fd, e)
				    : error_set(e, -ENOMEM, "no memory for the inventory");
	json_decref(inventory);
	json_decref(plan_value);
	plan_free(plan);
	graph_free(graph);
	choices_done(&choices);
	return r;
}

json_t *crossing_name(const struct sysroot *root, const char *verb,
		      const struct image_request *request, struct error *e)
{
	char identity[64];

	if (image_identity(request, identity, sizeof(identity), e) < 0)
		return NULL;
	return handover_id_new(root, verb, request->kernel, identity, e);
}

static int make(const struct sysroot *root, const char *verb, const struct image_request *request,
		struct crossing *crossing, struct error *e)
{
	if (!request->initrd_count)
		return error_set(e, -ENOENT, "%s has no initrd to carry it", request->kernel);
	crossing->handover = crossing_name(root, verb, request, e);
	if (!crossing->handover)
		return e->code;
	return pack(root, crossing->handover, &crossing->part.fd, e);
}

void crossing_make(const struct sysroot *root, const char *verb, struct image_request *request,
		   struct crossing *ret)
{
	struct error e = ERROR_NONE;

	*ret = (struct crossing){ .part.fd = -1 };
	if (make(root, verb, request, ret, &e) == 0) {
		request->carried = &ret->part;
		return;
	}
	crossing_done(ret);
	log_warning("what this machine has is not told to the next kernel, and 'kexit verify' will "
		    "have nothing to look at: %s",
		    e.text);
}

void crossing_done(struct crossing *crossing)
{
	json_decref(crossing->handover);
	if (crossing->part.fd >= 0)
		close(crossing->part.fd);
	*crossing = (struct crossing){ .part.fd = -1 };
}
