// SPDX-License-Identifier: GPL-2.0-or-later
/* Menus and shells on consoles; see seats.h. */
#include "boot/seats.h"

#include "boot/system.h"
#include "ui/front.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SEATS_MAX 16

struct seat {
	struct seats *seats;
	char name[64];
	struct front *front; /* NULL: a shell runs there, or it is gone */
	bool is_lines;	     /* it cannot place a cursor */
};

struct seats {
	struct loop *loop;
	const struct settings *settings;
	struct seats_events events;
	const struct menu_model *model; /* NULL: nothing was shown yet, and no front is started */
	struct seat seats[SEATS_MAX];
	size_t count;
};

static void start(struct seat *seat);

static void on_touched(void *context)
{
	const struct seat *seat = context;

	seat->seats->events.touched(seat->seats->events.context);
}

static void shell_ended(void *context, int status)
{
	start(context);
}

static void start_shell(struct seat *seat)
{
	struct seats *seats = seat->seats;
	int pid;

	front_stop(seat->front);
	seat->front = NULL;
	pid = system_shell(seat->name);
	if (pid < 0 || loop_add_child(seats->loop, pid, shell_ended, seat) < 0)
		start(seat);
}

static void on_wanted(void *context, struct front *front, const struct menu_event *event)
{
	struct seat *seat = context;

	if (event->action == MENU_SHELL && seat->seats->settings->may_shell)
		start_shell(seat);
	else
		seat->seats->events.wanted(seat->seats->events.context, event);
}

/* What cannot show the full menu may still show lines; what is gone is left alone. */
static void on_failed(void *context, struct front *front, int code)
{
	struct seat *seat = context;

	front_stop(seat->front);
	seat->front = NULL;
	if (code != -ENOTTY || seat->is_lines)
		return;
	seat->is_lines = true;
	start(seat);
}

static void start(struct seat *seat)
{
	const struct front_events events = {
		.touched = on_touched,
		.wanted = on_wanted,
		.failed = on_failed,
		.context = seat,
	};
	struct seats *seats = seat->seats;
	int r;

	if (seat->is_lines)
		r = front_start_lines(seats->loop, seat->name, &events, &seat->front);
	else
		r = front_start_screen(seats->loop, seat->name, &events, &seat->front);
	if (r == 0)
		front_show(seat->front, seats->model);
	else
		seat->front = NULL;
}

void seats_show(struct seats *seats, const struct menu_model *model)
{
	bool is_first = !seats->model;

	seats->model = model;
	for (size_t i = 0; i < seats->count; i++) {
		if (is_first)
			start(&seats->seats[i]);
		else if (seats->seats[i].front)
			front_show(seats->seats[i].front, model);
	}
}

static void add(struct seats *seats, const char *name)
{
	struct seat *seat = &seats->seats[seats->count];

	if (!*name || strlen(name) >= sizeof(seat->name) || seats->count == SEATS_MAX)
		return;
	*seat = (struct seat){
		.seats = seats,
		.is_lines = seats->settings->menu == SETTINGS_MENU_LINES,
	};
	strcpy(seat->name, name);
	seats->count++;
}

int seats_new(struct loop *loop, const struct sysroot *root, const struct settings *settings,
	      const struct seats_events *events, struct seats **ret_seats)
{
	struct seats *seats = calloc(1, sizeof(*seats));
	char text[SETTING_SIZE], *at = text, *name;

	if (!seats)
		return -ENOMEM;
	*seats = (struct seats){ .loop = loop, .settings = settings, .events = *events };
	strcpy(text, settings->consoles);
	/* Those that the kernel prints on, the last of which is /dev/console. */
	if (!*text && sysroot_read(root, "/sys/class/tty/console/active", text, sizeof(text)) < 0)
		*text = '\0';
	while ((name = strsep(&at, " ,")))
		add(seats, name);
	*ret_seats = seats;
	return 0;
}
