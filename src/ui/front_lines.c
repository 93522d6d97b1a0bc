// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbered lines: for terminals that cannot place a cursor, for logs of serial lines, and for scripts. */
#include "ui/lines_print.h"

#include "ui/files.h"
#include "ui/lines_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

static bool can_boot(const struct menu_row *row)
{
	return !row->entry->greyed;
}

static void show(struct front *front, const struct menu_model *model)
{
	struct front_lines *self = (struct front_lines *)front;
	char *list;

	self->model = model;
	/* A slow line gets no list that is out of date, and no second for each second. */
	self->is_behind = self->pending_length > 0;
	if (self->is_behind)
		return;
	if (model->progress) {
		lines_print_progress(self);
		return;
	}
	lines_print_awaited(self);
	list = lines_list_make(self->fold, model);
	if (list && (!self->listed || strcmp(self->listed, list) != 0)) {
		lines_print(self, list);
		lines_print_prompt(self);
		self->countdown = MENU_NO_COUNTDOWN;
	}
	if (list) {
		free(self->listed);
		self->listed = list;
	}
	lines_print_countdown(self);
}

/*
 * Input.
 */

static void want(struct front_lines *self, enum menu_action action, size_t row, const char *options)
{
	struct front *front = &self->front;
	struct menu_event event = { .action = action, .options = options };

	if (action == MENU_BOOT) {
		event.entry = self->model->rows[row].entry;
		event.kernel = self->kernel;
		event.initrds = self->initrds;
		self->awaits = AWAITS_NOTHING;
	}
	/* Once this ends the list may be the same, and is wanted again; below a page it is not. */
	if (self->awaits == AWAITS_NOTHING) {
		free(self->listed);
		self->listed = NULL;
	}
	front->events.wanted(front->events.context, front, &event);
}

/* The row that @text names by its number, or the default for ""; false and says so for anything else. */
static bool find_any_row(struct front_lines *self, const char *text, size_t *ret_row)
{
	const struct menu_model *model = self->model;
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	for (size_t i = 0; !*text && i < model->row_count; i++)
		if (model->rows[i].entry == model->preferred)
			number = i + 1;
	if (*end || number < 1 || number > model->row_count) {
		lines_print(self, "\r\nThere is no such entry.");
		return false;
	}
	*ret_row = number - 1;
	return true;
}

/* The same, of what can be booted. */
static bool find_row(struct front_lines *self, const char *text, size_t *ret_row)
{
	size_t row;

	if (!find_any_row(self, text, &row))
		return false;
	if (can_boot(&self->model->rows[row])) {
		*ret_row = row;
		return true;
	}
	lines_print(self, "\r\nThat one cannot be booted.");
	return false;
}

/* The field of MODE_... that is edited next, as it is. */
static void begin_field(struct front_lines *self, enum mode mode)
{
	const struct entry *entry = self->model->rows[self->edited].entry;
	const char *mounts = self->model->mounts ?: "";
	char text[EDITOR_MAX + 1];

	self->mode = mode;
	if (mode == MODE_OPTIONS) {
		editor_set(&self->editor, entry->options ?: "");
		return;
	}
	if (mode == MODE_KERNEL)
		files_text(entry, &entry->kernel, 1, mounts, text, sizeof(text));
	else
		files_text(entry, entry->initrds, entry->initrd_count, mounts, text, sizeof(text));
	editor_set(&self->editor, text);
}

/* What was typed for a file, where it is another than it was. */
static void end_field(struct front_lines *self, const char *text)
{
	static char typed[EDITOR_MAX + 1];
	char **field = self->mode == MODE_KERNEL ? &self->kernel : &self->initrds;
	enum mode mode = self->mode;

	strcpy(typed, text);
	begin_field(self, mode);
	free(*field);
	*field = strcmp(self->editor.text, typed) ? strdup(typed) : NULL;
	begin_field(self, mode == MODE_KERNEL ? MODE_INITRDS : MODE_OPTIONS);
	lines_print_prompt(self);
}

static void forget_fields(struct front_lines *self)
{
	free(self->kernel);
	free(self->initrds);
	self->kernel = self->initrds = NULL;
}

static void begin_edit(struct front_lines *self, const char *text, enum mode first)
{
	forget_fields(self);
	if (find_row(self, text, &self->edited))
		begin_field(self, first);
}

static void toggle_submenu(struct front_lines *self, const char *text)
{
	const struct fold_line *lines, *inner = NULL;
	size_t row, count;

	if (!find_any_row(self, text, &row))
		return;
	lines = fold_lines(self->fold, self->model, &count);
	for (size_t i = 0; i < count; i++)
		if (lines[i].count && row >= lines[i].row && row < lines[i].row + lines[i].count)
			inner = &lines[i];
	if (inner)
		fold_set(self->fold, self->model, inner, !inner->is_open);
	else
		lines_print(self, "\r\nThat one is in no submenu.");
}

static void print_details(struct front_lines *self, const char *text)
{
	static char buffer[3 * EDITOR_MAX];
	size_t row;

	if (!find_any_row(self, text, &row))
		return;
	menu_details(self->model, row, buffer, sizeof(buffer));
	lines_print_text(self, buffer);
}

/* A letter with a number behind it, or without. False: it is none of these. */
static bool take_letter(struct front_lines *self, const char *text)
{
	const char *number = text + 1 + strspn(text + (*text != '\0'), " ");

	switch (*text) {
	case 'e':
		begin_edit(self, number, MODE_OPTIONS);
		break;
	case 'E':
		begin_edit(self, number, MODE_KERNEL);
		break;
	case 'd':
		print_details(self, number);
		return true;
	case 'm':
		toggle_submenu(self, number);
		show(&self->front, self->model);
		break;
	default:
		return false;
	}
	lines_print_prompt(self);
	return true;
}

/* A whole line. Nothing of @self may be used after want(): the front may have been stopped. */
static void take_command(struct front_lines *self, const char *text)
{
	static const struct {
		const char *word;
		enum menu_action action;
		enum awaited awaits;
	} words[] = {
		{ "r", MENU_RESCAN, AWAITS_NOTHING },	 { "s", MENU_SHELL, AWAITS_NOTHING },
		{ "b", MENU_REBOOT, AWAITS_NOTHING },	 { "p", MENU_POWER_OFF, AWAITS_NOTHING },
		{ "i", MENU_WANT_INFO, AWAITS_INFO },	 { "l", MENU_WANT_LOG, AWAITS_LOG },
		{ "plan", MENU_WANT_PLAN, AWAITS_PLAN },
	};
	size_t row;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, text) != 0)
			continue;
		self->awaits = words[i].awaits;
		want(self, words[i].action, 0, NULL);
		return;
	}
	if (take_letter(self, text))
		return;
	forget_fields(self);
	if (find_row(self, text, &row))
		want(self, MENU_BOOT, row, NULL);
	else
		lines_print_prompt(self);
}

static void take_line(struct front_lines *self)
{
	static char line[EDITOR_MAX + 1];
	enum mode mode = self->mode;
	size_t row = self->edited;

	strcpy(line, self->editor.text);
	editor_set(&self->editor, "");
	self->mode = MODE_COMMAND;
	if (!self->model || self->model->progress)
		return;
	if (mode == MODE_COMMAND) {
		take_command(self, line);
	} else if (row < self->model->row_count && mode == MODE_OPTIONS) {
		want(self, MENU_BOOT, row, line);
	} else if (row < self->model->row_count) {
		self->mode = mode;
		end_field(self, line);
	}
}

static void take_key(struct front_lines *self, unsigned char key)
{
	char echo[2] = { (char)key, '\0' };

	if (key == 0x7f || key == '\b') {
		if (self->editor.length && editor_key(&self->editor, UI_KEY_BACKSPACE))
			lines_print(self, "\b \b");
	} else if (key == 0x15) { /* ^U */
		editor_set(&self->editor, "");
		lines_print_prompt(self);
	} else if (key == 0x1b || key == 0x03) { /* Escape, ^C */
		self->mode = MODE_COMMAND;
		editor_set(&self->editor, "");
		lines_print_prompt(self);
	} else if (key >= 0x20 && key < 0x7f && editor_key(&self->editor, key)) {
		lines_print(self, echo);
	}
}

/* One line at most: what it leads to may stop this front. The rest stays in the terminal. */
static void ready(void *context, uint32_t events)
{
	struct front_lines *self = context;
	struct front *front = &self->front;
	unsigned char key;
	ssize_t n;

	if (events & EPOLLOUT)
		lines_flush(self);
	if (self->is_behind && !self->pending_length)
		show(front, self->model);
	if (!(events & ~(uint32_t)EPOLLOUT))
		return;
	n = read(self->fd, &key, 1);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		front->events.failed(front->events.context, front, -EIO);
		return;
	}
	front->events.touched(front->events.context);
	if (key == '\r' || key == '\n')
		take_line(self);
	else
		take_key(self, key);
}

static void stop(struct front *front)
{
	struct front_lines *self = (struct front_lines *)front;

	if (self->fd >= 0) {
		lines_print(self, "\r\n");
		loop_remove(front->loop, self->fd);
		if (self->was_saved)
			tcsetattr(self->fd, TCSANOW, &self->saved);
		close(self->fd);
	}
	forget_fields(self);
	fold_free(self->fold);
	free(self->listed);
	free(self->progressed);
	free(self->pending);
	free(self);
}

static const struct front_kind kind = { .show = show, .stop = stop };

static int open_terminal(struct front_lines *self)
{
	struct termios raw;
	char path[FRONT_NAME_SIZE + 8];

	snprintf(path, sizeof(path), "/dev/%s", self->front.name);
	self->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (self->fd < 0 || tcgetattr(self->fd, &self->saved) < 0)
		return -errno;
	raw = self->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	/* A serial line without a modem has no carrier to wait for. */
	raw.c_cflag |= CLOCAL | CREAD;
	if (tcsetattr(self->fd, TCSANOW, &raw) < 0)
		return -errno;
	self->was_saved = true;
	return loop_add(self->front.loop, self->fd, EPOLLIN, ready, self);
}

int front_start_lines(struct loop *loop, const char *name, const struct front_events *events,
		      struct front **ret_front)
{
	struct front_lines *self = calloc(1, sizeof(*self));
	int r;

	if (!self)
		return -ENOMEM;
	self->front = (struct front){ .kind = &kind, .loop = loop, .events = *events };
	snprintf(self->front.name, sizeof(self->front.name), "%s", name);
	self->countdown = MENU_NO_COUNTDOWN;
	self->fold = fold_new();
	self->fd = -1;
	r = self->fold ? open_terminal(self) : -ENOMEM;
	if (r < 0) {
		stop(&self->front);
		return r;
	}
	*ret_front = &self->front;
	return 0;
}
