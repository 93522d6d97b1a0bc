// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings parsed; see settings.h. */
#include "boot/settings.h"

#include "base/duration.h"
#include "offer/bootdevs.h"
#include "offer/chain.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS		10000
#define TIMEOUT_SECONDS 86400 /* a day: more is a slip of the finger */

static const char file_name[] = "/etc/kexit/boot.conf";

void settings_init(struct settings *settings)
{
	*settings = (struct settings){
		.timeout = SETTINGS_TIMEOUT_SYSTEM,
		.wait_ms = WAIT_MS,
		.may_shell = true,
		.falls_back = true,
		.bootdevs = BOOTDEVS_DEFAULT,
		.problem = ERROR_NONE,
	};
}

/*
 * One function a setting: 0, or -EINVAL when it cannot be understood.
 */

static int take_timeout(struct settings *settings, const char *value)
{
	unsigned long seconds;
	char *end;

	if (!strcmp(value, "system") || !strcmp(value, "forever")) {
		settings->timeout =
			*value == 's' ? SETTINGS_TIMEOUT_SYSTEM : SETTINGS_TIMEOUT_FOREVER;
		return 0;
	}
	seconds = strtoul(value, &end, 10);
	if (end == value || *end || *value == '-' || seconds > TIMEOUT_SECONDS)
		return -EINVAL;
	settings->timeout = (int)seconds;
	return 0;
}

static int take_text(char *field, const char *value)
{
	if (strlen(value) >= SETTING_SIZE)
		return -EINVAL;
	strcpy(field, value);
	return 0;
}

static int take_default(struct settings *settings, const char *value)
{
	return take_text(settings->chosen, value);
}

static int take_consoles(struct settings *settings, const char *value)
{
	return take_text(settings->consoles, value);
}

/* The index of @value in @words, which ends with NULL; -EINVAL: none of them. */
static int find_word(const char *const words[], const char *value)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], value))
			return i;
	return -EINVAL;
}

static int take_menu(struct settings *settings, const char *value)
{
	static const char *const words[] = { "auto", "lines", NULL };
	int i = find_word(words, value);

	if (i >= 0)
		settings->menu = (enum settings_menu)i;
	return i < 0 ? i : 0;
}

static int take_on_stuck(struct settings *settings, const char *value)
{
	static const char *const words[] = { "auto", "firmware", "wait", "abort", NULL };
	int i = find_word(words, value);

	if (i >= 0)
		settings->on_stuck = (enum on_stuck)i;
	return i < 0 ? i : 0;
}

static int take_reset(struct settings *settings, const char *value)
{
	return reset_mode_parse(value, &settings->plan.reset);
}

static int take_halt(struct settings *settings, const char *value)
{
	return halt_mode_parse(value, &settings->plan.halt);
}

static int take_yes(bool *field, const char *value)
{
	static const char *const words[] = { "no", "yes", NULL };
	int i = find_word(words, value);

	if (i >= 0)
		*field = i;
	return i < 0 ? i : 0;
}

static int take_shell(struct settings *settings, const char *value)
{
	return take_yes(&settings->may_shell, value);
}

static int take_fallback(struct settings *settings, const char *value)
{
	return take_yes(&settings->falls_back, value);
}

static int take_bootdevs(struct settings *settings, const char *value)
{
	if (!*value || bootdevs_check(value) < 0)
		return -EINVAL;
	return take_text(settings->bootdevs, value);
}

static int take_chain(struct settings *settings, const char *value)
{
	char *end;
	unsigned long count = strtoul(value, &end, 10);

	/* What is no number was no kexit-boot's: somebody has to look. */
	settings->chain =
		end == value || *end || count > UINT_MAX - 1 ? CHAIN_MAX : (unsigned int)count;
	return 0;
}

static int take_wait(struct settings *settings, const char *value)
{
	return duration_parse(value, &settings->wait_ms);
}

static const struct {
	const char *name;
	int (*take)(struct settings *settings, const char *value);
	const char *wants;
} known[] = {
	{ "timeout", take_timeout, "seconds, 'system' or 'forever'" },
	{ "default", take_default, "an entry's id or title, or a pattern" },
	{ "menu", take_menu, "'auto' or 'lines'" },
	{ "on-stuck", take_on_stuck, "'auto', 'firmware', 'wait' or 'abort'" },
	{ "reset", take_reset, "'auto', 'none' or 'all'" },
	{ "halt", take_halt, "'auto' or 'none'" },
	{ "consoles", take_consoles, "names such as tty0,ttyS0" },
	{ "wait", take_wait, "a time such as 10s" },
	{ "shell", take_shell, "'yes' or 'no'" },
	{ "fallback", take_fallback, "'yes' or 'no'" },
	{ "bootdevs", take_bootdevs,
	  "words such as fixed,usb,UUID=...: fixed, usb, cd, card, removable, any, UUID=, LABEL=" },
	{ CHAIN_NAME, take_chain, "a number" },
};

/* The first problem is what the menu shows; a boot loader goes on with what it understood. */
static void problem(struct settings *settings, const char *where, const char *name,
		    const char *value, const char *wants)
{
	if (settings->problem.code)
		return;
	if (wants)
		error_set(&settings->problem, -EINVAL, "%s: %s=%s: must be %s", where, name, value,
			  wants);
	else
		error_set(&settings->problem, -EINVAL, "%s: there is no setting '%s'", where, name);
}

static void take(struct settings *settings, const char *where, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name) != 0)
			continue;
		if (known[i].take(settings, value) < 0)
			problem(settings, where, name, value, known[i].wants);
		return;
	}
	problem(settings, where, name, "", NULL);
}

/* Without blanks around it. In place. */
static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = '\0';
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static void parse_line(struct settings *settings, const char *where, char *line)
{
	char *value;

	line = trim(line);
	if (!*line || *line == '#')
		return;
	value = strchr(line, '=');
	if (!value) {
		problem(settings, where, line, "", NULL);
		return;
	}
	*value = '\0';
	take(settings, where, trim(line), trim(value + 1));
}

void settings_parse_file(struct settings *settings, const char *name, const char *text)
{
	char *copy = strdup(text), *at = copy, *line, where[256];
	unsigned int number = 0;

	while ((line = strsep(&at, "\n"))) {
		snprintf(where, sizeof(where), "%s:%u", name, ++number);
		parse_line(settings, where, line);
	}
	free(copy);
}

/* Ends the word at @at, its double quotes taken out; returns where the next one may begin. In place. */
static char *end_word(char *at)
{
	char *to = at;
	bool quoted = false;

	for (; *at && (quoted || !isspace((unsigned char)*at)); at++) {
		if (*at == '"')
			quoted = !quoted;
		else
			*to++ = *at;
	}
	if (*at)
		at++;
	*to = '\0';
	return at;
}

void settings_parse_cmdline(struct settings *settings, const char *text)
{
	static const char prefix[] = "kexit.";
	char *copy = strdup(text), *at = copy;

	while (at && *at) {
		char *word = at + strspn(at, " \t\n"), *value;

		at = end_word(word);
		value = strchr(word, '=');
		if (strncmp(word, prefix, strlen(prefix)) != 0 || !value)
			continue;
		*value = '\0';
		take(settings, "kernel command line", word + strlen(prefix), value + 1);
	}
	free(copy);
}

void settings_read(struct settings *settings, const struct sysroot *root)
{
	char *text;

	if (sysroot_read_all(root, file_name, &text) == 0) {
		settings_parse_file(settings, file_name, text);
		free(text);
	}
	if (sysroot_read_all(root, "/proc/cmdline", &text) == 0) {
		settings_parse_cmdline(settings, text);
		free(text);
	}
}
