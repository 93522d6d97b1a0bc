// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Root nodes of device trees; see board.h. Of a tree in a file the header and the beginning are read,
 * since a distribution has a thousand of them. Sections are those of the Devicetree Specification 0.4.
 */
#include "entry/board.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* 5.2, "Header": ten words of 32 bits, big-endian as all that follows. */
#define MAGIC	     0xd00dfeed
#define STRUCT_AT    2 /* off_dt_struct */
#define STRINGS_AT   3 /* off_dt_strings */
#define COMPATIBLE   6 /* last_comp_version */
#define HEADER_WORDS 10
#define VERSION	     17 /* that this was written for */

/* 5.4.1, "Lexical structure". */
#define BEGIN_NODE   1
#define PROP	     3
#define NOP	     4

/* The properties of the root node come before its first child (5.4.2); no board has so many. */
#define ROOT_MAX     16384

/* The node as far as it was read. */
struct cursor {
	const unsigned char *bytes;
	size_t length, at;
	int fd;
	off_t strings; /* where names of properties are */
};

struct property {
	char name[12];
	const unsigned char *value;
	uint32_t length;
};

static bool take_word(struct cursor *c, uint32_t *ret)
{
	uint32_t word;

	if (c->length - c->at < sizeof(word))
		return false;
	memcpy(&word, c->bytes + c->at, sizeof(word));
	c->at += sizeof(word);
	*ret = be32toh(word);
	return true;
}

/* 5.4.1: FDT_PROP, a length, where the name is, the value, padded to four bytes. */
static bool take_property(struct cursor *c, struct property *ret)
{
	uint32_t name;
	size_t padded;
	ssize_t n;

	if (!take_word(c, &ret->length) || !take_word(c, &name))
		return false;
	padded = ((size_t)ret->length + 3) & ~(size_t)3;
	if (padded > c->length - c->at)
		return false;
	ret->value = c->bytes + c->at;
	c->at += padded;
	/* Longer ones are none of those that are looked for. */
	n = pread(c->fd, ret->name, sizeof(ret->name), c->strings + name);
	if (n <= 0 || !memchr(ret->name, '\0', (size_t)n))
		ret->name[0] = '\0';
	return true;
}

/* False: the node's properties are over, or its end was not read. */
static bool next_property(struct cursor *c, struct property *ret)
{
	uint32_t token = NOP;

	while (token == NOP)
		if (!take_word(c, &token))
			return false;
	return token == PROP && take_property(c, ret);
}

/* @c, whose bytes are @buffer of ROOT_MAX, stands behind the name of the root node, which is empty. */
static bool open_root_node(int fd, unsigned char *buffer, struct cursor *c)
{
	uint32_t header[HEADER_WORDS], token = NOP, name;
	ssize_t n = pread(fd, header, sizeof(header), 0);

	if (n != sizeof(header) || be32toh(header[0]) != MAGIC ||
	    be32toh(header[COMPATIBLE]) > VERSION)
		return false;
	n = pread(fd, buffer, ROOT_MAX, be32toh(header[STRUCT_AT]));
	if (n < 0)
		return false;
	*c = (struct cursor){ .bytes = buffer,
			      .length = (size_t)n,
			      .fd = fd,
			      .strings = be32toh(header[STRINGS_AT]) };
	while (token == NOP)
		if (!take_word(c, &token))
			return false;
	return token == BEGIN_NODE && take_word(c, &name) && !name;
}

bool entry_board_fits(const struct entry_board *board, int fd, bool *ret_is_model)
{
	unsigned char buffer[ROOT_MAX];
	bool fits = false, is_model = false;
	struct property property;
	struct cursor c;

	if (!open_root_node(fd, buffer, &c))
		return false;
	while (next_property(&c, &property)) {
		if (!strcmp(property.name, "compatible"))
			fits = property.length == board->compatible_length &&
			       !memcmp(property.value, board->compatible, property.length);
		else if (!strcmp(property.name, "model"))
			is_model = property.length == strlen(board->model) + 1 &&
				   !memcmp(property.value, board->model, property.length);
	}
	*ret_is_model = is_model;
	return fits;
}

/* All bytes of a property, with a NUL behind. NULL: it is not there, or memory is short. */
static const char *read_property(struct arena *arena, const struct sysroot *machine,
				 const char *path, size_t *ret_length)
{
	char text[4096], *copy;
	ssize_t n = sysroot_read(machine, path, text, sizeof(text));

	copy = n > 0 ? arena_alloc(arena, (size_t)n + 1) : NULL;
	if (!copy)
		return NULL;
	memcpy(copy, text, (size_t)n);
	*ret_length = (size_t)n;
	return copy;
}

int entry_board_read(struct entry_list *list, const struct sysroot *machine)
{
	struct entry_board *board = arena_alloc(list->arena, sizeof(*board));
	size_t length;

	if (!board)
		return -ENOMEM;
	board->compatible = read_property(list->arena, machine, "/proc/device-tree/compatible",
					  &board->compatible_length);
	board->model =
		read_property(list->arena, machine, "/proc/device-tree/model", &length) ?: "";
	if (board->compatible)
		list->board = board;
	return 0;
}
