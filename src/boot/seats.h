/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The consoles of the machine: on each the menu, or a rescue shell in its place. */
#pragma once

#include "boot/settings.h"
#include "loop/loop.h"
#include "sys/root.h"
#include "ui/menu.h"

struct seats;

struct seats_events {
	void (*touched)(void *context); /* a key somewhere: somebody is there */
	void (*wanted)(void *context,
		       const struct menu_event *event); /* a shell only where none is allowed */
	void *context;
};

/* @settings must outlive it. The consoles start with seats_show(). */
int seats_new(struct loop *loop, const struct sysroot *root, const struct settings *settings,
	      const struct seats_events *events, struct seats **ret_seats);

/* @model must live until the next one is shown. */
void seats_show(struct seats *seats, const struct menu_model *model);
