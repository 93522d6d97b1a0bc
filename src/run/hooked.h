/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The administrator's hooks at a moment of a run, told what its record has by then. */
#pragma once

#include "hooks/hooks.h"
#include "run/handover.h"

/* -ECANCELED with @e: a hook failed, and what was to come must not. */
int hooked(const struct sys *sys, const struct handover_options *options, enum hooks_moment moment,
	   struct error *e);

/* That it did not end well: @end is a word for how, @why the reason. What a hook answers is noted. */
void hooked_failed(const struct sys *sys, const struct handover_options *options, const char *end,
		   const char *why);
