// SPDX-License-Identifier: GPL-2.0-or-later
/* A plan for one device; see subject.h. */
#include "trial/subject.h"

#include "graph/scan.h"
#include "policy/files.h"

#include <errno.h>

void subject_done(struct subject *subject)
{
	plan_free(subject->plan);
	graph_free(subject->graph);
	policy_free(subject->policy);
	*subject = (struct subject){ 0 };
}

static int make_policy(const struct sysroot *root, const struct device *device,
		       struct policy **ret_policy, struct error *e)
{
	struct policy *policy = policy_new();
	int r = policy ? policy_add_builtin(policy, e) : error_set(e, -ENOMEM, "no memory");

	if (r == 0)
		r = policy_files_add(root, policy, e);
	/* A trial is of remove(). */
	if (r == 0)
		policy_prefer_remove(policy);
	if (r == 0)
		r = policy_add_only(policy, device->name, e);
	if (r == 0)
		*ret_policy = policy;
	else
		policy_free(policy);
	return r;
}

/* The decision about what takes @device along. */
static const struct decision *decision_of(const struct plan *plan, const struct device *device)
{
	const struct decision *decision = &plan->decisions[device->id];

	while (decision->fate == FATE_FOLLOW && decision->because)
		decision = &plan->decisions[decision->because->id];
	return decision;
}

static int refuse(const struct decision *decision, struct error *e)
{
	const struct device *device = decision->device;

	if (device->uses)
		return error_set(e, -EBUSY, "%s (%s) is in use: %s; end that use first",
				 device->name, device->driver, device->uses->words);
	return error_set(e, -EBUSY, "%s (%s) would not be released: %s (%s)", device->name,
			 device->driver, decision->reason, decision->rule);
}

/* It may be a VF's, a USB stick's, or a function on a root bus without a method of its own. */
static int check_reset(const struct subject *subject, struct error *e)
{
	const struct device *device = subject->decision->device;
	const char *why = "it is no PCI function";

	for (size_t i = 0; i < subject->plan->resets.count; i++) {
		const struct reset_domain *domain = &subject->plan->resets.domains[i];

		if (!reset_domain_has(domain, device))
			continue;
		if (domain->fate == RESET_MAY)
			return 0;
		if (domain->device == device)
			why = domain->reason;
	}
	return error_set(e, -EBUSY, "%s (%s) cannot be reset: %s", device->name, device->driver,
			 why);
}

static int plan_subject(const struct sysroot *root, const char *name, bool resets,
			struct subject *subject, struct error *e)
{
	const struct plan_options options = { .reset = resets ? RESET_MODE_ALL : RESET_MODE_NONE };
	struct device *device = graph_lookup(subject->graph, name);
	int r;

	if (!device)
		return error_set(e, -ENODEV,
				 "there is no device '%s': 'kexit scan' lists them; give an "
				 "address such as 0000:00:1f.2, a name such as eth0, or a path "
				 "below /sys",
				 name);
	if (!device->driver)
		return error_set(e, -ENODEV,
				 "%s has no driver: load it and bind it first, since what is "
				 "tested is its remove()",
				 device->name);
	r = make_policy(root, device, &subject->policy, e);
	if (r == 0)
		r = plan_make(subject->graph, subject->policy, &options, &subject->plan, e);
	if (r < 0)
		return r;
	/* The last stage of a handover clears what others left; here nobody leaves. */
	subject->plan->clear_count = 0;
	subject->decision = decision_of(subject->plan, device);
	if (subject->decision->fate != FATE_RELEASE)
		return refuse(subject->decision, e);
	return resets ? check_reset(subject, e) : 0;
}

int subject_find(const struct sysroot *root, const char *name, bool resets,
		 struct subject *ret_subject, struct error *e)
{
	struct subject subject = { 0 };
	int r = scan_and_claim(root, &subject.graph, e);

	if (r == 0)
		r = plan_subject(root, name, resets, &subject, e);
	if (r < 0)
		subject_done(&subject);
	else
		*ret_subject = subject;
	return r;
}

static bool is_within(const struct subject *subject, const struct device *device)
{
	for (; device; device = device->parent)
		if (device == subject->decision->device)
			return true;
	return false;
}

bool subject_has_disk(const struct subject *subject, const struct disk *disk)
{
	if (disk->is_partition || disk->is_empty)
		return false;
	for (size_t i = 0; i < disk->owner_count; i++)
		if (is_within(subject, disk->owners[i]))
			return true;
	return false;
}

bool subject_has_link(const struct subject *subject, const struct netlink_if *link)
{
	return is_within(subject, link->owner);
}
