// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual functions (SR-IOV): their config space reads FFFFh for both ids, has no BARs and no
 * Memory Space Enable, as PCIe 6.0 9.3.4.1 has it; ids and BARs come from sysfs.
 */
#include "inspect/live.h"
#include "test_inspect_fake.h"

#include "sys/root.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NO_BAR	  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
#define MEMORY_64 "0x000000fe00000000 0x000000fe00003fff 0x000000000014220c\n"
#define READY	  0x00000001

static char folder[32];
static struct sysroot *machine;

static void put(const char *name, const void *data, size_t size)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), (ssize_t)size);
	close(fd);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static int set_up(void **unused)
{
	strcpy(folder, "/tmp/kexit-vf-XXXXXX");
	assert_non_null(mkdtemp(folder));
	return sysroot_open(NULL, &machine);
}

static int tear_down(void **unused)
{
	char command[64];

	sysroot_close(machine);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

/* An NVMe controller's virtual function that no driver holds, @command in its Command register. */
static void put_function(uint16_t command, uint32_t csts)
{
	static uint8_t registers[0x4000];
	struct function f;
	struct fake fake = { 0 };
	static const uint8_t ids[] = { PCI_CAP_EXPRESS, PCI_CAP_MSIX, 0 };
	char path[160];

	fake_function(&f, &fake, 0x010802, 0xffff, 0xffff, 0);
	memset(f.config.bytes + PCI_REG_BAR0, 0, 24);
	fake_capabilities(&f, ids);
	fake_put16(&f, PCI_REG_COMMAND, command);
	put("config", f.config.bytes, PCI_CONFIG_SIZE);
	put_text("vendor", "0x144d\n");
	put_text("device", "0xa824\n");
	put_text("power_state", "D0\n");
	put_text("resource", MEMORY_64 NO_BAR NO_BAR NO_BAR NO_BAR NO_BAR);
	registers[0x14] = csts ? 1 : 0;
	registers[0x1c] = (uint8_t)csts;
	put("resource0", registers, sizeof(registers));
	snprintf(path, sizeof(path), "%s/physfn", folder);
	assert_int_equal(symlink("../0000:00:10.0", path), 0);
}

static struct inspection look(void)
{
	struct inspection ins;

	inspect_here(&(struct sys){ .root = machine }, folder, &ins);
	return ins;
}

static void it_is_seen_by_its_ids_of_sysfs(void **unused)
{
	struct inspection ins;

	put_function(0, 0);
	ins = look();
	assert_true(ins.has_config);
	assert_int_equal(ins.vendor, 0x144d);
	assert_int_equal(ins.device, 0xa824);
	assert_int_equal(ins.class_code, 0x010802);
	assert_string_equal(ins.engine, "nvme");
}

static void its_registers_are_read_although_its_memory_bit_is_zero(void **unused)
{
	struct inspection ins;

	put_function(0, 0);
	ins = look();
	assert_int_equal(ins.verdict, VERDICT_QUIET);
	assert_false(ins.decoding_off);
}

static void one_that_runs_is_live(void **unused)
{
	struct inspection ins;

	put_function(PCI_CMD_MASTER, READY);
	ins = look();
	assert_true(ins.bus_master);
	assert_int_equal(ins.verdict, VERDICT_LIVE);
}

static void one_that_does_not_answer_is_gone(void **unused)
{
	uint8_t ones[PCI_CONFIG_SIZE];
	struct inspection ins;

	put_function(0, 0);
	memset(ones, 0xff, sizeof(ones));
	put("config", ones, sizeof(ones));
	ins = look();
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "gone"));
}

static void one_without_a_bar_is_not_quiet(void **unused)
{
	struct inspection ins;

	put_function(0, 0);
	put_text("resource", NO_BAR NO_BAR NO_BAR NO_BAR NO_BAR NO_BAR);
	ins = look();
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "BAR"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_seen_by_its_ids_of_sysfs),
		TEST(its_registers_are_read_although_its_memory_bit_is_zero),
		TEST(one_that_runs_is_live),
		TEST(one_that_does_not_answer_is_gone),
		TEST(one_without_a_bar_is_not_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
