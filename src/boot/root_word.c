// SPDX-License-Identifier: GPL-2.0-or-later
/* root= as the kernel, initramfs-tools, dracut and systemd understand it; see root_word.h. */
#include "boot/root_word.h"

#include <string.h>
#include <strings.h>

struct value {
	const char *text;
	size_t length;
};

/* The last one counts, as for the kernel. */
static struct value find_value(const char *options)
{
	struct value value = { .text = "" };

	for (options += strspn(options, " "); *options; options += strspn(options, " ")) {
		size_t length = strcspn(options, " ");

		if (length > 5 && !strncmp(options, "root=", 5))
			value = (struct value){ options + 5, length - 5 };
		options += length;
	}
	return value;
}

/* True where @value begins with @prefix, and is @rest from there on. */
static bool is(struct value value, const char *prefix, const char *rest, bool any_case)
{
	size_t length = strlen(prefix), left = value.length - length;

	if (value.length <= length || strncmp(value.text, prefix, length) != 0 || !rest ||
	    strlen(rest) != left)
		return false;
	return !(any_case ? strncasecmp(value.text + length, rest, left)
			  : strncmp(value.text + length, rest, left));
}

/* "/dev/vg/root" is the device mapper's "vg-root"; a dash in a name is two there (lvm(8)). */
static bool is_volume_path(struct value value, const char *mapped)
{
	const char *at = value.text + 5, *end = value.text + value.length;

	if (!mapped || !*mapped || value.length < 5 || strncmp(value.text, "/dev/", 5) != 0)
		return false;
	for (; at < end && *mapped; at++, mapped++) {
		if (*at == '-' && *mapped++ != '-')
			return false;
		if (*mapped != (*at == '/' ? '-' : *at))
			return false;
	}
	return at == end && !*mapped;
}

static bool means(struct value value, const struct volume_view *view)
{
	return is(value, "UUID=", view->uuid, true) ||
	       is(value, "/dev/disk/by-uuid/", view->uuid, true) ||
	       is(value, "LABEL=", view->label, false) ||
	       is(value, "/dev/disk/by-label/", view->label, false) ||
	       is(value, "PARTUUID=", view->part_uuid, true) ||
	       is(value, "/dev/disk/by-partuuid/", view->part_uuid, true) ||
	       is(value, "/dev/mapper/", view->mapped, false) ||
	       is_volume_path(value, view->mapped) || is(value, "/dev/", view->name, false);
}

size_t root_word_find(const char *options, const struct volume_view *views, size_t count)
{
	struct value value = find_value(options);
	size_t i = 0;

	while (i < count && !means(value, &views[i]))
		i++;
	return i;
}
