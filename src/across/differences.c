// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is not back, told a line each; see differences.h.
 *
 * A function is known by its address, a disk by what it says of itself (its kernel name depends on who
 * was found first), a link by its permanent hardware address, else by its function and name.
 */
#include "across/differences.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *word(const json_t *item, const char *name)
{
	return json_string_value(json_object_get(item, name));
}

static const char *shown(const json_t *item, const char *name)
{
	return word(item, name) ?: "none";
}

static bool is_same(const json_t *a, const json_t *b, const char *name)
{
	return json_equal(json_object_get(a, name), json_object_get(b, name));
}

static void __attribute__((format(printf, 2, 3))) tell(json_t *lines, const char *format, ...)
{
	char line[640];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	json_array_append_new(lines, json_string(line));
}

/* The first of @list whose @name has the value that @item's has, which must be a string; or NULL. */
static json_t *find_by(const json_t *list, const json_t *item, const char *name)
{
	json_t *other;
	size_t i;

	if (!word(item, name))
		return NULL;
	json_array_foreach (list, i, other)
		if (is_same(item, other, name))
			return other;
	return NULL;
}

/* ---- functions */

static json_t *same_function(const json_t *list, const json_t *item)
{
	return find_by(list, item, "address");
}

static const char *function_name(const json_t *item, char *text, size_t size)
{
	snprintf(text, size, "%s", shown(item, "address"));
	return text;
}

static void compare_functions(const json_t *before, const json_t *now, struct differences *ret)
{
	const char *address = shown(before, "address");

	if (!is_same(before, now, "ids"))
		tell(ret->lost, "%s: another device: %s then, %s now", address,
		     shown(before, "ids"), shown(now, "ids"));
	else if (!word(before, "driver") && word(now, "driver"))
		tell(ret->notes, "%s: no driver then, %s now", address, shown(now, "driver"));
	else if (!is_same(before, now, "driver"))
		tell(ret->lost, "%s: driver %s then, %s now", address, shown(before, "driver"),
		     shown(now, "driver"));
}

/* ---- disks */

static json_t *same_disk(const json_t *list, const json_t *item)
{
	/* Each tells a disk apart from those that are not told by the one before it. */
	if (word(item, "wwid"))
		return find_by(list, item, "wwid");
	if (word(item, "serial"))
		return find_by(list, item, "serial");
	return find_by(list, item, "name");
}

static const char *disk_name(const json_t *item, char *text, size_t size)
{
	const char *known = word(item, "wwid") ?: word(item, "serial");

	snprintf(text, size, "%s%s%s%s", shown(item, "name"), known ? " (" : "", known ?: "",
		 known ? ")" : "");
	return text;
}

static void compare_disks(const json_t *before, const json_t *now, struct differences *ret)
{
	json_int_t then = json_integer_value(json_object_get(before, "bytes"));
	json_int_t bytes = json_integer_value(json_object_get(now, "bytes"));
	char name[256];

	disk_name(before, name, sizeof(name));
	if (json_is_true(json_object_get(before, "empty")))
		return;
	if (json_is_true(json_object_get(now, "empty")))
		tell(ret->lost, "%s: no medium now", name);
	else if (then != bytes)
		tell(ret->lost, "%s: %lld bytes then, %lld now", name, (long long)then,
		     (long long)bytes);
	if (!is_same(before, now, "name"))
		tell(ret->notes, "%s: is called %s now", name, shown(now, "name"));
}

/* ---- network links */

static json_t *same_link(const json_t *list, const json_t *item)
{
	json_t *other, *of_function = NULL;
	size_t i;

	/* Two ports of one card may have been given one address: the name decides then. */
	json_array_foreach (list, i, other)
		if (word(item, "permanent_address") && is_same(item, other, "permanent_address") &&
		    is_same(item, other, "name"))
			return other;
	if (word(item, "permanent_address"))
		return find_by(list, item, "permanent_address");
	json_array_foreach (list, i, other) {
		if (word(other, "permanent_address") || !is_same(item, other, "function"))
			continue;
		if (is_same(item, other, "name"))
			return other;
		of_function = of_function ?: other;
	}
	return of_function;
}

static const char *link_name(const json_t *item, char *text, size_t size)
{
	const char *address = word(item, "permanent_address");

	snprintf(text, size, "%s%s%s%s", shown(item, "name"), address ? " (" : "", address ?: "",
		 address ? ")" : "");
	return text;
}

static void compare_addresses(const json_t *before, const json_t *now, const char *name,
			      struct differences *ret)
{
	const json_t *list = json_object_get(now, "addresses"), *address, *other;
	size_t i, j;

	json_array_foreach (json_object_get(before, "addresses"), i, address) {
		bool is_there = false;

		json_array_foreach (list, j, other)
			is_there |= json_equal(address, other);
		if (!is_there)
			tell(ret->notes, "%s: had the address %s, and has it not now", name,
			     json_string_value(address) ?: "?");
	}
}

static bool has(const json_t *item, const char *name)
{
	return json_is_true(json_object_get(item, name));
}

static void compare_links(const json_t *before, const json_t *now, struct differences *ret)
{
	long long speed = json_integer_value(json_object_get(now, "speed"));
	long long then = json_integer_value(json_object_get(before, "speed"));
	char name[256];

	link_name(before, name, sizeof(name));
	if (!is_same(before, now, "name"))
		tell(ret->lost, "%s: is called %s now", name, shown(now, "name"));
	if (has(before, "up") && !has(now, "up"))
		tell(ret->lost, "%s: was up, and is down now", name);
	else if (has(before, "carrier") && !has(now, "carrier"))
		tell(ret->lost, "%s: had a carrier, and has none now", name);
	else if (has(before, "carrier") && then && !speed)
		tell(ret->lost, "%s: %lld Mb/s then, none told now", name, then);
	else if (has(before, "carrier") && then && then != speed)
		tell(ret->lost, "%s: %lld Mb/s then, %lld now", name, then, speed);
	if (has(before, "carrier") && has(now, "carrier") && word(before, "duplex") &&
	    !is_same(before, now, "duplex"))
		tell(ret->lost, "%s: %s duplex then, %s now", name, shown(before, "duplex"),
		     shown(now, "duplex"));
	compare_addresses(before, now, name, ret);
}

/* ---- all */

static const struct kind {
	const char *list, *noun;
	json_t *(*same)(const json_t *list, const json_t *item);
	void (*compare)(const json_t *before, const json_t *now, struct differences *ret);
	const char *(*name)(const json_t *item, char *text, size_t size);
} kinds[] = {
	{ "functions", "function", same_function, compare_functions, function_name },
	{ "disks", "disk", same_disk, compare_disks, disk_name },
	{ "links", "network link", same_link, compare_links, link_name },
};

/* Takes the one that is @item out of @list, so that two that look the same need two; or NULL. The
 * caller owns it. */
static json_t *take(const struct kind *kind, json_t *list, const json_t *item)
{
	const json_t *same = kind->same(list, item), *other;
	size_t i;

	json_array_foreach (list, i, other) {
		if (other != same)
			continue;
		json_t *taken = json_incref(json_array_get(list, i));

		json_array_remove(list, i);
		return taken;
	}
	return NULL;
}

static int compare_kind(const struct kind *kind, const json_t *before, const json_t *now,
			struct differences *ret)
{
	json_t *all = json_object_get(now, kind->list);
	json_t *left = json_array(), *other;
	const json_t *item;
	char name[256];
	size_t i;

	if (!left || (json_is_array(all) && json_array_extend(left, all))) {
		json_decref(left);
		return -ENOMEM;
	}
	json_array_foreach (json_object_get(before, kind->list), i, item) {
		other = take(kind, left, item);
		if (other)
			kind->compare(item, other, ret);
		else
			tell(ret->lost, "%s: the %s is not there now",
			     kind->name(item, name, sizeof(name)), kind->noun);
		json_decref(other);
	}
	json_array_foreach (left, i, item)
		tell(ret->notes, "%s: the %s is new", kind->name(item, name, sizeof(name)),
		     kind->noun);
	json_decref(left);
	return 0;
}

int differences_find(const json_t *before, const json_t *now, struct differences *ret)
{
	struct differences found = { .lost = json_array(),
				     .notes = json_array(),
				     .seen = json_array() };

	if (!found.lost || !found.notes || !found.seen) {
		differences_done(&found);
		return -ENOMEM;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int r = compare_kind(&kinds[i], before, now, &found);

		if (r < 0) {
			differences_done(&found);
			return r;
		}
	}
	*ret = found;
	return 0;
}

void differences_done(struct differences *differences)
{
	json_decref(differences->lost);
	json_decref(differences->notes);
	json_decref(differences->seen);
	*differences = (struct differences){ 0 };
}
