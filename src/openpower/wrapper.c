// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A compressed kernel and its initramfs in one BOOTKERNEL of an OpenPOWER machine.
 *
 * skiboot starts an ELF file in place and unpacks nothing, and Debian's vmlinux is 46 MB where the
 * flash has 16. This runs between the two: unpacks the kernel, puts the place of the initramfs into
 * the device tree (/chosen: linux,initrd-start, linux,initrd-end; the command line, if firmware gave
 * none), and goes on. It runs in real mode on one thread, alone on the machine; the other threads
 * stay with skiboot until the kernel asks OPAL for them.
 */
#include "openpower/branches.h"
#include "openpower/layout.h"
#include "openpower/runtime.h"

#include <libfdt.h>
#include <lzma.h>
#include <stdint.h>
#include <string.h>

#define MESSAGE_ROOM 4096 /* for the properties that are added */

/* As skiboot entered, r3 to r9. */
struct entered {
	uint64_t device_tree, r4, r5, r6, mem_top, opal_base, opal_entry;
};

uint64_t wrapper_main(struct entered *entered, const char *base);
void flush_code(uint64_t address, uint64_t size);

static void check(int failed, const char *what)
{
	if (failed)
		runtime_stop(what);
}

static void unpack_kernel(const char *base, const struct wrapper_table *table)
{
	uint64_t memory_limit = WRAPPER_HEAP_END - WRAPPER_HEAP;
	size_t in = 0, out = 0;

	check(lzma_stream_buffer_decode(&memory_limit, 0, NULL,
					(const uint8_t *)base + table->kernel_offset, &in,
					table->kernel_size, (uint8_t *)(uintptr_t)WRAPPER_KERNEL,
					&out, WRAPPER_KERNEL_END - WRAPPER_KERNEL) != LZMA_OK,
	      "the kernel does not unpack");
	branches_convert((unsigned char *)(uintptr_t)WRAPPER_KERNEL, out, BRANCHES_TO_DISTANCES);
	flush_code(WRAPPER_KERNEL, out);
}

static int has_command_line(const void *tree, int chosen)
{
	int length;
	const char *line = fdt_getprop(tree, chosen, "bootargs", &length);

	return line && length > 1 && *line;
}

/* A copy with room: skiboot's own is exactly as large as it is. */
static void *copy_tree(uint64_t from)
{
	const void *old = (const void *)(uintptr_t)from;
	int size = (int)fdt_totalsize(old) + MESSAGE_ROOM;
	void *tree = runtime_allocate((size_t)size);

	check(fdt_check_header(old) || !tree, "there is no device tree");
	check(fdt_open_into(old, tree, size), "the device tree cannot be copied");
	return tree;
}

static void *describe(const char *base, const struct wrapper_table *table, uint64_t from)
{
	uint64_t initrd = (uint64_t)(uintptr_t)base + table->initrd_offset;
	void *tree = copy_tree(from);
	int chosen = fdt_path_offset(tree, "/chosen");

	if (chosen < 0)
		chosen = fdt_add_subnode(tree, 0, "chosen");
	check(chosen < 0, "the device tree has no /chosen");
	if (table->initrd_size)
		check(fdt_setprop_u64(tree, chosen, "linux,initrd-start", initrd) ||
			      fdt_setprop_u64(tree, chosen, "linux,initrd-end",
					      initrd + table->initrd_size),
		      "the initramfs cannot be named");
	if (table->command_size && !has_command_line(tree, chosen))
		check(fdt_setprop(tree, chosen, "bootargs", base + table->command_offset,
				  (int)table->command_size),
		      "the command line cannot be set");
	return tree;
}

/* Called by entry.S. @base is where skiboot put us: the parts lie there. Returns where to go. */
uint64_t wrapper_main(struct entered *entered, const char *base)
{
	const struct wrapper_table *table = (const void *)(base + WRAPPER_TABLE);

	check(memcmp(table->magic, WRAPPER_MAGIC, sizeof(table->magic)) != 0,
	      "its table of parts is missing");
	unpack_kernel(base, table);
	entered->device_tree = (uint64_t)(uintptr_t)describe(base, table, entered->device_tree);
	return WRAPPER_KERNEL + table->kernel_entry;
}
