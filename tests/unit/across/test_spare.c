// SPDX-License-Identifier: GPL-2.0-or-later
/* The second load: what is kept of the first, what goes along, and when the first one stays. */
#include "unit/fake/fake_ops.h"

#include "across/spare.h"

#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__powerpc64__)
#define MACHINE EM_PPC64
#else
#error name the ELF machine of this architecture
#endif
static const Elf64_Ehdr elf_kernel = {
	.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
	.e_type = ET_EXEC,
	.e_machine = MACHINE,
};

struct bench {
	struct fake *fake;
	char kernel[128], initrd[128], record_dir[64];
	const char *initrds[1];
	struct image_request request;
	struct image_part carried;
	struct record *record;
};

static struct bench bench;

static int set_up(void **state)
{
	struct error e = ERROR_NONE;
	struct fake *fake = fake_new(NULL, NULL);

	bench = (struct bench){ .fake = fake, .carried.fd = memfd_create("carried", 0) };
	fake_file(fake, "/proc/cmdline", "quiet\n");
	fake_file(fake, "/proc/meminfo", "MemAvailable: 1000000 kB\n");
	fake_file(fake, "/proc/self/status", "Name:\tkexit\nCapEff:\t000001ffffffffff\n");
	fake_link(fake, "/proc/self/ns/pid", "pid:[4026531836]");
	fake_link(fake, "/proc/self/ns/user", "user:[4026531837]");
	fake_file(fake, "/sys/kernel/kexec_loaded", "1\n");
	fake_bytes(fake, "/kernel", &elf_kernel, sizeof(elf_kernel));
	fake_file(fake, "/initrd", "initrd..");
	snprintf(bench.kernel, sizeof(bench.kernel), "%s/kernel", fake->tree);
	snprintf(bench.initrd, sizeof(bench.initrd), "%s/initrd", fake->tree);
	assert_int_equal(write(bench.carried.fd, "came", 4), 4);
	bench.initrds[0] = bench.initrd;
	bench.request = (struct image_request){
		.kernel = bench.kernel,
		.initrds = bench.initrds,
		.initrd_count = 1,
		.append = "root=/dev/sda1",
		.carried = &bench.carried,
	};
	snprintf(bench.record_dir, sizeof(bench.record_dir), "/dev/shm/kexit-spare-%d", getpid());
	if (record_create(bench.record_dir, "exec", &bench.record, &e) < 0)
		fail_msg("%s", e.text);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	record_close(bench.record);
	snprintf(command, sizeof(command), "rm -rf %s", bench.record_dir);
	assert_int_equal(system(command), 0);
	close(bench.carried.fd);
	fake_free(bench.fake);
	return 0;
}

static void keep(double load_ms)
{
	struct error e = ERROR_NONE;

	if (spare_keep(&bench.fake->sys, bench.fake->tree, &bench.request, load_ms, &e) < 0)
		fail_msg("%s", e.text);
}

static void load(void)
{
	spare_load(&bench.fake->sys, bench.fake->tree, bench.record_dir, bench.record);
}

/* The last event of the record; its member @name. */
static const char *last(const char *name)
{
	static char text[512];
	json_t *events;
	const json_t *event;

	assert_int_equal(record_load(bench.record_dir, false, &events, NULL), 0);
	event = json_array_get(events, json_array_size(events) - 1);
	snprintf(text, sizeof(text), "%s", json_string_value(json_object_get(event, name)) ?: "");
	json_decref(events);
	return text;
}

static void assert_skipped(const char *why)
{
	assert_string_equal(last("event"), "second-load");
	assert_string_equal(last("result"), "skipped");
	if (!strstr(last("why"), why))
		fail_msg("\"%s\" does not say \"%s\"", last("why"), why);
	assert_int_equal(fake_log_count(bench.fake, "load *"), 0);
	assert_int_equal(fake_log_count(bench.fake, "kmsg kexit: *does not cross the jump: *"), 1);
}

static void the_same_is_loaded_with_the_record_behind_it(void **state)
{
	char *log;
	unsigned long long kernel, initrd;

	keep(100);
	load();
	log = fake_log(bench.fake);
	assert_int_equal(sscanf(log, "load %llu %llu 0 root=/dev/sda1 = 0", &kernel, &initrd), 2);
	free(log);
	assert_int_equal(kernel, sizeof(elf_kernel));
	/* What was loaded first, what it carried, and an archive. */
	assert_true(initrd > strlen("initrd..came") + 4 * 110);
	assert_int_equal(initrd % 4, 0);
	assert_string_equal(last("event"), "second-load");
	assert_string_equal(last("result"), "loaded");
	assert_int_equal(fake_log_count(bench.fake, "kmsg kexit: *crosses the jump: loaded again*"),
			 1);
}

static void where_nothing_was_kept_nothing_is_said(void **state)
{
	load();
	assert_string_equal(last("event"), "start");
	assert_int_equal(fake_log_count(bench.fake, "*"), 0);
}

static void what_is_dropped_is_not_loaded(void **state)
{
	keep(100);
	spare_drop(bench.fake->tree);
	load();
	assert_int_equal(fake_log_count(bench.fake, "*"), 0);
	/* Once more does no harm. */
	spare_drop(bench.fake->tree);
}

static void with_little_memory_nothing_is_kept(void **state)
{
	struct error e = ERROR_NONE;

	keep(100);
	fake_file(bench.fake, "/proc/meminfo", "MemAvailable: 60000 kB\n");
	assert_int_equal(spare_keep(&bench.fake->sys, bench.fake->tree, &bench.request, 100, &e),
			 -ENOMEM);
	assert_non_null(strstr(e.text, "memory is short"));
	/* Nor what was kept before, which may be another kernel. */
	load();
	assert_int_equal(fake_log_count(bench.fake, "*"), 0);
}

static void when_memory_became_short_the_first_load_stays(void **state)
{
	keep(100);
	fake_file(bench.fake, "/proc/meminfo", "MemAvailable: 60000 kB\n");
	load();
	assert_skipped("memory is short");
}

static void when_loading_was_disabled_the_first_load_stays(void **state)
{
	keep(100);
	fake_file(bench.fake, "/proc/sys/kernel/kexec_load_disabled", "1\n");
	load();
	assert_skipped("kexec_load_disabled");
}

static void when_a_load_takes_long_the_first_one_stays(void **state)
{
	keep(31000);
	load();
	assert_skipped("time is short: the first load took 31.0 s");
}

static void what_was_unloaded_is_not_loaded(void **state)
{
	keep(100);
	fake_file(bench.fake, "/sys/kernel/kexec_loaded", "0\n");
	load();
	assert_skipped("");
}

static void a_load_that_fails_is_told(void **state)
{
	static const struct fake_fault faults[] = { { "load", "*", FAKE_ERRNO, -EADDRNOTAVAIL },
						    { 0 } };

	bench.fake->faults = faults;
	keep(100);
	load();
	assert_string_equal(last("result"), "failed");
	assert_non_null(strstr(last("why"), "EADDRNOTAVAIL"));
}

static void without_an_initrd_nothing_is_kept(void **state)
{
	struct error e = ERROR_NONE;

	bench.request.initrd_count = 0;
	assert_int_equal(spare_keep(&bench.fake->sys, bench.fake->tree, &bench.request, 100, &e),
			 -ENOENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_same_is_loaded_with_the_record_behind_it),
		TEST(where_nothing_was_kept_nothing_is_said),
		TEST(what_is_dropped_is_not_loaded),
		TEST(with_little_memory_nothing_is_kept),
		TEST(when_memory_became_short_the_first_load_stays),
		TEST(when_loading_was_disabled_the_first_load_stays),
		TEST(when_a_load_takes_long_the_first_one_stays),
		TEST(what_was_unloaded_is_not_loaded),
		TEST(a_load_that_fails_is_told),
		TEST(without_an_initrd_nothing_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
