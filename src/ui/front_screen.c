// SPDX-License-Identifier: GPL-2.0-or-later
/* The full menu of ui/ on a console that can place its cursor. */
#include "ui/console.h"
#include "ui/front_kind.h"
#include "ui/key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

struct front_screen {
	struct front front;
	struct console *console;
	struct menu *menu;
	struct screen *screen; /* NULL until the size is known */
	const struct menu_model *model;
	bool is_behind; /* its line took no screen: shown what is the case when it does */
	bool anew;	/* all of it, then */
};

static void draw(struct front_screen *self, bool anew)
{
	int r;

	if (!self->screen || !self->model)
		return;
	self->anew = self->anew || anew;
	menu_draw(self->menu, self->model, self->screen);
	r = console_show(self->console, self->screen, self->anew);
	if (r == 0)
		self->anew = false;
	if ((r == -EAGAIN) == self->is_behind)
		return;
	self->is_behind = r == -EAGAIN;
	loop_watch(self->front.loop, console_fd(self->console),
		   self->is_behind ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void show(struct front *front, const struct menu_model *model)
{
	struct front_screen *self = (struct front_screen *)front;

	self->model = model;
	menu_update(self->menu, model);
	draw(self, false);
}

static void stop(struct front *front)
{
	struct front_screen *self = (struct front_screen *)front;

	if (self->console) {
		loop_remove(front->loop, console_fd(self->console));
		console_stop(self->console);
	}
	menu_free(self->menu);
	screen_free(self->screen);
	free(self);
}

static void resize(struct front_screen *self, unsigned int width, unsigned int height)
{
	if (self->screen && screen_width(self->screen) == width &&
	    screen_height(self->screen) == height)
		return;
	screen_free(self->screen);
	self->screen = screen_new(width, height);
	draw(self, true);
}

static void take_key(struct front_screen *self, int key)
{
	struct front *front = &self->front;
	struct menu_event event;

	front->events.touched(front->events.context);
	if (!self->model)
		return;
	event = menu_key(self->menu, self->model, key);
	draw(self, event.action == MENU_REPAINT);
	if (event.action != MENU_NOTHING && event.action != MENU_REPAINT)
		front->events.wanted(front->events.context, front, &event);
}

/* One event at a time: what it leads to may stop this front. */
static void ready(void *context, uint32_t events)
{
	struct front_screen *self = context;
	struct front *front = &self->front;
	struct console_event event;
	int r;

	if (events & EPOLLOUT)
		draw(self, false);
	r = console_read(self->console, &event);
	if (r < 0) {
		front->events.failed(front->events.context, front, r);
		return;
	}
	if (r == 0)
		return;
	resize(self, event.width, event.height);
	if (event.key != UI_KEY_NONE)
		take_key(self, event.key);
}

static const struct front_kind kind = { .show = show, .stop = stop };

int front_start_screen(struct loop *loop, const char *name, const struct front_events *events,
		       struct front **ret_front)
{
	struct front_screen *self = calloc(1, sizeof(*self));
	char path[FRONT_NAME_SIZE + 8];
	int r;

	if (!self)
		return -ENOMEM;
	self->front = (struct front){ .kind = &kind, .loop = loop, .events = *events };
	snprintf(self->front.name, sizeof(self->front.name), "%s", name);
	snprintf(path, sizeof(path), "/dev/%s", name);
	self->menu = menu_new();
	r = self->menu ? console_start(path, NULL, &self->console) : -ENOMEM;
	if (r == 0)
		r = loop_add(loop, console_fd(self->console), EPOLLIN, ready, self);
	if (r < 0) {
		stop(&self->front);
		return r;
	}
	*ret_front = &self->front;
	return 0;
}
