// SPDX-License-Identifier: GPL-2.0-or-later
/* A handover's name and its two ends; see handover_id.h. */
#include "across/handover_id.h"

#include <errno.h>
#include <time.h>

static int read_line(const struct sysroot *root, const char *path, char *line, size_t size,
		     struct error *e)
{
	ssize_t length = sysroot_read(root, path, line, size);

	if (length > 0)
		return 0;
	return error_set(e, length < 0 ? (int)length : -ENODATA, "%s: it cannot be read: %s", path,
			 errno_text(length < 0 ? (int)length : -ENODATA));
}

json_t *handover_id_new(const struct sysroot *root, const char *verb, const char *kernel,
			const char *identity, struct error *e)
{
	char id[64], release[128], boot_id[64], text[32];
	time_t now = time(NULL);
	struct tm utc;
	json_t *handover;

	/* Each read of it gives another. */
	if (read_line(root, "/proc/sys/kernel/random/uuid", id, sizeof(id), e) ||
	    read_line(root, "/proc/sys/kernel/osrelease", release, sizeof(release), e) ||
	    read_line(root, "/proc/sys/kernel/random/boot_id", boot_id, sizeof(boot_id), e))
		return NULL;
	gmtime_r(&now, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	handover = json_pack("{s:i s:s s:s s:s s:s s:{s:s s:s} s:{s:s s:s}}", "schema",
			     HANDOVER_SCHEMA, "id", id, "kexit", KEXIT_VERSION, "verb", verb,
			     "time", text, "from", "kernel", release, "boot_id", boot_id, "to",
			     "kernel", kernel, "identity", identity);
	if (!handover)
		error_set(e, -ENOMEM,
			  "%s: its handover cannot be named: no memory, or its path is "
			  "no UTF-8",
			  kernel);
	return handover;
}

static const char *word(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "";
}

const char *handover_id(const json_t *handover)
{
	return word(handover, "id");
}

const char *handover_from(const json_t *handover)
{
	return word(json_object_get(handover, "from"), "kernel");
}

const char *handover_boot_id(const json_t *handover)
{
	return word(json_object_get(handover, "from"), "boot_id");
}

const char *handover_to(const json_t *handover)
{
	return word(json_object_get(handover, "to"), "identity");
}

const char *handover_kernel(const json_t *handover)
{
	return word(json_object_get(handover, "to"), "kernel");
}
