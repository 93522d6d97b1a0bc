// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the rule files lie, and whom they ask; see files.h. */
#include "policy/files.h"

#include "sys/dropins.h"
#include "sys/symbol.h"

static int take(void *context, const char *path, const char *text, size_t length, struct error *e)
{
	return policy_parse(context, path, text, length, e);
}

static bool has_function(const void *kernel, const char *module, const char *function)
{
	return kernel_function_find(kernel, module, function) > 0;
}

int policy_files_add(const struct sysroot *root, struct policy *policy, struct error *e)
{
	policy_ask_kernel(policy, has_function, root);
	return dropins_read(root, "/usr/lib/kexit/policy.d", "/etc/kexit/policy.d", take, policy,
			    e);
}
