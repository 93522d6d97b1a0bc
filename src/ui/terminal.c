// SPDX-License-Identifier: GPL-2.0-or-later
/* ncurses on one terminal device; see terminal.h. */
#include "ui/terminal.h"

#include "ui/key.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ttydefaults.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* A serial terminal's answer has a round trip to make; nobody answers where nobody listens. */
#define ANSWER_MS 300
/* A key's escape sequence comes in one piece, but not at once at 9600 baud. */
#define ESCAPE_MS 100

static struct {
	int fd;
	FILE *stream;
	SCREEN *curses;
	bool was_asked; /* for its size, which a line does not know by itself */
} terminal = { .fd = -1 };

/* ---- its size */

/* ECMA-48 8.3.14 (CPR): "ESC [ row ; column R". */
static bool parse_report(const char *answer, struct winsize *ret)
{
	const char *report = strstr(answer, "\033[");
	unsigned int height, width;

	if (!report || sscanf(report, "\033[%u;%uR", &height, &width) != 2)
		return false;
	if (height < 2 || width < 2 || height > 1000 || width > 1000)
		return false;
	ret->ws_row = (unsigned short)height;
	ret->ws_col = (unsigned short)width;
	return true;
}

/*
 * A serial line does not know its terminal's size; the terminal does, and tells where its cursor ended
 * when that is sent further than any screen goes (ECMA-48 8.3.21 CUP, 8.3.35 DSR 6).
 */
static bool ask_size(int fd, struct winsize *ret)
{
	static const char question[] = "\0337\033[999;999H\033[6n\0338";
	char answer[64];
	size_t length = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (write(fd, question, sizeof(question) - 1) < 0)
		return false;
	while (length < sizeof(answer) - 1 && poll(&p, 1, ANSWER_MS) > 0) {
		ssize_t n = read(fd, answer + length, sizeof(answer) - 1 - length);

		if (n <= 0)
			return false;
		length += (size_t)n;
		answer[length] = '\0';
		if (strchr(answer, 'R'))
			return parse_report(answer, ret);
	}
	return false;
}

/* An answer must not be echoed, nor wait for a line's end; ncurses sets its own modes after. */
static void learn_size(int fd)
{
	struct termios before, raw;
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		return;
	if (tcgetattr(fd, &before) < 0)
		return;
	terminal.was_asked = true;
	raw = before;
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	if (!ask_size(fd, &size))
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	tcsetattr(fd, TCSANOW, &before);
	ioctl(fd, TIOCSWINSZ, &size);
}

void terminal_ask_size(void)
{
	struct winsize size;

	if (terminal.was_asked && ask_size(terminal.fd, &size))
		ioctl(terminal.fd, TIOCSWINSZ, &size);
}

void terminal_size(unsigned int *ret_width, unsigned int *ret_height)
{
	struct winsize size;

	*ret_width = 80;
	*ret_height = 24;
	if (ioctl(terminal.fd, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		return;
	*ret_width = size.ws_col;
	*ret_height = size.ws_row;
}

/* ---- open and close */

static int open_device(const char *path)
{
	int r;

	/* As this session's own terminal where it is nobody's yet: then a new size is a SIGWINCH. */
	terminal.fd = open(path, O_RDWR | O_CLOEXEC);
	if (terminal.fd < 0)
		return -errno;
	terminal.stream = fdopen(terminal.fd, "r+");
	if (terminal.stream)
		return 0;
	r = -errno;
	close(terminal.fd);
	terminal.fd = -1;
	return r;
}

static int start_curses(const char *type)
{
	terminal.curses = newterm(type, terminal.stream, terminal.stream);
	if (!terminal.curses)
		return -ENOTTY;
	set_term(terminal.curses);
	/* A "dumb" terminal starts as well, and would show every change as another line. */
	if (!cursor_address)
		return -ENOTTY;
	set_escdelay(ESCAPE_MS);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	return 0;
}

int terminal_open(const char *path, const char *type)
{
	int r = open_device(path);

	if (r < 0)
		return r;
	learn_size(terminal.fd);
	r = start_curses(type);
	if (r < 0)
		terminal_close();
	return r;
}

void terminal_close(void)
{
	if (terminal.curses) {
		/* What comes next, a shell's prompt, would stand in the midst of a menu. */
		erase();
		refresh();
		endwin();
		delscreen(terminal.curses);
		terminal.curses = NULL;
	}
	if (terminal.stream)
		fclose(terminal.stream);
	terminal.stream = NULL;
	terminal.fd = -1;
	terminal.was_asked = false;
}

int terminal_fd(void)
{
	return terminal.fd;
}

/* ---- keys */

static int special_key(int key)
{
	static const struct {
		int curses, ours;
	} keys[] = {
		{ KEY_UP, UI_KEY_UP },
		{ KEY_DOWN, UI_KEY_DOWN },
		{ KEY_LEFT, UI_KEY_LEFT },
		{ KEY_RIGHT, UI_KEY_RIGHT },
		{ KEY_HOME, UI_KEY_HOME },
		{ KEY_FIND, UI_KEY_HOME },
		{ KEY_END, UI_KEY_END },
		{ KEY_SELECT, UI_KEY_END },
		{ KEY_PPAGE, UI_KEY_PAGE_UP },
		{ KEY_NPAGE, UI_KEY_PAGE_DOWN },
		{ KEY_ENTER, UI_KEY_ENTER },
		{ '\r', UI_KEY_ENTER },
		{ '\n', UI_KEY_ENTER },
		{ KEY_BACKSPACE, UI_KEY_BACKSPACE },
		{ 0x7f, UI_KEY_BACKSPACE },
		{ CTRL('H'), UI_KEY_BACKSPACE },
		{ KEY_DC, UI_KEY_DELETE },
		{ CTRL('D'), UI_KEY_DELETE },
		{ CTRL('A'), UI_KEY_HOME },
		{ CTRL('E'), UI_KEY_END },
		{ CTRL('B'), UI_KEY_LEFT },
		{ CTRL('F'), UI_KEY_RIGHT },
		{ CTRL('P'), UI_KEY_UP },
		{ CTRL('N'), UI_KEY_DOWN },
		{ CTRL('W'), UI_KEY_DELETE_WORD },
		{ CTRL('U'), UI_KEY_CUT_HEAD },
		{ CTRL('K'), UI_KEY_CUT_TAIL },
		{ CTRL('L'), UI_KEY_REPAINT },
		{ 0x1b, UI_KEY_ESCAPE },
		{ CTRL('C'), UI_KEY_ESCAPE },
		{ '\t', UI_KEY_TAB },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == key)
			return keys[i].ours;
	return UI_KEY_NONE;
}

/* Keys without a meaning are eaten: UI_KEY_NONE says that no more wait. */
int terminal_key(void)
{
	struct pollfd p = { .fd = terminal.fd, .events = POLLIN };
	int key;

	while ((key = getch()) != ERR) {
		int known = key >= 0x20 && key < 0x7f ? key : special_key(key);

		if (known != UI_KEY_NONE)
			return known;
	}
	if (poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR)))
		return -EIO;
	return UI_KEY_NONE;
}

/* ---- painting */

static attr_t attributes_of(enum emphasis emphasis)
{
	switch (emphasis) {
	case EMPHASIS_STRONG:
		return A_BOLD;
	case EMPHASIS_REVERSE:
		return A_REVERSE;
	case EMPHASIS_WEAK:
		return A_DIM;
	case EMPHASIS_NONE:
		break;
	}
	return A_NORMAL;
}

static void put_row(const struct screen *screen, unsigned int row)
{
	const char *cells = screen_row(screen, row);

	for (unsigned int column = 0; column < screen_width(screen) && column < (unsigned int)COLS;
	     column++)
		mvaddch((int)row, (int)column,
			(chtype)(unsigned char)cells[column] |
				attributes_of(screen_emphasis(screen, row, column)));
}

void terminal_paint(const struct screen *screen, bool anew)
{
	unsigned int width, height, row, column;

	terminal_size(&width, &height);
	if (is_term_resized((int)height, (int)width))
		resizeterm((int)height, (int)width);
	if (anew)
		clearok(stdscr, TRUE);
	for (row = 0; row < screen_height(screen) && row < (unsigned int)LINES; row++)
		put_row(screen, row);
	if (screen_cursor(screen, &row, &column)) {
		curs_set(1);
		move((int)row, (int)column);
	} else {
		curs_set(0);
	}
	refresh();
}
