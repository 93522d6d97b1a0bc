// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A rollback of four times as many devices or links takes four times the work, not sixteen times. The
 * processor time of the one is compared with that of the other, on the same machine, one after the
 * other: what is between is not the machine.
 */
#include "unit/fake/fake_ops.h"

#include "links/links.h"
#include "undo/undo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define FEW	  2000
#define FEW_LINKS 250
#define TIMES	  4
#define MANY	  (TIMES * FEW)
#define ROUNDS	  3
/* 4 is a line, 16 a square. */
#define AT_MOST	  8

static double processor_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* @work's shortest time: what else runs here only makes it longer. */
static double cost(void (*work)(struct fake *fake, const json_t *events), struct fake *fake,
		   const json_t *events)
{
	double best = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		double start = processor_ms(), ms;

		work(fake, events);
		ms = processor_ms() - start;
		if (!i || ms < best)
			best = ms;
	}
	return best;
}

static void assert_grows_in_line(double few, double many)
{
	printf("%.1f ms, and for %d times as many %.1f ms: %.1f times\n", few, TIMES, many,
	       many / few);
	if (many > AT_MOST * few)
		fail_msg("%.1f times the work for %d times as many", many / few, TIMES);
}

static const char *text(char *buffer, size_t size, const char *format, unsigned int i)
{
	snprintf(buffer, size, format, i >> 8, i >> 3 & 0x1f, i & 7);
	return buffer;
}

#define FUNCTION "/devices/pci0000:00/0000:%02x:%02x.%u"

/* A release with an attribute that was changed and a device that goes along, each. */
static json_t *releases(unsigned int count)
{
	json_t *events = json_array();
	char device[64], path[160];

	for (unsigned int i = 0; i < count; i++) {
		text(device, sizeof(device), FUNCTION, i);
		snprintf(path, sizeof(path), "%s/mlx5_core.eth.%u", device, i);
		json_array_append_new(events, json_pack("{s:s s:s s:s s:s s:s}", "event", "follow",
							"device", path, "bus", "auxiliary",
							"driver", "mlx5_core.eth", "name", "eth"));
		snprintf(path, sizeof(path), "/sys%s/power/control", device);
		json_array_append_new(events, json_pack("{s:s s:s s:s s:s}", "event", "attribute",
							"path", path, "old", "auto", "new", "on"));
		json_array_append_new(events, json_pack("{s:s s:s s:s s:s s:s}", "event", "release",
							"device", device, "bus", "pci", "driver",
							"mlx5_core", "name", "function"));
		json_array_append_new(events, json_pack("{s:s s:s s:s}", "event", "released",
							"device", device, "outcome", "released"));
	}
	return events;
}

static void read_record(struct fake *fake, const json_t *events)
{
	struct undo undo = { .rollback.sys = &fake->sys };

	assert_int_equal(undo_init(&undo, events), 0);
	assert_int_equal(undo.device_count, json_array_size(events) / 4);
	assert_int_equal(undo.follower_count, json_array_size(events) / 4);
	undo_done(&undo);
}

static void test_reading_a_record(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);
	json_t *few = releases(FEW), *many = releases(MANY);

	assert_grows_in_line(cost(read_record, fake, few), cost(read_record, fake, many));
	json_decref(few);
	json_decref(many);
	fake_free(fake);
}

/* Links that are all back, a hundred below each function: few files, as the disk may be busy. */
static json_t *links(struct fake *fake, unsigned int count)
{
	json_t *events = json_array();
	char device[64], path[192], value[128], name[32];

	for (unsigned int i = 0; i < count; i++) {
		text(device, sizeof(device), FUNCTION, i / 100);
		snprintf(name, sizeof(name), "eth%u", i);
		snprintf(path, sizeof(path), "/sys%s/net/%s/ifindex", device, name);
		snprintf(value, sizeof(value), "%u\n", i + 2);
		fake_file(fake, path, value);
		snprintf(path, sizeof(path), "/sys/class/net/%s", name);
		snprintf(value, sizeof(value), "../..%s/net/%s", device, name);
		fake_link(fake, path, value);
		json_array_append_new(events,
				      json_pack("{s:s s:s s:I s:b s:I s:s s:s s:[] s:[]}", "event",
						"link", "name", name, "ifindex", (json_int_t)i + 2,
						"up", 0, "mtu", (json_int_t)0, "device", device,
						"carrier", device, "addresses", "routes"));
	}
	return events;
}

static void restore_links(struct fake *fake, const json_t *events)
{
	json_t *failed = json_array();

	assert_int_equal(links_restore(&fake->sys, events, 0, failed), 0);
	json_decref(failed);
}

static void test_bringing_links_back(void **state)
{
	struct fake *few = fake_new(NULL, NULL), *many = fake_new(NULL, NULL);
	json_t *few_events = links(few, FEW_LINKS), *many_events = links(many, TIMES * FEW_LINKS);

	assert_grows_in_line(cost(restore_links, few, few_events),
			     cost(restore_links, many, many_events));
	json_decref(few_events);
	json_decref(many_events);
	fake_free(few);
	fake_free(many);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading_a_record),
		cmocka_unit_test(test_bringing_links_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
