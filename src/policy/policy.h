/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules: what shall happen to which device, and who says so. See kexit-policy(5) for the language.
 *
 * One rule a line: matches, then settings, all `key=value`. Later rules win, setting by setting.
 * Text comes in as a buffer and a name, so that files, the built-in rules, tests and the fuzzer
 * share one entry point; reading the files is the caller's (policy/files.h).
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "graph/graph.h"

#include <stdbool.h>

enum action {
	ACTION_UNSET,
	ACTION_RELEASE, /* unbind it */
	ACTION_LEAVE,	/* it stays, and so does all it needs: the kernel's shutdown() handles it */
	ACTION_SHUTDOWN, /* as above, since the lab shows that its shutdown() does as much, or more */
	ACTION_FOLLOW,	 /* nothing is done to it alone: it goes, or stays, with what it sits on */
};

enum reset_choice {
	RESET_UNSET,
	RESET_AUTO,   /* where it is not quiet, or nothing tells whether it is */
	RESET_LIVE,   /* only where a decoder shows its engine at work */
	RESET_NONE,   /* never, nor a bus that it lies on */
	RESET_ALWAYS, /* whatever it looks like */
};

/* When, within a run: a start order, and from PHASE_ENGINE on a barrier. */
enum phase {
	PHASE_UNSET = 0,
	PHASE_NET = 1,	   /* what receives: network, sound, VFs, vfio */
	PHASE_BUS = 2,	   /* USB host controllers, displays */
	PHASE_STORAGE = 3, /* disks, virtio transports, card readers */
	PHASE_ENGINE = 4,  /* DMA and crypto engines, NTB: their clients are not seen in sysfs */
	PHASE_LAST = 5,	   /* functions without a driver that still master the bus */
};

/* Whose word it is; later ones outrank earlier ones. */
enum authority { AUTHORITY_NOBODY, AUTHORITY_BUILTIN, AUTHORITY_FILE, AUTHORITY_CHOICE };

struct policy;

/* For a device that no rule gives a deadline. */
#define POLICY_DEADLINE_MS 10000

/* What the rules say about one device; each setting with the rule that had the last word. */
struct ruling {
	enum action action;
	enum authority authority; /* whose word the action is */
	/* Who decided: "built-in:12", "/etc/kexit/policy.d/50-local.conf:3", "--leave eth0". */
	const char *action_rule, *reason, *source;
	bool is_only; /* an --only matches it */
	enum reset_choice reset;
	const char *reset_rule, *reset_reason; /* NULL: no rule says */
	enum phase phase;
	unsigned int deadline_ms; /* 0: no rule says */
	bool waive_verify;	  /* verify=waive: live or masked after release is accepted */
	const char *waive_rule;
	const char **warnings; /* every matching warn= */
	size_t warning_count, warning_capacity;
};

struct policy *policy_new(void);
void policy_free(struct policy *policy);

/*
 * Adds the rules of @text (@length bytes, need not end in NUL) under the name @name. On a bad line
 * returns -EINVAL with "name:line: what is wrong" in @e; the policy is then not to be used.
 */
int policy_parse(struct policy *policy, const char *name, const char *text, size_t length,
		 struct error *e);

/* The rules that come with kexit (src/policy/builtin.conf). */
int policy_add_builtin(struct policy *policy, struct error *e);

/*
 * One choice of the command line. @match is what a person types: an address, a name it provides, a
 * driver, a sysfs class or a glob of those. @option is "--release" or "--leave" for the origin.
 */
int policy_add_choice(struct policy *policy, enum action action, const char *match,
		      const char *option, struct error *e);

/* --only MATCH: everything that no --only matches is left. May be given several times. What lies
 * below a match comes with it; the plan sees to that. */
int policy_add_only(struct policy *policy, const char *match, struct error *e);
bool policy_has_only(const struct policy *policy);

/* Whether @module of that kernel has @function; false also where nobody knows. */
typedef bool kernel_has(const void *kernel, const char *module, const char *function);

/* Who answers for symbol=, which matches nothing before. @kernel must outlive the policy. */
void policy_ask_kernel(struct policy *policy, kernel_has *has, const void *kernel);

/* From here on action=shutdown says nothing, and an earlier rule's action holds. */
void policy_prefer_remove(struct policy *policy);

/* What the rules say about @device. Strings live as long as the policy; lists in @arena. */
int policy_judge(const struct policy *policy, const struct graph *graph,
		 const struct device *device, struct arena *arena, struct ruling *ret_ruling);

/* After judging a whole graph: choices of the command line that matched nothing, for an error
 * before anything is done. Returns the text of the first, or NULL. */
const char *policy_unmatched(const struct policy *policy);

const char *action_name(enum action action);
const char *reset_choice_name(enum reset_choice reset);
const char *phase_name(enum phase phase);
