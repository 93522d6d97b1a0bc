// SPDX-License-Identifier: GPL-2.0-or-later
/* The sections of a unified kernel image; see uki_image.h. */
#include "format/uki_image.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX     (64 * 1024)
#define PROFILES_MAX 16

int uki_image_open(const struct fsroot *root, const char *path, struct uki_image *ret_image)
{
	struct uki_image image = { .root = root, .path = path };
	uint64_t bytes = 0;
	int code;

	image.fd = fsroot_open_file(root, path, &bytes);
	if (image.fd < 0)
		return image.fd;
	code = pe_read(image.fd, 0, bytes, &image.pe);
	if (code)
		close(image.fd);
	else
		*ret_image = image;
	return code;
}

void uki_image_close(struct uki_image *image)
{
	close(image->fd);
}

/* Where the section ".profile" of @profile is; the number of sections where there is no such. */
static size_t profile_start(const struct pe *pe, unsigned int profile)
{
	size_t i = 0;

	for (; i < pe->section_count; i++)
		if (!strcmp(pe->sections[i].name, ".profile") && profile-- == 0)
			break;
	return i;
}

unsigned int uki_image_profiles(const struct uki_image *image)
{
	const struct pe *pe = &image->pe;
	unsigned int count = 0;

	while (count < PROFILES_MAX && profile_start(pe, count) < pe->section_count)
		count++;
	return count;
}

static const struct pe_section *find_between(const struct pe *pe, size_t start, size_t end,
					     const char *name)
{
	for (size_t i = start; i < end; i++)
		if (!strcmp(pe->sections[i].name, name) && pe->sections[i].length)
			return &pe->sections[i];
	return NULL;
}

const struct pe_section *uki_image_find(const struct uki_image *image, unsigned int profile,
					const char *name)
{
	const struct pe *pe = &image->pe;
	const struct pe_section *own =
		find_between(pe, profile_start(pe, profile), profile_start(pe, profile + 1), name);

	return own ?: find_between(pe, 0, profile_start(pe, 0), name);
}

char *uki_image_text(struct entry_list *list, const struct uki_image *image, unsigned int profile,
		     const char *name, int *ret_code)
{
	const struct pe_section *section = uki_image_find(image, profile, name);
	char *text;
	ssize_t n;

	if (!section)
		return NULL;
	if (section->length > TEXT_MAX) {
		*ret_code = -EFBIG;
		return NULL;
	}
	text = arena_alloc(list->arena, section->length + 1);
	n = text ? pread(image->fd, text, section->length, (off_t)section->offset) : 0;
	if (!text || n < 0) {
		*ret_code = text ? -errno : -ENOMEM;
		return NULL;
	}
	text += strspn(text, " \t\r\n");
	for (size_t length = strlen(text); length && strchr(" \t\r\n", text[length - 1]); length--)
		text[length - 1] = '\0';
	return text;
}

struct entry_file uki_image_file(const struct uki_image *image, const struct pe_section *section)
{
	return (struct entry_file){
		.root = image->root,
		.path = image->path,
		.offset = section->offset,
		.length = section->length,
	};
}
