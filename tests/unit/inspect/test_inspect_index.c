// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A register behind an index (pcnet's CSR0 behind RAP): read alone where the index already names it,
 * else selected, read and put back; and what is said where it may not be selected.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "inspect/live.h"
#include "unit/inspect/test_inspect_fake.h"

#define RDP	  0x10
#define RAP	  0x12

#define CSR0_RUNS 0x0073
#define CSR20	  0x0004 /* taken for CSR0, it would say stopped */

/* ---- a card made of two registers */

static struct {
	uint16_t csr0, rap;
	uint16_t written[4];
	size_t writes;
	int error; /* of each select */
} card;

static int card_read(const struct function *f, unsigned int bar, uint64_t offset,
		     unsigned int width, uint64_t *ret_value)
{
	assert_int_equal(bar, 0);
	assert_int_equal(width, 2);
	assert_true(offset == RAP || offset == RDP);
	*ret_value = offset == RAP ? card.rap : card.rap ? CSR20 : card.csr0;
	return 0;
}

static int card_write(const struct function *f, unsigned int bar, uint64_t offset,
		      unsigned int width, uint32_t value)
{
	assert_int_equal(bar, 0);
	assert_int_equal(offset, RAP);
	assert_int_equal(width, 2);
	if (card.error)
		return card.error;
	card.written[card.writes++] = (uint16_t)value;
	card.rap = (uint16_t)value;
	return 0;
}

static struct inspection look(uint16_t rap, int error)
{
	struct inspection ins;
	struct function f;
	struct fake fake = { 0 };

	memset(&card, 0, sizeof(card));
	card.csr0 = CSR0_RUNS;
	card.rap = rap;
	card.error = error;
	fake_function(&f, &fake, 0x020000, 0x1022, 0x2000, 0x1);
	f.read = card_read;
	f.write = card_write;
	inspect_function(&f, false, &ins);
	return ins;
}

static void an_index_that_names_it_is_not_written(void **unused)
{
	struct inspection ins = look(0, 0);

	assert_int_equal(ins.verdict, VERDICT_MASKED);
	assert_int_equal(ins.readings[0].value, CSR0_RUNS);
	assert_int_equal(card.writes, 0);
}

static void any_other_index_is_put_back(void **unused)
{
	struct inspection ins = look(20, 0);

	assert_int_equal(ins.verdict, VERDICT_MASKED);
	assert_int_equal(ins.readings[0].value, CSR0_RUNS);
	assert_int_equal(card.writes, 2);
	assert_int_equal(card.written[0], 0);
	assert_int_equal(card.written[1], 20);
	assert_int_equal(card.rap, 20);
}

static void what_may_not_be_selected_is_unreadable(void **unused)
{
	struct inspection ins = look(20, -EPERM);

	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "locked down"));
	assert_int_equal(card.rap, 20);
	ins = look(20, -EBUSY);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "driver"));
}

/* Bits that are zero in the mode the decoder knows: nothing behind them is believed or written. */
static void another_mode_is_unreadable(void **unused)
{
	struct inspection ins = look(0x0100, 0);

	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "mode"));
	assert_int_equal(card.writes, 0);
}

/* ---- a function in a folder: its ports are a file, as `resource0` is one */

static struct {
	char folder[64];
	const struct sys *sys;
	size_t writes;
	bool driver_comes; /* after the first write */
} live;

static void bind_driver(void)
{
	char driver[128];

	snprintf(driver, sizeof(driver), "%s/driver", live.folder);
	assert_int_equal(symlink("../../bus/pci/drivers/pcnet32", driver), 0);
}

static int live_register_write(void *context, const char *path, unsigned int bar, uint64_t offset,
			       unsigned int width, uint32_t value)
{
	assert_string_equal(path, live.folder);
	int r = sys_ops_live.register_write(context, path, bar, offset, width, value);

	if (live.driver_comes && !live.writes)
		bind_driver();
	live.writes++;
	return r;
}

static void put(const char *name, const void *data, size_t size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", live.folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	fclose(file);
}

static void put_card(uint16_t csr0, uint16_t rap)
{
	static const char resource[] = "0x000000000000c000 0x000000000000c01f 0x0000000000040101\n";
	uint8_t ports[0x20] = { 0 };
	struct function f;
	struct fake fake = { 0 };

	fake_function(&f, &fake, 0x020000, 0x1022, 0x2000, 0x1);
	put("config", f.config.bytes, PCI_CONFIG_SIZE);
	put("resource", resource, sizeof(resource) - 1);
	memcpy(&ports[RDP], &csr0, 2);
	memcpy(&ports[RAP], &rap, 2);
	put("resource0", ports, sizeof(ports));
}

static uint16_t index_now(void)
{
	char path[128];
	uint16_t rap = 0xffff;
	FILE *file;

	snprintf(path, sizeof(path), "%s/resource0", live.folder);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fseek(file, RAP, SEEK_SET), 0);
	assert_int_equal(fread(&rap, 2, 1, file), 1);
	fclose(file);
	return rap;
}

static void ports_are_read_and_selected_through_their_file(void **unused)
{
	struct inspection ins;

	put_card(CSR0_RUNS, 0);
	inspect_here(live.sys, live.folder, &ins);
	assert_int_equal(ins.verdict, VERDICT_MASKED);
	assert_int_equal(live.writes, 0);

	put_card(CSR0_RUNS, 20);
	inspect_here(live.sys, live.folder, &ins);
	assert_int_equal(ins.verdict, VERDICT_MASKED);
	assert_int_equal(live.writes, 2);
	assert_int_equal(index_now(), 20);
}

static void a_bound_function_is_not_selected(void **unused)
{
	struct inspection ins;

	put_card(CSR0_RUNS, 20);
	bind_driver();
	inspect_here(live.sys, live.folder, &ins);
	assert_int_equal(ins.verdict, VERDICT_BOUND);
	assert_int_equal(live.writes, 0);
}

/* What was read in between may be the driver's doing, and the index is its own by then. */
static void a_driver_that_comes_meanwhile_keeps_the_index(void **unused)
{
	struct inspection ins;

	put_card(CSR0_RUNS, 20);
	live.driver_comes = true;
	inspect_here(live.sys, live.folder, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "driver"));
	assert_int_equal(live.writes, 1);
}

static int make_folder(void **unused)
{
	static struct sys_ops ops;
	static struct sys sys;

	memset(&live, 0, sizeof(live));
	strcpy(live.folder, "/tmp/kexit-index-XXXXXX");
	ops = sys_ops_live;
	ops.register_write = live_register_write;
	sys = (struct sys){ .ops = &ops };
	live.sys = &sys;
	return mkdtemp(live.folder) && !sysroot_open(NULL, &sys.root) ? 0 : -1;
}

static int remove_folder(void **unused)
{
	static const char *const names[] = { "config", "resource", "resource0", "driver" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", live.folder, names[i]);
		unlink(path);
	}
	sysroot_close(live.sys->root);
	return rmdir(live.folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_that_names_it_is_not_written),
		cmocka_unit_test(any_other_index_is_put_back),
		cmocka_unit_test(what_may_not_be_selected_is_unreadable),
		cmocka_unit_test(another_mode_is_unreadable),
		cmocka_unit_test_setup_teardown(ports_are_read_and_selected_through_their_file,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_bound_function_is_not_selected, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_driver_that_comes_meanwhile_keeps_the_index,
						make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
