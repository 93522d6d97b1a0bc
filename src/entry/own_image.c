// SPDX-License-Identifier: GPL-2.0-or-later
/* How an image of kexit-boot is told from a system's; see own_image.h. */
#include "entry/own_image.h"
#include "entry/osrel.h"
#include "sys/boot_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A member of an archive as the kernel unpacks it (Linux: Documentation/driver-api/early-userspace/
 * buffer-format.rst): a magic number and 13 fields of 8 hexadecimal digits, the name, the contents; each
 * of the last two ends at a multiple of 4.
 */
#define MAGIC_LENGTH  6
#define FIELD_LENGTH  8
#define FIELD_BYTES   6	 /* which of them is the length of the contents */
#define FIELD_NAME    11 /* and of the name, with its NUL */
#define HEADER_LENGTH 110

/* The marker's archive comes first; what somebody put before it is microcode, of few files. */
#define STEPS_MAX     64

bool own_image_osrel(struct arena *arena, const char *osrel)
{
	const char *id = osrel_get(arena, osrel, "ID");

	return id && !strcmp(id, BOOT_IMAGE_ID);
}

static bool has_word(const char *options)
{
	size_t length = strlen(BOOT_IMAGE_WORD);

	for (; *options; options += strcspn(options, " "), options += strspn(options, " "))
		if (strcspn(options, " ") == length && !strncmp(options, BOOT_IMAGE_WORD, length))
			return true;
	return false;
}

static uint64_t field(const char *header, int index)
{
	char digits[FIELD_LENGTH + 1] = "";

	memcpy(digits, header + MAGIC_LENGTH + (size_t)index * FIELD_LENGTH, FIELD_LENGTH);
	return strtoul(digits, NULL, 16);
}

static uint64_t align(uint64_t offset)
{
	return (offset + 3) & ~(uint64_t)3;
}

/* The next place of the archive at @at to look at, counted from its start @start; 0: there is none.
 * *@ret_found: this member is the marker. */
static uint64_t step(int fd, uint64_t start, uint64_t at, bool *ret_found)
{
	char header[HEADER_LENGTH + sizeof(BOOT_IMAGE_FILE)] = "";
	ssize_t n = pread(fd, header, sizeof(header), (off_t)(start + at));
	uint64_t name, contents;
	ssize_t zeros = 0;

	/* Between two archives zeros may stand: early microcode is padded. */
	while (zeros < n && !header[zeros])
		zeros++;
	if (zeros >= 4)
		return at + ((uint64_t)zeros & ~(uint64_t)3);
	if (n < HEADER_LENGTH || (memcmp(header, "070701", MAGIC_LENGTH) != 0 &&
				  memcmp(header, "070702", MAGIC_LENGTH) != 0))
		return 0;
	name = field(header, FIELD_NAME);
	contents = align(at + HEADER_LENGTH + name);
	*ret_found = name == sizeof(BOOT_IMAGE_FILE) && n == (ssize_t)sizeof(header) &&
		     !memcmp(header + HEADER_LENGTH, BOOT_IMAGE_FILE, sizeof(BOOT_IMAGE_FILE));
	return align(contents + field(header, FIELD_BYTES));
}

static bool is_marked(const struct entry_file *initrd)
{
	int fd = initrd->root ? fsroot_open_file(initrd->root, initrd->path, NULL) : -ENOENT;
	uint64_t at = 0;
	bool found = false;

	if (fd < 0)
		return false;
	for (unsigned int i = 0; i < STEPS_MAX && !found; i++) {
		at = step(fd, initrd->offset, at, &found);
		if (!at || (initrd->length && at >= initrd->length))
			break;
	}
	close(fd);
	return found;
}

static bool is_own(const struct entry *entry)
{
	if (entry->is_own || has_word(entry->options ?: ""))
		return true;
	for (size_t i = 0; i < entry->initrd_count; i++)
		if (is_marked(&entry->initrds[i]))
			return true;
	return false;
}

int own_image_leave_out(struct entry_list *list)
{
	size_t count = 0, capacity = list->own_count;

	for (size_t i = 0; i < list->count; i++) {
		struct entry *entry = list->entries[i];

		if (!is_own(entry)) {
			list->entries[count++] = entry;
			continue;
		}
		if (arena_grow(list->arena, &list->own, &capacity, list->own_count + 1,
			       sizeof(struct entry *)))
			return -ENOMEM;
		list->own[list->own_count++] = entry;
	}
	list->count = count;
	return 0;
}
