/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The menu on one console: the full one of ui/, or numbered lines where a terminal cannot place its
 * cursor. Both show the same model and give the same events; neither can hold the loop up.
 */
#pragma once

#include "loop/loop.h"
#include "ui/menu.h"

struct front;

/* What a person did. Both may stop and start fronts only after they have returned. */
struct front_events {
	void (*touched)(void *context); /* any key: somebody is there */
	void (*wanted)(void *context, struct front *front, const struct menu_event *event);
	/* The console is gone, or cannot show this kind of menu (-ENOTTY): to be stopped. */
	void (*failed)(void *context, struct front *front, int code);
	void *context;
};

/* On the console @name ("ttyS0"). The caller owns *@ret_front. */
int front_start_lines(struct loop *loop, const char *name, const struct front_events *events,
		      struct front **ret_front);
int front_start_screen(struct loop *loop, const char *name, const struct front_events *events,
		       struct front **ret_front);

/* The model changed, if only its countdown or progress; it must live until the next. */
void front_show(struct front *front, const struct menu_model *model);

const char *front_name(const struct front *front);

/* Gives the terminal back as it was. */
void front_stop(struct front *front);
