// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the rule files lie; see files.h. */
#include "policy/files.h"

#include "policy/rule.h"
#include "sys/dropins.h"

static int take(void *context, const char *path, const char *text, size_t length, struct error *e)
{
	return policy_parse(context, path, text, length, e);
}

int policy_files_add(const struct sysroot *root, struct policy *policy, struct error *e)
{
	policy->root = root;
	return dropins_read(root, "/usr/lib/kexit/policy.d", "/etc/kexit/policy.d", take, policy,
			    e);
}
