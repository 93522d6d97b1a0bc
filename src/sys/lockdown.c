// SPDX-License-Identifier: GPL-2.0-or-later
/* The lockdown mode; see lockdown.h. Where securityfs is not mounted, mounting it is not ours. */
#include "sys/lockdown.h"

#include <string.h>

enum lockdown lockdown_read(const struct sysroot *root)
{
	char text[128];

	/* "none [integrity] confidentiality": the brackets are round the one in force. */
	if (sysroot_read(root, "/sys/kernel/security/lockdown", text, sizeof(text)) < 0)
		return LOCKDOWN_UNKNOWN;
	if (strstr(text, "[integrity]"))
		return LOCKDOWN_INTEGRITY;
	if (strstr(text, "[confidentiality]"))
		return LOCKDOWN_CONFIDENTIALITY;
	return strstr(text, "[none]") ? LOCKDOWN_NONE : LOCKDOWN_UNKNOWN;
}

const char *lockdown_name(enum lockdown lockdown)
{
	static const char *const names[] = {
		[LOCKDOWN_UNKNOWN] = "unknown",
		[LOCKDOWN_NONE] = "none",
		[LOCKDOWN_INTEGRITY] = "integrity",
		[LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
	};

	return names[lockdown];
}
