// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries compared; see sameness.h. */
#include "offer/sameness.h"

#include <fnmatch.h>
#include <string.h>

static bool is_same_file(const struct entry_file *a, const struct entry_file *b)
{
	if (!a->root || !b->root)
		return !a->root && !b->root;
	if (a->offset != b->offset)
		return false;
	if (a->inode && b->inode)
		return a->inode == b->inode && a->device == b->device;
	return !strcmp(fsroot_path(a->root), fsroot_path(b->root)) && !strcmp(a->path, b->path);
}

bool sameness_of_kernel(const struct entry *a, const struct entry *b)
{
	return is_same_file(&a->kernel, &b->kernel);
}

static bool are_same_files(const struct entry_file *a, size_t count, const struct entry_file *b,
			   size_t other_count)
{
	for (size_t i = 0; count == other_count && i < count; i++)
		if (!is_same_file(&a[i], &b[i]))
			return false;
	return count == other_count;
}

bool sameness_of_files(const struct entry *a, const struct entry *b)
{
	return sameness_of_kernel(a, b) && is_same_file(&a->devicetree, &b->devicetree) &&
	       are_same_files(a->initrds, a->initrd_count, b->initrds, b->initrd_count) &&
	       are_same_files(a->overlays, a->overlay_count, b->overlays, b->overlay_count);
}

bool sameness_of_options(const struct entry *a, const struct entry *b)
{
	const char *left = a->options ?: "", *right = b->options ?: "";

	for (;;) {
		size_t length;

		left += strspn(left, " ");
		right += strspn(right, " ");
		length = strcspn(left, " ");
		if (!length || length != strcspn(right, " ") || strncmp(left, right, length) != 0)
			return !*left && !*right;
		left += length;
		right += length;
	}
}

/* As systemd, sysvinit, Debian's and Ubuntu's "recovery mode" and dracut's rescue images have it. */
static bool is_recovery_word(const char *word, size_t length)
{
	static const char *const words[] = {
		"single",
		"S",
		"s",
		"1",
		"emergency",
		"rescue",
		"recovery",
		"rd.break",
		"rd.rescue",
		"rd.emergency",
		"systemd.unit=rescue*",
		"systemd.unit=emergency*",
		"rd.systemd.unit=rescue*",
		"rd.systemd.unit=emergency*",
		"init=/bin/*sh",
		"init=/usr/bin/*sh",
		"rdinit=/bin/*sh",
		"rd.break=*",
	};
	char text[64];

	if (length >= sizeof(text))
		return false;
	memcpy(text, word, length);
	text[length] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!fnmatch(words[i], text, 0))
			return true;
	return false;
}

static bool has_recovery_word(const char *options)
{
	for (options += strspn(options, " "); *options; options += strspn(options, " ")) {
		size_t length = strcspn(options, " ");

		if (is_recovery_word(options, length))
			return true;
		options += length;
	}
	return false;
}

static bool is_called_recovery(const char *name)
{
	return name && (!fnmatch("*rescue*", name, FNM_CASEFOLD) ||
			!fnmatch("*recovery*", name, FNM_CASEFOLD) ||
			!fnmatch("*single*user*", name, FNM_CASEFOLD) ||
			!fnmatch("*emergency*", name, FNM_CASEFOLD));
}

bool sameness_is_recovery(const struct entry *entry)
{
	/* A kernel's name, since Fedora's rescue entry has an ordinary command line. */
	return has_recovery_word(entry->options ?: "") || is_called_recovery(entry->title) ||
	       is_called_recovery(entry->id) || is_called_recovery(entry->kernel.path);
}
