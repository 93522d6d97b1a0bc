/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two devices and what rules say of them, for the tests of the rule language. */
#pragma once

#include "policy/policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bench {
	struct graph *graph;
	struct policy *policy;
	struct device *disk; /* an NVMe controller */
	struct device *nic;  /* unbound */
};

static inline int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->graph = graph_new();
	b->policy = policy_new();
	b->disk = graph_add_device(b->graph, "/devices/pci0000:00/0000:00:04.0", "pci");
	b->disk->driver = "nvme";
	b->disk->modalias = "pci:v00008086d00005845sv00001AF4sd00001100bc01sc08i02";
	b->disk->pci = arena_alloc(b->graph->arena, sizeof(*b->disk->pci));
	graph_add_string(b->graph, &b->disk->classes, &b->disk->class_count,
			 &b->disk->class_capacity, "pci:010802");
	graph_add_string(b->graph, &b->disk->classes, &b->disk->class_count,
			 &b->disk->class_capacity, "nvme");
	graph_add_string(b->graph, &b->disk->provides, &b->disk->provide_count,
			 &b->disk->provide_capacity, "nvme0n1");
	b->nic = graph_add_device(b->graph, "/devices/pci0000:00/0000:00:05.0", "pci");
	graph_add_string(b->graph, &b->graph->host, &b->graph->host_count, &b->graph->host_capacity,
			 "bmc");
	*state = b;
	return 0;
}

static inline int teardown(void **state)
{
	struct bench *b = *state;

	policy_free(b->policy);
	graph_free(b->graph);
	free(b);
	return 0;
}

static inline int parse(struct bench *b, const char *text, struct error *e)
{
	return policy_parse(b->policy, "t.conf", text, strlen(text), e);
}

static inline struct ruling judge(struct bench *b, const struct device *device)
{
	struct ruling ruling;

	assert_int_equal(policy_judge(b->policy, b->graph, device, b->graph->arena, &ruling), 0);
	return ruling;
}

/* The rule is good, and says `leave` of the disk. */
static inline void assert_matches(struct bench *b, const char *text)
{
	struct error e = ERROR_NONE;

	assert_int_equal(parse(b, text, &e), 0);
	assert_int_equal(judge(b, b->disk).action, ACTION_LEAVE);
}

static inline void assert_does_not_match(struct bench *b, const char *text)
{
	struct error e = ERROR_NONE;

	assert_int_equal(parse(b, text, &e), 0);
	assert_int_equal(judge(b, b->disk).action, ACTION_UNSET);
}

static inline void assert_refused(struct bench *b, const char *text, const char *message)
{
	struct error e = ERROR_NONE;

	assert_int_equal(parse(b, text, &e), -EINVAL);
	assert_string_equal(e.text, message);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
