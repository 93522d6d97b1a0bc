/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What crosses the jump, made for the image that a verb is about to load. */
#pragma once

#include "cli/image_options.h"

#include <jansson.h>

struct crossing {
	json_t *handover; /* NULL: nothing crosses */
	struct image_part part;
};

/* The handover that @request would make (across/handover_id.h). The caller owns it; NULL with @e. */
json_t *crossing_name(const struct sysroot *root, const char *verb,
		      const struct image_request *request, struct error *e);

/*
 * Puts handover id, inventory and plan behind the initrd of @request. Nothing is refused for want of
 * them: where they cannot be had, or there is no initrd, that is said, and *@ret is empty. After the
 * load crossing_done().
 */
void crossing_make(const struct sysroot *root, const char *verb, struct image_request *request,
		   struct crossing *ret);
void crossing_done(struct crossing *crossing);
