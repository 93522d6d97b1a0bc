/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines of a few lines, for the tests of the plan. Everything lives until bench_done(). */
#pragma once

#include "plan/plan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Everything on the bus "r" is released, on "f" follows, on "l" is left. */
static const char bus_rules[] __attribute__((unused)) = "bus=r action=release reason=going\n"
							"bus=f action=follow reason=following\n"
							"bus=l action=leave reason=staying\n";

struct bench {
	struct graph *graph;
	struct policy *policy;
	struct plan *plan;
	struct plan_options options;
	struct error e;
};

static inline int bench_setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->graph = graph_new();
	b->policy = policy_new();
	*state = b;
	return 0;
}

static inline int bench_teardown(void **state)
{
	struct bench *b = *state;

	plan_free(b->plan);
	policy_free(b->policy);
	graph_free(b->graph);
	free(b);
	return 0;
}

/* A bound device that can be unbound; @driver NULL: an unbound one. */
static inline struct device *add(struct bench *b, const char *path, const char *bus,
				 const char *driver)
{
	struct device *device = graph_add_device(b->graph, path, bus);

	device->driver = driver;
	device->can_unbind = driver != NULL;
	return device;
}

static inline void add_class(struct bench *b, struct device *device, const char *name)
{
	graph_add_string(b->graph, &device->classes, &device->class_count, &device->class_capacity,
			 name);
}

static inline void add_name(struct bench *b, struct device *device, const char *name)
{
	graph_add_string(b->graph, &device->provides, &device->provide_count,
			 &device->provide_capacity, name);
}

/* A PCI function at /devices/pci0000:00/@path, in D0, not mastering. */
static inline struct device *add_pci(struct bench *b, const char *path, const char *driver,
				     uint32_t class_code)
{
	struct device *device;
	char text[256];

	snprintf(text, sizeof(text), "/devices/pci0000:00/%s", path);
	device = add(b, text, "pci", driver);
	device->pci = arena_alloc(b->graph->arena, sizeof(*device->pci));
	device->pci->class_code = class_code;
	device->pci->has_config = true;
	device->pci->header_type = class_code >> 8 == 0x0604;
	snprintf(text, sizeof(text), "pci:%06x", class_code);
	add_class(b, device, text);
	return device;
}

static inline void rules(struct bench *b, const char *text)
{
	assert_int_equal(policy_parse(b->policy, "t", text, strlen(text), &b->e), 0);
}

static inline void builtin(struct bench *b)
{
	assert_int_equal(policy_add_builtin(b->policy, &b->e), 0);
}

static inline int try_plan(struct bench *b)
{
	plan_free(b->plan);
	b->plan = NULL;
	return plan_make(b->graph, b->policy, &b->options, &b->plan, &b->e);
}

static inline void make_plan(struct bench *b)
{
	assert_int_equal(try_plan(b), 0);
}

static inline struct decision *decision(struct bench *b, const struct device *device)
{
	return &b->plan->decisions[device->id];
}

static inline void assert_fate(struct bench *b, const struct device *device, enum fate fate)
{
	assert_string_equal(fate_name(decision(b, device)->fate), fate_name(fate));
}

static inline size_t place(struct bench *b, const struct device *device)
{
	for (size_t i = 0; i < b->plan->order_count; i++)
		if (b->plan->order[i]->device == device)
			return i;
	fail_msg("%s is not in the order", device->name);
	return 0;
}

static inline bool waits(struct bench *b, const struct device *device, const struct device *other)
{
	const struct decision *d = decision(b, device);

	for (size_t i = 0; i < d->wait_count; i++)
		if (d->waits_for[i]->device == other)
			return true;
	return false;
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
