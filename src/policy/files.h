/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rule files of a machine, and what they ask of its kernel, read through its root, so that a captured
 * tree brings its own. */
#pragma once

#include "base/error.h"
#include "policy/policy.h"
#include "sys/root.h"

/*
 * Adds the rules of /usr/lib/kexit/policy.d/ *.conf, then those of /etc/kexit/policy.d/ *.conf, each
 * folder by name. A file in /etc masks the one of the same name in /usr/lib, also when it is empty
 * or a symbolic link to /dev/null. A folder that is not there holds no rules.
 * What the rules ask of the kernel (symbol=) is asked of @root, which must outlive the policy.
 * -EINVAL: "file:line: what is wrong", or a file that is none; -ENOMEM; or what the kernel said.
 */
int policy_files_add(const struct sysroot *root, struct policy *policy, struct error *e);
