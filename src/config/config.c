// SPDX-License-Identifier: GPL-2.0-or-later
/* Settings parsed; see config.h. */
#include "config/config.h"

#include "base/duration.h"
#include "sys/dropins.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAILURES_DEFAULT 2
#define FAILURES_MAX	 1000 /* more is a slip of the finger */
#define WATCHDOG_MIN	 10   /* seconds: no kernel starts in less on a machine that is busy */
#define LINE_MAX_BYTES	 512

static const char main_file[] = "/etc/kexit/kexit.conf";
static const char vendor_dir[] = "/usr/lib/kexit/kexit.conf.d";
static const char admin_dir[] = "/etc/kexit/kexit.conf.d";

void config_init(struct config *config)
{
	*config = (struct config){ .failures = FAILURES_DEFAULT };
}

/*
 * One function a setting: 0, or -EINVAL when it cannot be understood.
 */

/* Which of two words @value is: 0 or 1, or -EINVAL. */
static int find_word(const char *value, const char *first, const char *second)
{
	if (!strcmp(value, first))
		return 0;
	return strcmp(value, second) ? -EINVAL : 1;
}

static int take_when_failed(struct config *config, const char *value)
{
	int word = find_word(value, "firmware", "abort");

	if (word >= 0)
		config->aborts = word;
	return word < 0 ? word : 0;
}

static int take_known_bad(struct config *config, const char *value)
{
	int word = find_word(value, "firmware", "kexec");

	if (word >= 0)
		config->trusts_known_bad = word;
	return word < 0 ? word : 0;
}

static int take_failures(struct config *config, const char *value)
{
	char *end;
	unsigned long count = strtoul(value, &end, 10);

	if (!isdigit((unsigned char)*value) || *end || count > FAILURES_MAX)
		return -EINVAL;
	config->failures = (unsigned int)count;
	return 0;
}

/* In whole seconds, as watchdogs have it. */
static int take_watchdog(struct config *config, const char *value)
{
	unsigned int ms = 0;

	if (strcmp(value, "off") != 0 &&
	    (duration_parse(value, &ms) < 0 || ms < 1000 * WATCHDOG_MIN))
		return -EINVAL;
	config->watchdog_seconds = (ms + 999) / 1000;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct config *config, const char *value);
	const char *wants;
} known[] = {
	{ "when-failed", take_when_failed, "'firmware' or 'abort'" },
	{ "failures", take_failures, "a number up to 1000 (0: no number of failures is too many)" },
	{ "known-bad", take_known_bad, "'firmware' or 'kexec'" },
	{ "watchdog", take_watchdog, "'off' or a time from 10s to an hour, such as 5min" },
};

const char *config_name(size_t index)
{
	return index < sizeof(known) / sizeof(known[0]) ? known[index].name : NULL;
}

static int take(struct config *config, const char *where, const char *name, const char *value,
		struct error *e)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, name) != 0)
			continue;
		if (known[i].take(config, value) == 0)
			return 0;
		return error_set(e, -EINVAL, "%s: %s = %s: must be %s", where, name, value,
				 known[i].wants);
	}
	return error_set(e, -EINVAL, "%s: there is no setting '%s' (kexit.conf(5) has them)", where,
			 name);
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

static int parse_line(struct config *config, const char *where, char *line, struct error *e)
{
	char *value;

	line = trim(line);
	if (!*line || *line == '#')
		return 0;
	for (const char *at = line; *at; at++)
		if (iscntrl((unsigned char)*at) && *at != '\t')
			return error_set(e, -EINVAL, "%s: control character 0x%02x", where,
					 (unsigned char)*at);
	value = strchr(line, '=');
	if (!value)
		return error_set(e, -EINVAL, "%s: '%s': must be NAME = VALUE", where, line);
	*value = '\0';
	return take(config, where, trim(line), trim(value + 1), e);
}

int config_parse(struct config *config, const char *path, const char *text, size_t length,
		 struct error *e)
{
	const char *end = text + length, *next;
	unsigned int number = 0;
	int r = 0;

	for (; text < end && r == 0; text = next + 1) {
		char line[LINE_MAX_BYTES + 1], where[300];
		size_t size;

		next = memchr(text, '\n', (size_t)(end - text)) ?: end;
		size = (size_t)(next - text);
		snprintf(where, sizeof(where), "%s:%u", path, ++number);
		if (size > LINE_MAX_BYTES)
			return error_set(e, -EINVAL, "%s: line is longer than %d bytes", where,
					 LINE_MAX_BYTES);
		if (memchr(text, '\0', size))
			return error_set(e, -EINVAL, "%s: control character 0x00", where);
		memcpy(line, text, size);
		line[size] = '\0';
		r = parse_line(config, where, line, e);
	}
	return r;
}

static int take_file(void *context, const char *path, const char *text, size_t length,
		     struct error *e)
{
	return config_parse(context, path, text, length, e);
}

int config_read(const struct sysroot *root, struct config *ret_config, struct error *e)
{
	struct config config;
	int r = 0;

	config_init(&config);
	if (sysroot_exists(root, main_file))
		r = dropins_read_file(root, main_file, take_file, &config, e);
	if (r == 0)
		r = dropins_read(root, vendor_dir, admin_dir, take_file, &config, e);
	if (r == 0)
		*ret_config = config;
	return r;
}

unsigned int config_failures(const struct sysroot *root)
{
	struct config config;

	config_init(&config);
	config_read(root, &config, NULL);
	return config.failures;
}
