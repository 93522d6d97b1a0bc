// SPDX-License-Identifier: GPL-2.0-or-later
/* The partition table of an OpenPOWER flash, version 1; see flash.h. All of it is big-endian. */
#include "mkboot/flash.h"

#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC	      0x50415254 /* "PART" */
#define VERSION	      1
#define BLOCK	      4096
#define PID_TOP	      0xffffffff
#define TYPE_DATA     1
#define TYPE_TABLE    3
#define ERASED	      0xff
#define NVRAM_AT      0x10000
#define NVRAM_SIZE    0x90000 /* as op-build has it */
#define BOOTKERNEL_AT 0x100000

struct flash_entry {
	char name[16];
	uint32_t base, size; /* in blocks */
	uint32_t parent, id, type, flags;
	uint32_t actual; /* in bytes */
	uint32_t reserved[4];
	uint8_t user[64]; /* chip, ECC and the like: none */
	uint32_t checksum;
};

struct flash_header {
	uint32_t magic, version;
	uint32_t size; /* of the table, in blocks */
	uint32_t entry_size, entry_count;
	uint32_t block_size, block_count;
	uint32_t reserved[4];
	uint32_t checksum;
};

_Static_assert(sizeof(struct flash_entry) == 128, "as libflash/ffs.h");
_Static_assert(sizeof(struct flash_header) == 48, "as libflash/ffs.h");

struct partition {
	const char *name;
	uint32_t type, base, size, actual; /* in bytes */
};

/* Such that all words, this one too, are zero when xored; byte order makes no difference. */
static uint32_t checksum(const void *data, size_t size)
{
	const uint32_t *words = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < size / sizeof(*words); i++)
		sum ^= words[i];
	return sum;
}

static void put_entry(char *table, size_t index, const struct partition *partition)
{
	struct flash_entry entry = {
		.base = htobe32(partition->base / BLOCK),
		.size = htobe32(partition->size / BLOCK),
		.parent = htobe32(PID_TOP),
		.id = htobe32((uint32_t)index + 1),
		.type = htobe32(partition->type),
		.actual = htobe32(partition->actual),
	};

	strncpy(entry.name, partition->name, sizeof(entry.name) - 1);
	entry.checksum = checksum(&entry, sizeof(entry));
	memcpy(table + sizeof(struct flash_header) + index * sizeof(entry), &entry, sizeof(entry));
}

static void put_table(char *table, const struct partition *partitions, size_t count)
{
	struct flash_header header = {
		.magic = htobe32(MAGIC),
		.version = htobe32(VERSION),
		.size = htobe32(1),
		.entry_size = htobe32(sizeof(struct flash_entry)),
		.entry_count = htobe32((uint32_t)count),
		.block_size = htobe32(BLOCK),
		.block_count = htobe32(FLASH_SIZE / BLOCK),
	};

	header.checksum = checksum(&header, sizeof(header));
	memset(table, 0, BLOCK);
	memcpy(table, &header, sizeof(header));
	for (size_t i = 0; i < count; i++)
		put_entry(table, i, &partitions[i]);
}

int flash_make(const struct buffer *bootkernel, struct buffer *ret, struct error *e)
{
	const struct partition partitions[] = {
		{ "part", TYPE_TABLE, 0, BLOCK, BLOCK },
		{ "NVRAM", TYPE_DATA, NVRAM_AT, NVRAM_SIZE, NVRAM_SIZE },
		{ "BOOTKERNEL", TYPE_DATA, BOOTKERNEL_AT, BOOTKERNEL_SIZE,
		  (uint32_t)bootkernel->size },
	};
	char *image;
	int r;

	if (bootkernel->size > BOOTKERNEL_SIZE)
		return error_set(e, -EFBIG,
				 "BOOTKERNEL would have %zu bytes, and the partition has %u: take "
				 "fewer modules in (--class)",
				 bootkernel->size, BOOTKERNEL_SIZE);
	image = malloc(FLASH_SIZE);
	if (!image)
		return error_set(e, -ENOMEM, "flash image: %s", errno_text(ENOMEM));
	memset(image, ERASED, FLASH_SIZE);
	put_table(image, partitions, sizeof(partitions) / sizeof(partitions[0]));
	memset(image + NVRAM_AT, 0, NVRAM_SIZE);
	memcpy(image + BOOTKERNEL_AT, bootkernel->data, bootkernel->size);
	r = buffer_add(ret, image, FLASH_SIZE);
	free(image);
	return r ? error_set(e, r, "flash image: %s", errno_text(r)) : 0;
}
