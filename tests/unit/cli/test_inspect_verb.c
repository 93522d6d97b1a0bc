// SPDX-License-Identifier: GPL-2.0-or-later
/* `kexit inspect` on a captured machine of three functions: which are shown, and the JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inspect/list.h"
#include "unit/inspect/test_inspect_fake.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char machine[64];

static void run_shell(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

/* A function's folder and the link to it, with @class and 64 bytes of config space or more. */
static void put_function(const char *address, uint32_t class_code, uint16_t device, size_t size)
{
	struct fake fake = { 0 };
	struct function f;
	char path[256];
	int fd;

	run_shell("mkdir -p %s/sys/devices/pci0000:00/%s %s/sys/bus/pci/devices && "
		  "ln -s ../../../devices/pci0000:00/%s %s/sys/bus/pci/devices/",
		  machine, address, machine, address, machine);
	fake_function(&f, &fake, class_code, 0x8086, device, 0);
	snprintf(path, sizeof(path), "%s/sys/devices/pci0000:00/%s/config", machine, address);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, f.config.bytes, size), (ssize_t)size);
	close(fd);
}

static int make_machine(void **unused)
{
	strcpy(machine, "/tmp/kexit-inspect-XXXXXX");
	if (!mkdtemp(machine))
		return -1;
	put_function("0000:00:1f.2", 0x010601, 0x2922, 256);
	put_function("0000:00:02.0", 0x020000, 0x10d3, 256);
	put_function("10000:00:00.0", 0x060000, 0x29c0, 64);
	run_shell("mkdir -p %s/sys/bus/pci/drivers/e1000e && "
		  "ln -s ../../../bus/pci/drivers/e1000e "
		  "%s/sys/devices/pci0000:00/0000:00:02.0/driver",
		  machine, machine);
	return 0;
}

static int remove_machine(void **unused)
{
	run_shell("rm -rf %s", machine);
	return 0;
}

/* What the verb printed as JSON; its exit status in @ret_status. The caller owns it. */
static json_t *run_verb(const char *arguments, int *ret_status)
{
	char command[512];
	json_t *document;
	FILE *output;

	snprintf(command, sizeof(command), "%s --sysroot %s inspect --json %s 2>/dev/null",
		 getenv("KEXIT"), machine, arguments);
	output = popen(command, "r");
	assert_non_null(output);
	document = json_loadf(output, 0, NULL);
	*ret_status = WEXITSTATUS(pclose(output));
	return document;
}

static const char *text_of(const json_t *function, const char *key)
{
	return json_string_value(json_object_get(function, key));
}

static void all_functions_are_shown_in_order(void **unused)
{
	static const char *const expected[] = { "0000:00:02.0", "0000:00:1f.2", "10000:00:00.0" };
	int status;
	json_t *document = run_verb("", &status);
	json_t *functions = json_object_get(document, "functions");

	assert_int_equal(status, 0);
	assert_int_equal(json_integer_value(json_object_get(document, "schema")), 1);
	assert_int_equal(json_array_size(functions), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(text_of(json_array_get(functions, i), "address"), expected[i]);
	json_decref(document);
}

static void verdicts_and_facts_are_told(void **unused)
{
	int status;
	json_t *document = run_verb("", &status);
	json_t *functions = json_object_get(document, "functions");
	json_t *nic = json_array_get(functions, 0), *disk = json_array_get(functions, 1);
	json_t *bridge = json_array_get(functions, 2);

	assert_string_equal(text_of(nic, "verdict"), "bound");
	assert_string_equal(text_of(nic, "driver"), "e1000e");
	assert_string_equal(text_of(nic, "engine"), "e1000");
	assert_string_equal(text_of(nic, "class"), "0x020000");
	assert_string_equal(text_of(nic, "power_state"), "D0");
	assert_true(json_is_null(json_object_get(nic, "why")));
	assert_true(json_is_false(json_object_get(nic, "bus_master")));
	assert_true(json_is_true(json_object_get(nic, "memory_decode")));

	assert_string_equal(text_of(disk, "verdict"), "unreadable");
	assert_non_null(strstr(text_of(disk, "why"), "captured"));
	assert_true(json_is_null(json_object_get(disk, "driver")));
	assert_int_equal(json_array_size(json_object_get(disk, "readings")), 0);

	assert_string_equal(text_of(bridge, "verdict"), "unknown");
	assert_true(json_is_null(json_object_get(bridge, "msix_enabled")));
	assert_true(json_is_null(json_object_get(bridge, "power_state")));
	json_decref(document);
}

static void named_functions_come_as_named(void **unused)
{
	int status;
	json_t *document = run_verb("/sys/bus/pci/devices/0000:00:1f.2/ 00:02.0", &status);
	json_t *functions = json_object_get(document, "functions");

	assert_int_equal(status, 0);
	assert_int_equal(json_array_size(functions), 2);
	assert_string_equal(text_of(json_array_get(functions, 0), "address"), "0000:00:1f.2");
	assert_string_equal(text_of(json_array_get(functions, 1), "address"), "0000:00:02.0");
	json_decref(document);
}

static void a_function_that_is_not_there_is_a_failure(void **unused)
{
	int status;
	json_t *document = run_verb("00:1f.7", &status);

	assert_null(document);
	assert_int_equal(status, 1);
}

static void names_without_a_domain_mean_the_first(void **unused)
{
	struct function_list list;
	struct sysroot *root;

	assert_int_equal(sysroot_open(machine, &root), 0);
	assert_int_equal(function_list_read(root, &list), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(function_list_find(&list, "00:1F.2")->path,
			    "/sys/devices/pci0000:00/0000:00:1f.2");
	assert_null(function_list_find(&list, "00:00.0"));
	assert_non_null(function_list_find(&list, "10000:00:00.0"));
	assert_null(function_list_find(&list, ""));
	assert_null(function_list_find(&list, "/"));
	function_list_done(&list);
	sysroot_close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_functions_are_shown_in_order),
		cmocka_unit_test(verdicts_and_facts_are_told),
		cmocka_unit_test(named_functions_come_as_named),
		cmocka_unit_test(a_function_that_is_not_there_is_a_failure),
		cmocka_unit_test(names_without_a_domain_mean_the_first),
	};

	return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
