// SPDX-License-Identifier: GPL-2.0-or-later
/* Boot counters; see counter.h. */
#include "entry/counter.h"

#include <errno.h>
#include <string.h>

#define TRIES_MAX 1000000

/* Digits alone, at least one; *@at is moved behind them. */
static bool take_number(const char **at, int *ret_number)
{
	const char *start = *at;
	int number = 0;

	while (**at >= '0' && **at <= '9' && number < TRIES_MAX)
		number = number * 10 + *(*at)++ - '0';
	if (*at == start || number >= TRIES_MAX)
		return false;
	*ret_number = number;
	return true;
}

/* @plus is "+LEFT" or "+LEFT-DONE", up to @dot. */
static bool parse(const char *plus, const char *dot, int *ret_left, int *ret_done)
{
	const char *at = plus + 1;
	int left = 0, done = 0;

	if (!take_number(&at, &left))
		return false;
	if (*at == '-') {
		at++;
		if (!take_number(&at, &done))
			return false;
	}
	if (at != dot)
		return false;
	*ret_left = left;
	*ret_done = done;
	return true;
}

int counter_take(struct entry_list *list, struct entry *entry, const char *name)
{
	const char *dot = strrchr(name, '.'), *plus = strrchr(name, '+');

	if (dot && plus && plus < dot && parse(plus, dot, &entry->tries_left, &entry->tries_done))
		entry->id = arena_printf(list->arena, "%.*s%s", (int)(plus - name), name, dot);
	else
		entry->id = arena_strdup(list->arena, name);
	return entry->id ? 0 : -ENOMEM;
}
