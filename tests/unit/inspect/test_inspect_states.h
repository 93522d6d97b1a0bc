/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States of functions as tables of registers, and what inspect must say of each. */
#pragma once

#include "unit/inspect/test_inspect_fake.h"

#define REGISTERS 16

struct state {
	const char *what;
	const char *engine;
	uint32_t class_code;
	uint16_t vendor, device;
	unsigned int io_bars;
	void (*prepare)(struct function *f);
	bool running;
	const char *says; /* running: what inspection_describe() must contain */
	struct fake_register registers[REGISTERS];
};

static inline void state_set_up(const struct state *state, struct fake *fake, struct function *f)
{
	*fake = (struct fake){ .registers = state->registers, .count = REGISTERS };
	fake_function(f, fake, state->class_code, state->vendor, state->device, state->io_bars);
	if (state->prepare)
		state->prepare(f);
}

static inline void check_verdict(const struct state *state, const struct inspection *ins,
				 enum verdict expected)
{
	char text[512];

	inspection_describe(ins, text, sizeof(text));
	if (ins->verdict != expected || !ins->engine || strcmp(ins->engine, state->engine))
		fail_msg("%s: %s by %s (%s), expected %s by %s", state->what,
			 verdict_name(ins->verdict), ins->engine ?: "nobody", text,
			 verdict_name(expected), state->engine);
	if (state->running && !strstr(text, state->says))
		fail_msg("%s: says '%s', expected '%s'", state->what, text, state->says);
}

/* Quiet when stopped, live when running with Bus Master on, masked when running with it off. */
static inline void check_states(const struct state states[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct state *state = &states[i];
		struct inspection ins;
		struct function f;
		struct fake fake;

		state_set_up(state, &fake, &f);
		inspect_function(&f, false, &ins);
		check_verdict(state, &ins, state->running ? VERDICT_MASKED : VERDICT_QUIET);
		fake_master(&f, true);
		inspect_function(&f, false, &ins);
		check_verdict(state, &ins, state->running ? VERDICT_LIVE : VERDICT_QUIET);
	}
}

/* A decoder of which no state runs, or none is stopped, was not tested. */
static inline void check_has_both(const char *engine, const struct state states[], size_t count)
{
	bool has[2] = { false, false };

	for (size_t i = 0; i < count; i++)
		if (!strcmp(states[i].engine, engine))
			has[states[i].running] = true;
	if (!has[0] || !has[1])
		fail_msg("%s: no state in which it %s", engine, has[0] ? "runs" : "is stopped");
}
