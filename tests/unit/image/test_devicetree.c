// SPDX-License-Identifier: GPL-2.0-or-later
/* Device trees for the next kernel: overlays, and what firmware told this one. */
#include "image/devicetree.h"

#include <errno.h>
#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TREE_BYTES 8192

/* ---- trees, written from top to bottom */

static char *tree_new(void)
{
	char *tree = calloc(1, TREE_BYTES);

	assert_int_equal(fdt_create(tree, TREE_BYTES), 0);
	return tree;
}

static void reserve(char *tree, uint64_t at, uint64_t bytes)
{
	assert_int_equal(fdt_add_reservemap_entry(tree, at, bytes), 0);
}

static void node(char *tree, const char *name)
{
	assert_int_equal(fdt_begin_node(tree, name), 0);
}

static void text(char *tree, const char *name, const char *value)
{
	assert_int_equal(fdt_property_string(tree, name, value), 0);
}

static void number(char *tree, const char *name, uint32_t value)
{
	assert_int_equal(fdt_property_u32(tree, name, value), 0);
}

static void pair(char *tree, const char *name, uint64_t first, uint64_t second)
{
	const fdt64_t cells[] = { cpu_to_fdt64(first), cpu_to_fdt64(second) };

	assert_int_equal(fdt_property(tree, name, cells, sizeof(cells)), 0);
}

static void bytes(char *tree, const char *name, const char *value, int length)
{
	assert_int_equal(fdt_property(tree, name, value, length), 0);
}

static void end(char *tree)
{
	assert_int_equal(fdt_end_node(tree), 0);
}

/* The reservations are over, and the root node begins. */
static void root(char *tree, uint32_t cells)
{
	assert_int_equal(fdt_finish_reservemap(tree), 0);
	node(tree, "");
	number(tree, "#address-cells", cells);
	number(tree, "#size-cells", cells);
	text(tree, "compatible", "acme,board");
}

static void finish(char *tree)
{
	end(tree);
	assert_int_equal(fdt_finish(tree), 0);
}

static void memory(char *tree, const char *name, uint64_t at, uint64_t length)
{
	node(tree, name);
	text(tree, "device_type", "memory");
	pair(tree, "reg", at, length);
	end(tree);
}

/* As a distribution has it: no memory to speak of, a port without an address, a bus with a label. */
static char *board_tree(void)
{
	char *tree = tree_new();

	reserve(tree, 0x1000, 0x100);
	root(tree, 2);
	memory(tree, "memory@0", 0, 0);
	node(tree, "aliases");
	text(tree, "ethernet0", "/port@1");
	end(tree);
	node(tree, "port@1");
	bytes(tree, "local-mac-address", "\0\0\0\0\0", 6);
	end(tree);
	node(tree, "bus");
	number(tree, "phandle", 7);
	text(tree, "status", "disabled");
	end(tree);
	node(tree, "__symbols__");
	text(tree, "bus0", "/bus");
	end(tree);
	finish(tree);
	return tree;
}

/* The same board's, as U-Boot gave it to this kernel. */
static char *running_tree(void)
{
	char *tree = tree_new();

	reserve(tree, 0x1000, 0x100);
	reserve(tree, 0x8000, 0x2000);
	reserve(tree, 0x50000000, 0x1234);
	root(tree, 2);
	memory(tree, "memory@40000000", 0x40000000, 0x80000000);
	memory(tree, "memory@100000000", 0x100000000, 0x40000000);
	node(tree, "aliases");
	text(tree, "ethernet0", "/soc/port");
	text(tree, "ethernet1", "/gone");
	end(tree);
	node(tree, "chosen");
	text(tree, "bootargs", "old");
	pair(tree, "linux,uefi-system-table", 1, 2);
	bytes(tree, "linux,initrd-start", "\x50\0\0\0", 4);
	bytes(tree, "linux,initrd-end", "\x50\0\x12\x34", 4);
	end(tree);
	node(tree, "reserved-memory");
	number(tree, "#address-cells", 2);
	number(tree, "#size-cells", 2);
	bytes(tree, "ranges", "", 0);
	node(tree, "secure@1000");
	pair(tree, "reg", 0x1000, 0x1000);
	bytes(tree, "no-map", "", 0);
	number(tree, "phandle", 7);
	end(tree);
	node(tree, "pictures@2000");
	pair(tree, "reg", 0x2000, 0x1000);
	end(tree);
	end(tree);
	node(tree, "soc");
	node(tree, "port");
	bytes(tree, "local-mac-address", "\2\0\0\0\0\1", 6);
	end(tree);
	end(tree);
	finish(tree);
	return tree;
}

static char *overlay_new(void)
{
	char *tree = tree_new();

	assert_int_equal(fdt_finish_reservemap(tree), 0);
	node(tree, "");
	node(tree, "fragment@0");
	return tree;
}

/* For the node at @path: a property "extra". */
static char *overlay_of_path(const char *path)
{
	char *tree = overlay_new();

	text(tree, "target-path", path);
	node(tree, "__overlay__");
	text(tree, "extra", "from the overlay");
	end(tree);
	end(tree);
	finish(tree);
	return tree;
}

/* For the node that @label means: it is enabled, and has a child. */
static char *overlay_of_label(const char *label)
{
	char *tree = overlay_new();

	number(tree, "target", 0xffffffff);
	node(tree, "__overlay__");
	text(tree, "status", "okay");
	node(tree, "clock");
	text(tree, "compatible", "acme,clock");
	end(tree);
	end(tree);
	end(tree);
	node(tree, "__fixups__");
	text(tree, label, "/fragment@0:target:0");
	end(tree);
	finish(tree);
	return tree;
}

/* ---- what is made of them */

static struct test {
	char *base, *running, *overlays[2], *made;
	size_t length;
	char left_out[256];
	struct error error;
} t;

static int set_up(void **state)
{
	t = (struct test){ .base = board_tree(), .error = ERROR_NONE };
	return 0;
}

static int tear_down(void **state)
{
	free(t.base);
	free(t.running);
	free(t.overlays[0]);
	free(t.overlays[1]);
	free(t.made);
	return 0;
}

static void leave_out(void *context, const char *name, const char *why)
{
	snprintf(t.left_out + strlen(t.left_out), sizeof(t.left_out) - strlen(t.left_out),
		 "%s: %s;", name, why);
}

static struct devicetree_blob blob(const char *name, const char *tree)
{
	return (struct devicetree_blob){ name, tree, tree ? fdt_totalsize(tree) : 0 };
}

static int make(void)
{
	const struct devicetree_blob overlays[] = { blob("one.dtbo", t.overlays[0]),
						    blob("two.dtbo", t.overlays[1]) };
	const struct devicetree_wish wish = {
		.base = blob("board.dtb", t.base),
		.overlays = overlays,
		.overlay_count = (t.overlays[0] != NULL) + (t.overlays[1] != NULL),
		.running = blob("running", t.running),
		.left_out = leave_out,
	};

	return devicetree_make(&wish, &t.made, &t.length, &t.error);
}

static void assert_made(void)
{
	assert_int_equal(make(), 0);
	assert_int_equal(fdt_check_full(t.made, t.length), 0);
	assert_int_equal(fdt_totalsize(t.made), t.length);
}

/* NULL: there is no such node or property. */
static const void *property(const char *path, const char *name)
{
	int at = fdt_path_offset(t.made, path);

	return at < 0 ? NULL : fdt_getprop(t.made, at, name, NULL);
}

static bool has_node(const char *path)
{
	return fdt_path_offset(t.made, path) >= 0;
}

static void a_tree_alone_stays_as_it_is(void **state)
{
	assert_made();
	assert_string_equal(property("/", "compatible"), "acme,board");
	assert_string_equal(property("/bus", "status"), "disabled");
	assert_true(has_node("/memory@0"));
}

static void an_overlay_for_a_path(void **state)
{
	t.overlays[0] = overlay_of_path("/bus");
	assert_made();
	assert_string_equal(property("/bus", "extra"), "from the overlay");
	assert_string_equal(t.left_out, "");
}

static void an_overlay_for_a_label(void **state)
{
	t.overlays[0] = overlay_of_label("bus0");
	assert_made();
	assert_string_equal(property("/bus", "status"), "okay");
	assert_string_equal(property("/bus/clock", "compatible"), "acme,clock");
}

/* libfdt leaves a tree that it failed on broken. */
static void an_overlay_that_does_not_fit_is_left_out(void **state)
{
	t.overlays[0] = overlay_of_label("bus1");
	t.overlays[1] = overlay_of_path("/bus");
	assert_made();
	assert_string_equal(property("/bus", "status"), "disabled");
	assert_string_equal(property("/bus", "extra"), "from the overlay");
	assert_string_equal(t.left_out, "one.dtbo: FDT_ERR_NOTFOUND;");
}

static void what_is_no_overlay_is_left_out(void **state)
{
	t.overlays[0] = calloc(1, 64);
	memcpy(t.overlays[0], "\xd0\x0d\xfe\xed\0\0\0\x40", 8);
	assert_made();
	assert_non_null(strstr(t.left_out, "one.dtbo: FDT_ERR_"));
}

static void memory_is_what_firmware_says(void **state)
{
	const fdt64_t *reg;

	t.running = running_tree();
	assert_made();
	assert_false(has_node("/memory@0"));
	reg = property("/memory@40000000", "reg");
	assert_non_null(reg);
	assert_int_equal(fdt64_to_cpu(reg[0]), 0x40000000);
	assert_int_equal(fdt64_to_cpu(reg[1]), 0x80000000);
	assert_true(has_node("/memory@100000000"));
}

/* The old initrd's place is free again, and nothing is there twice. */
static void reservations_are_kept(void **state)
{
	uint64_t at, length;

	t.running = running_tree();
	assert_made();
	assert_int_equal(fdt_num_mem_rsv(t.made), 2);
	assert_int_equal(fdt_get_mem_rsv(t.made, 1, &at, &length), 0);
	assert_int_equal(at, 0x8000);
	assert_int_equal(length, 0x2000);
}

static void what_firmware_forbids_is_forbidden(void **state)
{
	t.running = running_tree();
	assert_made();
	assert_non_null(property("/reserved-memory/secure@1000", "no-map"));
	assert_non_null(property("/reserved-memory", "ranges"));
	/* A number of another tree: here it is the bus. */
	assert_null(property("/reserved-memory/secure@1000", "phandle"));
	assert_false(has_node("/reserved-memory/pictures@2000"));
}

static void ports_keep_their_addresses(void **state)
{
	t.running = running_tree();
	assert_made();
	assert_memory_equal(property("/port@1", "local-mac-address"), "\2\0\0\0\0\1", 6);
}

static void efi_is_told_and_the_command_line_is_not(void **state)
{
	t.running = running_tree();
	assert_made();
	assert_non_null(property("/chosen", "linux,uefi-system-table"));
	assert_null(property("/chosen", "bootargs"));
	assert_null(property("/chosen", "linux,initrd-start"));
}

static void an_overlay_comes_before_firmware(void **state)
{
	t.running = running_tree();
	t.overlays[0] = overlay_of_path("/memory@0");
	assert_made();
	assert_string_equal(t.left_out, "");
	assert_false(has_node("/memory@0"));
}

static void another_way_to_write_addresses_is_refused(void **state)
{
	t.running = tree_new();
	root(t.running, 1);
	finish(t.running);
	assert_int_equal(make(), -EINVAL);
	assert_string_equal(
		t.error.text,
		"board.dtb: the device tree writes addresses in 2 and sizes in 2 cells, "
		"and that of this machine in 1 and 1: is it for another one?");
}

static void a_tree_without_the_firmwares_psci_is_refused(void **state)
{
	t.running = tree_new();
	root(t.running, 2);
	node(t.running, "psci");
	end(t.running);
	finish(t.running);
	assert_int_equal(make(), -EINVAL);
	assert_non_null(strstr(t.error.text, "says nothing of PSCI"));
}

static void a_broken_tree_is_refused(void **state)
{
	for (size_t length = 0; length < fdt_totalsize(t.base); length++) {
		const struct devicetree_wish wish = { .base = { "board.dtb", t.base, length } };

		assert_int_equal(devicetree_make(&wish, &t.made, &t.length, &t.error), -EBADMSG);
		assert_non_null(strstr(t.error.text, "board.dtb: it is no whole device tree: "));
	}
}

/* A generator of its own, so that a failure comes again. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void damage(char *tree, uint32_t *seed)
{
	for (unsigned int i = next_random(seed) % 4; i > 0; i--)
		tree[8 + next_random(seed) % (fdt_totalsize(tree) - 8)] = (char)next_random(seed);
}

/* Whatever bytes are others: a reason, or a whole tree. */
static void damage_is_refused_or_does_none(void **state)
{
	uint32_t seed = 1;

	for (unsigned int i = 0; i < 4000; i++) {
		tear_down(NULL);
		set_up(NULL);
		t.running = running_tree();
		t.overlays[0] = overlay_of_label("bus0");
		damage(t.base, &seed);
		damage(t.overlays[0], &seed);
		damage(t.running, &seed);
		if (fdt_totalsize(t.base) > TREE_BYTES || fdt_totalsize(t.running) > TREE_BYTES ||
		    fdt_totalsize(t.overlays[0]) > TREE_BYTES)
			continue;
		if (make() == 0)
			assert_int_equal(fdt_check_full(t.made, t.length), 0);
		else
			assert_true(*t.error.text);
	}
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(a_tree_alone_stays_as_it_is),
		TREE_TEST(an_overlay_for_a_path),
		TREE_TEST(an_overlay_for_a_label),
		TREE_TEST(an_overlay_that_does_not_fit_is_left_out),
		TREE_TEST(what_is_no_overlay_is_left_out),
		TREE_TEST(memory_is_what_firmware_says),
		TREE_TEST(reservations_are_kept),
		TREE_TEST(what_firmware_forbids_is_forbidden),
		TREE_TEST(ports_keep_their_addresses),
		TREE_TEST(efi_is_told_and_the_command_line_is_not),
		TREE_TEST(an_overlay_comes_before_firmware),
		TREE_TEST(another_way_to_write_addresses_is_refused),
		TREE_TEST(a_tree_without_the_firmwares_psci_is_refused),
		TREE_TEST(a_broken_tree_is_refused),
		TREE_TEST(damage_is_refused_or_does_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
