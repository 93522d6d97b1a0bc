// SPDX-License-Identifier: GPL-2.0-or-later
/* The machines of tests/machines, as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct machine {
	struct sysroot *root;
	struct graph *graph;
};

static void open_machine(struct machine *m, const char *name)
{
	const char *tests = getenv("KEXIT_TESTS");
	struct error e = ERROR_NONE;
	char path[1024];

	snprintf(path, sizeof(path), "%s/machines/%s", tests ? tests : "tests", name);
	assert_int_equal(sysroot_open(path, &m->root), 0);
	if (scan(m->root, &m->graph, &e))
		fail_msg("%s", e.text);
}

static void close_machine(struct machine *m)
{
	graph_free(m->graph);
	sysroot_close(m->root);
}

static void assert_use(const struct machine *m, const char *name, const char *words)
{
	const struct device *device = graph_lookup(m->graph, name);

	assert_non_null(device);
	if (!words) {
		assert_null(device->uses);
		return;
	}
	assert_non_null(device->uses);
	assert_string_equal(device->uses->words, words);
	assert_null(device->uses->next);
}

static void test_every_use_of_the_server_is_found_and_no_other(void **state)
{
	struct machine m;

	open_machine(&m, "server");
	assert_use(&m, "01:00.0", "ext4 on / through nvme0n1p2");
	assert_use(&m, "02:00.0", "ext4 on / through nvme0n1p2");
	assert_use(&m, "0:0:0:0", "xfs on /srv through dm-0 (vg-data)");
	assert_use(&m, "1:0:0:0", "xfs on /srv through dm-0 (vg-data)");
	assert_use(&m, "2:0:0:0", NULL);
	assert_use(&m, "eno1", "nfs4 on /home through eno1");
	assert_use(&m, "eno2", NULL);
	assert_use(&m, "00:1b.0", "process 812 (aplay) holds /dev/snd/pcmC0D0p");
	assert_use(&m, "watchdog0", "watchdog0 runs (30 s)");
	assert_use(&m, "00:04", "active console ttyS0");
	assert_use(&m, "00:14.0", NULL);
	assert_use(&m, "00:1f.2", NULL);
	assert_true(graph_lookup(m.graph, "fb0")->pci->is_boot_display);
	assert_string_equal(m.graph->host[0], "bmc");
	close_machine(&m);
}

static void test_nothing_but_the_console_is_used_in_an_initramfs(void **state)
{
	struct machine m;

	open_machine(&m, "initramfs");
	for (size_t i = 0; i < m.graph->device_count; i++)
		if (strcmp(m.graph->devices[i]->name, "00:04") != 0)
			assert_null(m.graph->devices[i]->uses);
	assert_use(&m, "00:04", "active console ttyS0");
	assert_int_equal(m.graph->host_count, 1);
	assert_string_equal(m.graph->host[0], "initramfs");
	close_machine(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_use_of_the_server_is_found_and_no_other),
		cmocka_unit_test(test_nothing_but_the_console_is_used_in_an_initramfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
