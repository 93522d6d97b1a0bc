/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule and a choice as the parser makes them and the judge reads them. Inside plan/ only:
 * everybody else sees policy.h.
 */
#pragma once

#include "policy/policy.h"

enum match_key {
	MATCH_BUS,
	MATCH_DRIVER,
	MATCH_CLASS,
	MATCH_PATH,
	MATCH_MODALIAS,
	MATCH_HOST,
	MATCH_KEYS,
};

/*
 * One pattern. Most are a plain name or a prefix and a star; those are compared directly, since
 * every device is held against every rule and fnmatch(3) is some hundred times slower.
 */
struct glob {
	const char *text;
	size_t prefix; /* bytes before the first special character */
	enum { GLOB_LITERAL, GLOB_PREFIX, GLOB_ANY } kind;
};

/* Alternatives of one match: "ahci|ata_*". Zero of them: not asked for. */
struct glob_list {
	struct glob *items;
	size_t count, capacity;
};

/* symbol="ahci:ahci_shutdown_one": asked of the kernel once, when all else of a rule matches. */
struct symbol {
	const char *module, *function;
	enum { SYMBOL_UNASKED, SYMBOL_THERE, SYMBOL_MISSING } state;
};

struct rule {
	struct rule *next;
	const char *origin; /* "built-in:12", "/etc/kexit/policy.d/50-local.conf:3" */
	enum authority authority;
	struct glob_list match[MATCH_KEYS];
	struct symbol *symbol; /* NULL: none is asked for */
	enum action action;
	enum reset_choice reset;
	enum phase phase;
	enum { VERIFY_UNSET, VERIFY_CHECK, VERIFY_WAIVE } verify;
	unsigned int deadline_ms;
	const char *warn, *reason, *source;
};

/* What a person typed after --release, --leave or --only. */
struct choice {
	struct choice *next;
	const char *origin; /* "--leave eth0" */
	struct glob glob;
	enum action action; /* ACTION_UNSET: --only */
	bool matched;	    /* some device, so far */
};

struct policy {
	struct arena *arena;
	struct rule *rules, **rules_end;
	struct choice *choices, **choices_end;
	bool has_only, prefers_remove;
	kernel_has *kernel_has; /* NULL: nobody can be asked */
	const void *kernel;
};

/* Understands @text, which must stay. -EINVAL: an open bracket or a trailing backslash. */
int glob_init(struct glob *glob, const char *text);
bool glob_matches(const struct glob *glob, const char *s);

/* Appends an empty rule, or NULL when memory is short. */
struct rule *policy_add_rule(struct policy *policy);

/* As policy_parse(), for rules that speak with @authority. */
int rule_parse(struct policy *policy, enum authority authority, const char *name, const char *text,
	       size_t length, struct error *e);
