// SPDX-License-Identifier: GPL-2.0-or-later
/* A function that is read from its folder as sysfs has it, in a child that survives what it reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inspect/function.h"
#include "inspect/guard.h"
#include "inspect/live.h"
#include "sys/bar.h"
#include "unit/inspect/test_inspect_fake.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a function's folder, as sysfs has it */

static char folder[64];
static struct sysroot *machine;

static void put_file(const char *name, const void *data, size_t length)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, length), (ssize_t)length);
	close(fd);
}

static void put_text(const char *name, const char *text)
{
	put_file(name, text, strlen(text));
}

static int make_folder(void **unused)
{
	strcpy(folder, "/tmp/kexit-inspect-XXXXXX");
	return mkdtemp(folder) && !sysroot_open(NULL, &machine) ? 0 : -1;
}

static int remove_folder(void **unused)
{
	static const char *const names[] = { "config",	  "resource",	 "resource0",
					     "resource1", "power_state", "driver" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	sysroot_close(machine);
	machine = NULL;
	return rmdir(folder);
}

#define RESOURCE_MEMORY "0x00000000fe000400 0x00000000fe0005ff 0x0000000000040200\n"
#define RESOURCE_PORTS	"0x000000000000c000 0x000000000000c00f 0x0000000000040101\n"
#define RESOURCE_UNSET	"0x0000000000000000 0x0000000000000fff 0x0000000020040200\n"
#define RESOURCE_NONE	"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"

static void a_small_bar_is_read_inside_its_page(void **unused)
{
	uint8_t page[4096] = { 0 };
	struct bar *bar;

	page[0x400 + 8] = 0x78;
	page[0x400 + 9] = 0x56;
	page[0x400 + 10] = 0x34;
	page[0x400 + 11] = 0x12;
	page[0x600] = 0xee; /* the neighbour's */
	put_text("resource", RESOURCE_MEMORY RESOURCE_NONE);
	put_file("resource0", page, sizeof(page));
	assert_int_equal(bar_open(machine, folder, 0, &bar), 0);
	assert_false(bar_is_io(bar));
	assert_int_equal(bar_size(bar), 0x200);
	assert_int_equal(bar_read32(bar, 8), 0x12345678);
	assert_int_equal(bar_read16(bar, 10), 0x1234);
	assert_int_equal(bar_read8(bar, 9), 0x56);
	assert_int_equal(bar_read8(bar, 0x200), 0xff);
	assert_int_equal(bar_read32(bar, 9), 0xffffffff);
	assert_int_equal(bar_read32(bar, UINT64_MAX - 3), 0xffffffff);
	bar_close(bar);
}

static void ports_are_read_one_by_one(void **unused)
{
	static const uint8_t ports[16] = { [4] = 0x34, [5] = 0x12 };
	struct bar *bar;

	put_text("resource", RESOURCE_NONE RESOURCE_PORTS);
	put_file("resource1", ports, sizeof(ports));
	assert_int_equal(bar_open(machine, folder, 1, &bar), 0);
	assert_true(bar_is_io(bar));
	assert_int_equal(bar_read16(bar, 4), 0x1234);
	assert_int_equal(bar_read8(bar, 5), 0x12);
	assert_int_equal(bar_read32(bar, 16), 0xffffffff);
	bar_close(bar);
}

static uint8_t byte_now(const char *name, off_t at)
{
	uint8_t byte = 0xcc;
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	close(fd);
	return byte;
}

static void one_register_is_written_and_nothing_beside_it(void **unused)
{
	static const uint8_t page[4096];

	put_text("resource", RESOURCE_MEMORY RESOURCE_NONE);
	put_file("resource0", page, sizeof(page));
	assert_int_equal(bar_write(machine, folder, 0, 8, 2, 0x1234abcd), 0);
	assert_int_equal(byte_now("resource0", 0x407), 0);
	assert_int_equal(byte_now("resource0", 0x408), 0xcd);
	assert_int_equal(byte_now("resource0", 0x409), 0xab);
	assert_int_equal(byte_now("resource0", 0x40a), 0);
	assert_int_equal(bar_write(machine, folder, 0, 0x1fc, 4, 0x11223344), 0);
	assert_int_equal(byte_now("resource0", 0x5fc), 0x44);
	/* The neighbour's, and one that lies across. */
	assert_int_equal(bar_write(machine, folder, 0, 0x200, 1, 0xff), -ERANGE);
	assert_int_equal(bar_write(machine, folder, 0, 2, 4, 0xff), -ERANGE);
	assert_int_equal(bar_write(machine, folder, 1, 0, 1, 0xff), -ENOENT);
	assert_int_equal(byte_now("resource0", 0x600), 0);
}

static void a_port_is_written_in_its_width(void **unused)
{
	static const uint8_t ports[16];

	put_text("resource", RESOURCE_NONE RESOURCE_PORTS);
	put_file("resource1", ports, sizeof(ports));
	assert_int_equal(bar_write(machine, folder, 1, 4, 2, 0x1234), 0);
	assert_int_equal(byte_now("resource1", 4), 0x34);
	assert_int_equal(byte_now("resource1", 5), 0x12);
	assert_int_equal(byte_now("resource1", 6), 0);
	assert_int_equal(bar_write(machine, folder, 1, 16, 1, 0xff), -ERANGE);
}

static void a_bar_that_is_not_there_is_enoent(void **unused)
{
	struct bar *bar;

	put_text("resource", RESOURCE_NONE RESOURCE_UNSET);
	put_text("resource1", "");
	assert_int_equal(bar_open(machine, folder, 0, &bar), -ENOENT);
	assert_int_equal(bar_open(machine, folder, 1, &bar), -ENOENT);
	assert_int_equal(bar_open(machine, folder, 5, &bar), -ENOENT);
	bar_close(NULL);
}

/* An e1000e that receives, its registers in a file. @size: how much of its BAR there is. */
static void put_nic(size_t size)
{
	static uint8_t registers[0x20000];
	struct function f;
	struct fake fake;

	fake_nic(&f, &fake);
	memset(registers, 0, sizeof(registers));
	registers[0x100] = 0x02;
	put_file("config", f.config.bytes, PCI_CONFIG_SIZE);
	put_text("resource",
		 "0x00000000fe000000 0x00000000fe01ffff 0x0000000000040200\n" RESOURCE_NONE);
	put_file("resource0", registers, size);
	put_text("power_state", "unknown\n");
}

static void a_function_is_read_from_its_folder(void **unused)
{
	struct inspection ins;

	put_nic(0x20000);
	inspect_here(&(struct sys){ .root = machine }, folder, &ins);
	assert_int_equal(ins.verdict, VERDICT_MASKED);
	assert_string_equal(ins.readings[0].name, "RCTL");
	put_text("power_state", "D3cold\n");
	inspect_here(&(struct sys){ .root = machine }, folder, &ins);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
}

static void a_captured_machine_has_no_registers(void **unused)
{
	struct inspection ins;
	struct sysroot *captured;

	put_nic(0x20000);
	assert_int_equal(sysroot_open(folder, &captured), 0);
	inspect_here(&(struct sys){ .root = captured }, "/", &ins);
	sysroot_close(captured);
	assert_int_equal(ins.verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins.why, "captured"));
}

/* A file shorter than its mapping: reading beyond its end raises SIGBUS, as hardware does. */
static void a_fault_costs_one_function(void **unused)
{
	const char *paths[] = { folder, "/nonexistent", folder };
	struct inspection ins[3];

	put_nic(0);
	assert_int_equal(inspect_many(&(struct sys){ .root = machine }, paths, 3, ins), 0);
	assert_int_equal(ins[0].verdict, VERDICT_UNREADABLE);
	assert_non_null(strstr(ins[0].why, "SIGBUS"));
	assert_non_null(strstr(ins[1].why, "ENOENT"));
	assert_non_null(strstr(ins[2].why, "SIGBUS"));
}

/* ---- the child */

static void misbehave(void *context, size_t item, struct inspection *ret)
{
	const char *what = context;

	if (what[item] == 's')
		raise(SIGSEGV);
	if (what[item] == 'e')
		_exit(3);
	while (what[item] == 'h')
		pause();
	ret->verdict = VERDICT_LIVE;
	ret->engine = "test";
}

static void the_child_goes_on_after_faults_and_hangs(void **unused)
{
	static char what[] = "s..h.es.";
	struct inspection ins[8];

	/* Long enough that only what hangs runs into it, on a busy machine under a sanitizer too. */
	assert_int_equal(guard_run(8, misbehave, what, 2000, ins), 0);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(ins[i].verdict,
				 what[i] == '.' ? VERDICT_LIVE : VERDICT_UNREADABLE);
		if (what[i] == '.')
			assert_string_equal(ins[i].engine, "test");
	}
	assert_non_null(strstr(ins[0].why, "SIGSEGV"));
	assert_non_null(strstr(ins[3].why, "2000 ms"));
	assert_non_null(strstr(ins[5].why, "ended early"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_small_bar_is_read_inside_its_page, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(ports_are_read_one_by_one, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(one_register_is_written_and_nothing_beside_it,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_port_is_written_in_its_width, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_bar_that_is_not_there_is_enoent, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_function_is_read_from_its_folder, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_captured_machine_has_no_registers, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_fault_costs_one_function, make_folder,
						remove_folder),
		cmocka_unit_test(the_child_goes_on_after_faults_and_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
