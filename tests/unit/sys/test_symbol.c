// SPDX-License-Identifier: GPL-2.0-or-later
/* Functions of the kernel by name: of a module's type information, or of the list of symbols. */
#include "sys/symbol.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct machine {
	char dir[64];
	struct sysroot *root;
};

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));
	char text[200];

	strcpy(m->dir, "/tmp/kexit-test-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	snprintf(text, sizeof(text), "mkdir -p '%s/sys/kernel/btf' '%s/proc'", m->dir, m->dir);
	assert_int_equal(system(text), 0);
	assert_int_equal(sysroot_open(m->dir, &m->root), 0);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;
	char text[128];

	sysroot_close(m->root);
	snprintf(text, sizeof(text), "rm -rf '%s'", m->dir);
	assert_int_equal(system(text), 0);
	free(m);
	return 0;
}

static void put(const struct machine *m, const char *path, const void *bytes, size_t size)
{
	char name[256];
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", m->dir, path);
	file = fopen(name, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* Linux: Documentation/bpf/btf.rst: a header of 24 bytes, no types, then these strings. */
static void put_btf(const struct machine *m, uint16_t magic, uint32_t told, const char *strings,
		    size_t size)
{
	struct {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t words[5];
		char strings[64];
	} file = { magic, 1, 0, { 24, 0, 0, 0, told }, "" };

	memcpy(file.strings, strings, size);
	put(m, "/sys/kernel/btf/ahci", &file, 24 + size);
}

#define STRINGS "\0int\0ahci_shutdown_one\0ahci_remove_one"
#define KALLSYMS                                                                                   \
	"ffffffff81000000 T _stext\n"                                                              \
	"ffffffff81000010 t built_in_shutdown\n"                                                   \
	"ffffffffc0000000 t ahci_shutdown_one\t[ahci]\n"                                           \
	"ffffffffc0000010 t ahci_shutdown_one_more\t[ahci]\n"                                      \
	"ffffffffc0000020 t other_shutdown\t[ahci_platform]\n"

static void a_module_names_its_own(void **state)
{
	struct machine *m = *state;

	put_btf(m, 0xeb9f, sizeof(STRINGS), STRINGS, sizeof(STRINGS));
	put(m, "/proc/kallsyms", "", 0);
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_shutdown_one"), 1);
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_remove_one"), 1);
	assert_int_equal(kernel_function_find(m->root, "ahci", "shutdown_one"), 0);
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_shutdown"), 0);
}

static void type_information_that_is_none_is_passed_over(void **state)
{
	struct machine *m = *state;

	put(m, "/proc/kallsyms", "", 0);
	put_btf(m, 0x9feb, sizeof(STRINGS), STRINGS, sizeof(STRINGS));
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_shutdown_one"), 0);
	put_btf(m, 0xeb9f, 4096, STRINGS, sizeof(STRINGS));
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_shutdown_one"), 0);
	put(m, "/sys/kernel/btf/ahci", "\x9f\xeb", 2);
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_shutdown_one"), 0);
}

/* The last string has no end. */
static void a_string_that_is_cut_off_is_no_name(void **state)
{
	struct machine *m = *state;

	put(m, "/proc/kallsyms", "", 0);
	put_btf(m, 0xeb9f, 10, "\0ahci_stop", 10);
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_stop"), 0);
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_sto"), 0);
}

static void without_it_the_list_of_symbols_tells(void **state)
{
	struct machine *m = *state;

	put(m, "/proc/kallsyms", KALLSYMS, strlen(KALLSYMS));
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_shutdown_one"), 1);
	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_shutdown"), 0);
	assert_int_equal(kernel_function_find(m->root, "nvme", "ahci_shutdown_one"), 0);
	/* The name of one module is the beginning of another's. */
	assert_int_equal(kernel_function_find(m->root, "ahci", "other_shutdown"), 0);
}

static void what_is_built_in_is_every_modules(void **state)
{
	struct machine *m = *state;

	put(m, "/proc/kallsyms", KALLSYMS, strlen(KALLSYMS));
	assert_int_equal(kernel_function_find(m->root, "built_in", "built_in_shutdown"), 1);
}

static void nobody_knows_without_either(void **state)
{
	struct machine *m = *state;

	assert_int_equal(kernel_function_find(m->root, "ahci", "ahci_shutdown_one"), -ENOENT);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_module_names_its_own),
		T(type_information_that_is_none_is_passed_over),
		T(a_string_that_is_cut_off_is_no_name),
		T(without_it_the_list_of_symbols_tells),
		T(what_is_built_in_is_every_modules),
		T(nobody_knows_without_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
