// SPDX-License-Identifier: GPL-2.0-or-later
/* Devicetree Specification 0.4, chapter 5, in as much as fake_dtb.h says. */
#include "unit/fake/fake_dtb.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 4096

struct block {
	unsigned char bytes[ROOM];
	size_t length;
};

static void add(struct block *block, const void *bytes, size_t length)
{
	memcpy(block->bytes + block->length, bytes, length);
	block->length += length;
}

static void add_word(struct block *block, uint32_t word)
{
	word = htobe32(word);
	add(block, &word, sizeof(word));
}

static void add_property(struct block *tree, struct block *strings, const char *name,
			 const char *value, size_t length)
{
	add_word(tree, 3);
	add_word(tree, (uint32_t)length);
	add_word(tree, (uint32_t)strings->length);
	add(tree, value, length);
	add(tree, "\0\0\0", -length % 4);
	add(strings, name, strlen(name) + 1);
}

unsigned char *fake_dtb(const char *const names[], const char *const values[],
			const size_t lengths[], size_t count, size_t *ret_size)
{
	struct block head = { .length = 0 }, tree = { .length = 0 }, strings = { .length = 0 };
	const size_t struct_at = 40 + 16;
	unsigned char *file;

	add_word(&tree, 4); /* FDT_NOP may be anywhere */
	add_word(&tree, 1);
	add_word(&tree, 0);
	for (size_t i = 0; i < count; i++)
		add_property(&tree, &strings, names[i], values[i], lengths[i]);
	/* "cpus", with a `compatible` of its own. */
	add_word(&tree, 1);
	add(&tree, "cpus\0\0\0", 8);
	add_property(&tree, &strings, "compatible", "another", 8);
	add_word(&tree, 2);
	add_word(&tree, 2);
	add_word(&tree, 9);
	add_word(&head, 0xd00dfeed);
	add_word(&head, (uint32_t)(struct_at + tree.length + strings.length));
	add_word(&head, (uint32_t)struct_at);
	add_word(&head, (uint32_t)(struct_at + tree.length));
	add_word(&head, 40);
	add_word(&head, 17);
	add_word(&head, 16);
	add_word(&head, 0);
	add_word(&head, (uint32_t)strings.length);
	add_word(&head, (uint32_t)tree.length);
	*ret_size = struct_at + tree.length + strings.length;
	file = calloc(1, *ret_size);
	memcpy(file, head.bytes, head.length);
	memcpy(file + struct_at, tree.bytes, tree.length);
	memcpy(file + struct_at + tree.length, strings.bytes, strings.length);
	return file;
}
