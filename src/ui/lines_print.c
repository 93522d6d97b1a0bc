// SPDX-License-Identifier: GPL-2.0-or-later
/* What the front of numbered lines prints, to a line that may be slow; see lines_print.h. */
#include "ui/lines_print.h"

#include "ui/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void lines_flush(struct front_lines *self)
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

void lines_print(struct front_lines *self, const char *text)
{
	size_t length = strlen(text);
	char *pending = realloc(self->pending, self->pending_length + length + 1);

	if (!pending)
		return;
	memcpy(pending + self->pending_length, text, length + 1);
	self->pending = pending;
	self->pending_length += length;
	lines_flush(self);
}

void lines_print_plain(struct front_lines *self, const char *text)
{
	char *copy = strdup(text);

	if (copy)
		lines_print(self, plain_text(copy));
	free(copy);
}

void lines_print_prompt(struct front_lines *self)
{
	static const char *const prompts[] = {
		[MODE_COMMAND] = "\r\n> ",
		[MODE_KERNEL] = "\r\nkernel: ",
		[MODE_INITRDS] = "\r\ninitrds: ",
		[MODE_OPTIONS] = "\r\nboot with: ",
	};

	lines_print(self, prompts[self->mode]);
	lines_print_plain(self, self->editor.text);
}

void lines_print_countdown(struct front_lines *self)
{
	char text[128];

	if (self->countdown == self->model->countdown)
		return;
	self->countdown = self->model->countdown;
	if (self->countdown == MENU_NO_COUNTDOWN)
		return;
	snprintf(text, sizeof(text), "\r* boots in %d s; any key stops that  ", self->countdown);
	lines_print(self, text);
}

void lines_print_progress(struct front_lines *self)
{
	const char *line = self->model->progress;

	if (self->progressed && !strcmp(self->progressed, line))
		return;
	/* The line that ends with the jump must be whole: the next kernel writes behind it. */
	lines_print(self, self->progressed ? "... " : "\r\n... ");
	lines_print_plain(self, line);
	lines_print(self, "\r\n");
	free(self->progressed);
	self->progressed = strdup(line);
}

/* A text of a page: what is no line's end is made harmless. */
void lines_print_text(struct front_lines *self, const char *text)
{
	lines_print(self, "\r\n");
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = strndup(text, length);

		if (line)
			lines_print_plain(self, line);
		free(line);
		lines_print(self, "\r\n");
		text += length + (text[length] == '\n');
	}
	lines_print_prompt(self);
}

void lines_print_awaited(struct front_lines *self)
{
	const struct menu_model *model = self->model;
	const char *text = self->awaits == AWAITS_PLAN	 ? model->plan
			   : self->awaits == AWAITS_INFO ? model->info
			   : self->awaits == AWAITS_LOG	 ? model->log
							 : NULL;

	if (!text)
		return;
	self->awaits = AWAITS_NOTHING;
	lines_print_text(self, text);
}
