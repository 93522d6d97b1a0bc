/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options by which a person has a say in the plan, the same for every verb that makes one:
 * --release, --leave, --only, --strict, --reset, --halt and --prefer.
 *
 * A verb puts CHOICES_OPTIONS into its table for getopt_long(3), hands what it does not know to
 * choices_take(), prints CHOICES_HELP, and gets its plan from choices_plan().
 */
#pragma once

#include "cli/verb.h"
#include "plan/plan.h"
#include "run/probes.h"
#include "sys/root.h"

#include <getopt.h>

/* Above any character, so that they collide with no short option. */
enum choice_option {
	CHOICE_RELEASE = 0x100,
	CHOICE_LEAVE,
	CHOICE_ONLY,
	CHOICE_STRICT,
	CHOICE_RESET,
	CHOICE_HALT,
	CHOICE_PREFER,
	CHOICE_END, /* where a verb's own long options may start */
};

/* clang-format off */
#define CHOICES_OPTIONS                                         \
	{ "release", required_argument, NULL, CHOICE_RELEASE }, \
	{ "leave", required_argument, NULL, CHOICE_LEAVE },     \
	{ "only", required_argument, NULL, CHOICE_ONLY },       \
	{ "strict", no_argument, NULL, CHOICE_STRICT },       \
	{ "reset", required_argument, NULL, CHOICE_RESET },   \
	{ "halt", required_argument, NULL, CHOICE_HALT },     \
	{ "prefer", required_argument, NULL, CHOICE_PREFER }
/* clang-format on */

#define CHOICES_HELP                                                                                 \
	"  --release MATCH  unbind it whatever the rules say, unless it is in use\n"                 \
	"  --leave MATCH    do not unbind it, nor what it needs\n"                                   \
	"  --only MATCH     leave all but this and what lies below it\n"                             \
	"  --strict         refuse (status 5) when a device in use would have to go\n"               \
	"  --reset WHAT     auto: reset what is not quiet once its driver is gone (default);\n"      \
	"                   none; or all that may be reset\n"                                        \
	"  --halt WHAT      auto: stop an engine that runs although no driver holds it, by its\n"    \
	"                   class's registers (default); or none\n"                                  \
	"  --prefer WHAT    evidence: leave to shutdown() what it does as well (default); remove:\n" \
	"                   unbind that, too\n"                                                      \
	"MATCH is an address, a name such as eth0 or sda, a driver, a class, or a glob;\n"           \
	"each option that takes one may be given several times.\n"

struct choices {
	struct policy *policy;
	struct plan_options options;
	bool claims;		     /* the plan is for a run: scan_and_claim() */
	const struct probes *probes; /* what is busy is left; NULL: not asked */
};

/* 0 or -ENOMEM. choices_done() also takes what was never initialised, if it is zero. */
int choices_init(struct choices *choices);
void choices_done(struct choices *choices);

/*
 * An option that getopt_long(3) returned. Returns 1 when it was one of these, 0 when not (the verb
 * answers "?"), or a negative errno with the message in @e.
 */
int choices_take(struct choices *choices, int option, const char *argument, struct error *e);

/*
 * Reads the rules, scans the machine and makes the plan. Logs what went wrong. Returns an enum
 * status: STATUS_USAGE for a bad rule file or a choice that matches nothing, STATUS_REFUSED for
 * --strict. The caller owns both; the plan goes first, then the graph, then the choices.
 */
int choices_plan(struct choices *choices, const struct sysroot *root, struct graph **ret_graph,
		 struct plan **ret_plan);
