// SPDX-License-Identifier: GPL-2.0-or-later
/* What the rules and the command line say about one device; see policy.h. */
#include "policy/policy.h"
#include "policy/rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Made from builtin.conf. */
extern const char builtin_policy[];
extern const size_t builtin_policy_size;

struct policy *policy_new(void)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (!policy)
		return NULL;
	policy->arena = arena_new();
	policy->rules_end = &policy->rules;
	policy->choices_end = &policy->choices;
	if (policy->arena)
		return policy;
	free(policy);
	return NULL;
}

void policy_free(struct policy *policy)
{
	if (!policy)
		return;
	arena_free(policy->arena);
	free(policy);
}

struct rule *policy_add_rule(struct policy *policy)
{
	struct rule *rule = arena_alloc(policy->arena, sizeof(*rule));

	if (!rule)
		return NULL;
	*policy->rules_end = rule;
	policy->rules_end = &rule->next;
	return rule;
}

int policy_parse(struct policy *policy, const char *name, const char *text, size_t length,
		 struct error *e)
{
	return rule_parse(policy, AUTHORITY_FILE, name, text, length, e);
}

int policy_add_builtin(struct policy *policy, struct error *e)
{
	return rule_parse(policy, AUTHORITY_BUILTIN, "built-in", builtin_policy,
			  builtin_policy_size, e);
}

/*
 * The command line.
 */

/* What was typed without what people put in front of it. */
static const char *bare_match(const char *match)
{
	if (!strncmp(match, "/sys/", 5))
		return match + 4;
	if (!strncmp(match, "/dev/", 5))
		return match + 5;
	return match;
}

static int add_choice(struct policy *policy, enum action action, const char *match,
		      const char *option, struct error *e)
{
	struct choice *choice = arena_alloc(policy->arena, sizeof(*choice));
	char *text = arena_strdup(policy->arena, bare_match(match));

	if (!choice || !text)
		return error_set(e, -ENOMEM, "%s %s: %m", option, match);
	if (!*text)
		return error_set(e, -EINVAL, "%s needs a device, a driver or a class", option);
	if (glob_init(&choice->glob, text) < 0)
		return error_set(e, -EINVAL,
				 "%s %s: no glob: \"[\" without \"]\", or \"\\\" at its end",
				 option, match);
	choice->origin = arena_printf(policy->arena, "%s %s", option, match);
	if (!choice->origin)
		return error_set(e, -ENOMEM, "%s %s: %m", option, match);
	choice->action = action;
	*policy->choices_end = choice;
	policy->choices_end = &choice->next;
	return 0;
}

int policy_add_choice(struct policy *policy, enum action action, const char *match,
		      const char *option, struct error *e)
{
	return add_choice(policy, action, match, option, e);
}

int policy_add_only(struct policy *policy, const char *match, struct error *e)
{
	int r = add_choice(policy, ACTION_UNSET, match, "--only", e);

	if (r == 0)
		policy->has_only = true;
	return r;
}

void policy_ask_kernel(struct policy *policy, kernel_has *has, const void *kernel)
{
	policy->kernel_has = has;
	policy->kernel = kernel;
}

void policy_prefer_remove(struct policy *policy)
{
	policy->prefers_remove = true;
}

bool policy_has_only(const struct policy *policy)
{
	return policy->has_only;
}

const char *policy_unmatched(const struct policy *policy)
{
	for (const struct choice *choice = policy->choices; choice; choice = choice->next)
		if (!choice->matched)
			return choice->origin;
	return NULL;
}

/*
 * Matching.
 */

static bool glob_matches_any(const struct glob *glob, const char *const *strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (glob_matches(glob, strings[i]))
			return true;
	return false;
}

static bool key_matches(const struct glob *glob, enum match_key key, const struct graph *graph,
			const struct device *device)
{
	switch (key) {
	case MATCH_BUS:
		return glob_matches(glob, device->bus);
	case MATCH_DRIVER:
		return device->driver && glob_matches(glob, device->driver);
	case MATCH_CLASS:
		return glob_matches_any(glob, device->classes, device->class_count);
	case MATCH_PATH:
		return glob_matches(glob, device->path) || glob_matches(glob, device->name);
	case MATCH_MODALIAS:
		return device->modalias && glob_matches(glob, device->modalias);
	case MATCH_HOST:
		return glob_matches_any(glob, graph->host, graph->host_count);
	case MATCH_KEYS:
		break;
	}
	return false;
}

static bool list_matches(const struct glob_list *list, enum match_key key,
			 const struct graph *graph, const struct device *device)
{
	for (size_t i = 0; i < list->count; i++)
		if (key_matches(&list->items[i], key, graph, device))
			return true;
	return list->count == 0;
}

/* What cannot be asked is not there: the rule would take the driver's word for something. */
static bool symbol_is_there(const struct policy *policy, struct symbol *symbol)
{
	if (!policy->kernel_has)
		return false;
	if (symbol->state == SYMBOL_UNASKED)
		symbol->state = policy->kernel_has(policy->kernel, symbol->module, symbol->function)
					? SYMBOL_THERE
					: SYMBOL_MISSING;
	return symbol->state == SYMBOL_THERE;
}

static bool rule_matches(const struct policy *policy, const struct rule *rule,
			 const struct graph *graph, const struct device *device)
{
	for (unsigned int key = 0; key < MATCH_KEYS; key++)
		if (!list_matches(&rule->match[key], key, graph, device))
			return false;
	return !rule->symbol || symbol_is_there(policy, rule->symbol);
}

/* "00:1f.2" as lspci prints the functions of domain 0. */
static bool short_address_matches(const struct glob *glob, const struct device *device)
{
	return device->pci && !strncmp(device->name, "0000:", 5) &&
	       glob_matches(glob, device->name + 5);
}

/* A partition or a virtual disk is not among what a device provides, but names it all the same. */
static bool disk_matches(const struct glob *glob, const struct graph *graph,
			 const struct device *device)
{
	const struct disk *disk;

	if (glob->kind != GLOB_LITERAL)
		return false;
	disk = map_get(graph->by_disk, glob->text);
	if (!disk)
		return false;
	disk = disk->whole;
	for (size_t i = 0; i < disk->owner_count; i++)
		if (disk->owners[i] == device)
			return true;
	return false;
}

static bool choice_matches(const struct choice *choice, const struct graph *graph,
			   const struct device *device)
{
	const struct glob *glob = &choice->glob;

	return key_matches(glob, MATCH_PATH, graph, device) ||
	       short_address_matches(glob, device) ||
	       glob_matches_any(glob, device->provides, device->provide_count) ||
	       key_matches(glob, MATCH_DRIVER, graph, device) ||
	       key_matches(glob, MATCH_CLASS, graph, device) || disk_matches(glob, graph, device);
}

/*
 * Judging.
 */

static int add_warning(struct ruling *ruling, struct arena *arena, const char *text)
{
	if (arena_grow(arena, &ruling->warnings, &ruling->warning_capacity,
		       ruling->warning_count + 1, sizeof(const char *)))
		return -ENOMEM;
	ruling->warnings[ruling->warning_count++] = text;
	return 0;
}

/* Setting by setting: what the rule does not say stays as an earlier one had it. */
static int apply_rule(const struct policy *policy, struct ruling *ruling, const struct rule *rule,
		      struct arena *arena)
{
	if (rule->action && !(rule->action == ACTION_SHUTDOWN && policy->prefers_remove)) {
		ruling->action = rule->action;
		ruling->authority = rule->authority;
		ruling->action_rule = rule->origin;
		ruling->reason = rule->reason;
		ruling->source = rule->source;
	}
	if (rule->reset) {
		ruling->reset = rule->reset;
		ruling->reset_rule = rule->origin;
		ruling->reset_reason = rule->reason;
	}
	if (rule->phase)
		ruling->phase = rule->phase;
	if (rule->deadline_ms)
		ruling->deadline_ms = rule->deadline_ms;
	if (rule->verify) {
		ruling->waive_verify = rule->verify == VERIFY_WAIVE;
		ruling->waive_rule = ruling->waive_verify ? rule->origin : NULL;
	}
	return rule->warn ? add_warning(ruling, arena, rule->warn) : 0;
}

static void apply_choice(struct ruling *ruling, struct choice *choice)
{
	choice->matched = true;
	if (choice->action == ACTION_UNSET) {
		ruling->is_only = true;
		return;
	}
	ruling->action = choice->action;
	ruling->authority = AUTHORITY_CHOICE;
	ruling->action_rule = choice->origin;
	ruling->reason = "asked for";
	ruling->source = NULL;
}

int policy_judge(const struct policy *policy, const struct graph *graph,
		 const struct device *device, struct arena *arena, struct ruling *ret_ruling)
{
	struct ruling ruling = { .action = ACTION_UNSET };

	for (const struct rule *rule = policy->rules; rule; rule = rule->next)
		if (rule_matches(policy, rule, graph, device) &&
		    apply_rule(policy, &ruling, rule, arena) < 0)
			return -ENOMEM;
	for (struct choice *choice = policy->choices; choice; choice = choice->next)
		if (choice_matches(choice, graph, device))
			apply_choice(&ruling, choice);
	*ret_ruling = ruling;
	return 0;
}
