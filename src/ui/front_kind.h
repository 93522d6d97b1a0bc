/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kind of front; one file each, behind front.h. */
#pragma once

#include "ui/front.h"

#define FRONT_NAME_SIZE 64

struct front_kind {
	void (*show)(struct front *front, const struct menu_model *model);
	void (*stop)(struct front *front); /* frees it */
};

/* The beginning of each kind's own struct. */
struct front {
	const struct front_kind *kind;
	struct loop *loop;
	struct front_events events;
	char name[FRONT_NAME_SIZE];
};
