// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbered lines: for terminals that cannot place a cursor, for logs of serial lines, and for scripts. */
#include "boot/front_kind.h"
#include "ui/editor.h"
#include "ui/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

enum mode {
	MODE_COMMAND,
	MODE_OPTIONS, /* the command line of `edited` */
};

struct front_lines {
	struct front front;
	int fd;
	bool was_saved;
	struct termios saved;
	const struct menu_model *model;
	char *listed;	  /* the list as it was last printed, to see whether it is another */
	char *progressed; /* the last line of progress */
	int countdown;	  /* as last printed */
	enum mode mode;
	size_t edited; /* row */
	struct editor editor;
	char *pending; /* what the line has not taken yet */
	size_t pending_length;
	bool is_behind; /* and what is to be shown changed meanwhile */
};

/*
 * Output.
 */

static void flush(struct front_lines *self)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < self->pending_length && n > 0) {
		n = write(self->fd, self->pending + done, self->pending_length - done);
		if (n > 0)
			done += (size_t)n;
	}
	memmove(self->pending, self->pending + done, self->pending_length - done);
	self->pending_length -= done;
	loop_watch(self->front.loop, self->fd, self->pending_length ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void print(struct front_lines *self, const char *text)
{
	size_t length = strlen(text);
	char *pending = realloc(self->pending, self->pending_length + length + 1);

	if (!pending)
		return;
	memcpy(pending + self->pending_length, text, length + 1);
	self->pending = pending;
	self->pending_length += length;
	flush(self);
}

/* Titles, reasons and command lines come from disks: nothing in them may speak to the terminal. */
static void put_plain(FILE *out, const char *text)
{
	for (; *text; text++) {
		char c = plain_byte((unsigned char)*text);

		if (c)
			putc(c, out);
	}
}

static void print_plain(struct front_lines *self, const char *text)
{
	char *copy = strdup(text);

	if (copy)
		print(self, plain_text(copy));
	free(copy);
}

static bool can_boot(const struct menu_row *row)
{
	return !row->entry->greyed;
}

static void list_row(FILE *out, const struct menu_model *model, size_t i)
{
	const struct menu_row *row = &model->rows[i];

	if (i == 0 || strcmp(model->rows[i - 1].system, row->system) != 0) {
		fputs("\r\n  ", out);
		put_plain(out, row->system);
		fputs("\r\n", out);
	}
	fprintf(out, "%c %3zu  ", row->entry == model->preferred ? '*' : ' ', i + 1);
	put_plain(out, row->entry->title);
	if (!can_boot(row)) {
		fputs(" (cannot be booted: ", out);
		put_plain(out, row->entry->greyed);
		putc(')', out);
	}
	fputs("\r\n", out);
}

static void put_message(FILE *out, char mark, const char *text)
{
	if (!text)
		return;
	fprintf(out, "\r\n%c ", mark);
	put_plain(out, text);
	fputs("\r\n", out);
}

static char *make_list(const struct menu_model *model)
{
	size_t length;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	fprintf(out, "\r\n%s\r\n", model->title);
	for (size_t i = 0; i < model->row_count; i++)
		list_row(out, model, i);
	if (!model->row_count)
		fputs("\r\n  Nothing to boot was found yet.\r\n", out);
	put_message(out, '!', model->trouble);
	put_message(out, '-', model->waits);
	fputs("\r\nNumber or Enter: boot   e NUMBER: edit its command line   r: look again   s: shell"
	      "\r\nb: restart the machine   p: power off\r\n",
	      out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void print_prompt(struct front_lines *self)
{
	print(self, self->mode == MODE_OPTIONS ? "\r\nboot with: " : "\r\n> ");
	print_plain(self, self->editor.text);
}

static void print_countdown(struct front_lines *self)
{
	char text[128];

	if (self->countdown == self->model->countdown)
		return;
	self->countdown = self->model->countdown;
	if (self->countdown == MENU_NO_COUNTDOWN)
		return;
	snprintf(text, sizeof(text), "\r* boots in %d s; any key stops that  ", self->countdown);
	print(self, text);
}

static void print_progress(struct front_lines *self)
{
	const char *line = self->model->progress;

	if (self->progressed && !strcmp(self->progressed, line))
		return;
	/* The line that ends with the jump must be whole: the next kernel writes behind it. */
	print(self, self->progressed ? "... " : "\r\n... ");
	print_plain(self, line);
	print(self, "\r\n");
	free(self->progressed);
	self->progressed = strdup(line);
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
		print_progress(self);
		return;
	}
	list = make_list(model);
	if (list && (!self->listed || strcmp(self->listed, list) != 0)) {
		print(self, list);
		print_prompt(self);
		self->countdown = MENU_NO_COUNTDOWN;
	}
	if (list) {
		free(self->listed);
		self->listed = list;
	}
	print_countdown(self);
}

/*
 * Input.
 */

static void want(struct front_lines *self, enum menu_action action, size_t row, const char *options)
{
	struct front *front = &self->front;
	struct menu_event event = { .action = action, .options = options };

	if (action == MENU_BOOT)
		event.entry = self->model->rows[row].entry;
	/* Once this ends the list may be the same, and is wanted again. */
	free(self->listed);
	self->listed = NULL;
	front->events.wanted(front->events.context, front, &event);
}

/* The row that @text names by its number, or the default for ""; false and says so for anything else. */
static bool find_row(struct front_lines *self, const char *text, size_t *ret_row)
{
	const struct menu_model *model = self->model;
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	for (size_t i = 0; !*text && i < model->row_count; i++)
		if (model->rows[i].entry == model->preferred)
			number = i + 1;
	if (*end || number < 1 || number > model->row_count) {
		print(self, "\r\nThere is no such entry.");
		return false;
	}
	*ret_row = number - 1;
	if (can_boot(&model->rows[*ret_row]))
		return true;
	print(self, "\r\nThat one cannot be booted.");
	return false;
}

static void begin_edit(struct front_lines *self, const char *text)
{
	if (!find_row(self, text + strspn(text, " "), &self->edited))
		return;
	self->mode = MODE_OPTIONS;
	editor_set(&self->editor, self->model->rows[self->edited].entry->options ?: "");
}

/* A whole line. Nothing of @self may be used after want(): the front may have been stopped. */
static void take_command(struct front_lines *self, const char *text)
{
	static const struct {
		const char *word;
		enum menu_action action;
	} words[] = {
		{ "r", MENU_RESCAN },
		{ "s", MENU_SHELL },
		{ "b", MENU_REBOOT },
		{ "p", MENU_POWER_OFF },
	};
	size_t row;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].word, text) != 0)
			continue;
		want(self, words[i].action, 0, NULL);
		return;
	}
	if (*text == 'e') {
		begin_edit(self, text + 1);
	} else if (find_row(self, text, &row)) {
		want(self, MENU_BOOT, row, NULL);
		return;
	}
	print_prompt(self);
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
	if (mode == MODE_COMMAND)
		take_command(self, line);
	else if (row < self->model->row_count)
		want(self, MENU_BOOT, row, line);
}

static void take_key(struct front_lines *self, unsigned char key)
{
	char echo[2] = { (char)key, '\0' };

	if (key == 0x7f || key == '\b') {
		if (self->editor.length && editor_key(&self->editor, UI_KEY_BACKSPACE))
			print(self, "\b \b");
	} else if (key == 0x15) { /* ^U */
		editor_set(&self->editor, "");
		print_prompt(self);
	} else if (key == 0x1b || key == 0x03) { /* Escape, ^C */
		self->mode = MODE_COMMAND;
		editor_set(&self->editor, "");
		print_prompt(self);
	} else if (key >= 0x20 && key < 0x7f && editor_key(&self->editor, key)) {
		print(self, echo);
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
		flush(self);
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
		print(self, "\r\n");
		loop_remove(front->loop, self->fd);
		if (self->was_saved)
			tcsetattr(self->fd, TCSANOW, &self->saved);
		close(self->fd);
	}
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
	r = open_terminal(self);
	if (r < 0) {
		stop(&self->front);
		return r;
	}
	*ret_front = &self->front;
	return 0;
}
