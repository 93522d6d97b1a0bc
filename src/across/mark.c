// SPDX-License-Identifier: GPL-2.0-or-later
/* The mark of a handover, and the count of those that failed; see mark.h. */
#include "across/mark.h"
#include "across/carried.h"
#include "across/durable.h"
#include "across/handover_id.h"
#include "across/stuck.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCHEMA 1

/* The file's content, or, where there is none or it is damaged, an empty one. NULL: no memory. */
static json_t *content_read(const struct sysroot *root)
{
	char *text = NULL;
	json_t *content = NULL;

	if (sysroot_read_all(root, MARK_FILE, &text) == 0)
		content = json_loads(text, 0, NULL);
	free(text);
	if (json_is_object(content))
		return content;
	json_decref(content);
	return json_pack("{s:i s:[]}", "schema", SCHEMA, "failed");
}

static int content_write(const struct sysroot *root, const json_t *content, struct error *e)
{
	char *text = json_dumps(content, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	int r = text ? durable_write(root, MARK_FOLDER, MARK_FILE, text) : -ENOMEM;

	free(text);
	return r < 0 ? error_set(e, r, "%s: the handover's mark cannot be written: %s", MARK_FILE,
				 errno_text(r))
		     : 0;
}

static json_t *pending_of(const json_t *content)
{
	json_t *pending = json_object_get(content, "pending");

	return json_is_object(pending) ? pending : NULL;
}

/* ---- the count */

static const char *word(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "";
}

/* The place of the pair of @handover among those that failed; SIZE_MAX: nowhere. */
static size_t place_of(const json_t *content, const json_t *handover)
{
	const json_t *pair;
	size_t i;

	json_array_foreach (json_object_get(content, "failed"), i, pair)
		if (!strcmp(word(pair, "from"), handover_from(handover)) &&
		    !strcmp(word(pair, "to"), handover_to(handover)))
			return i;
	return SIZE_MAX;
}

static unsigned int failures_of(const json_t *content, const json_t *handover)
{
	size_t at = place_of(content, handover);
	const json_t *failed = json_object_get(content, "failed");
	json_int_t count =
		at == SIZE_MAX
			? 0
			: json_integer_value(json_object_get(json_array_get(failed, at), "count"));

	return count > 0 && count < UINT_MAX ? (unsigned int)count : 0;
}

static void forget_pair(json_t *content, const json_t *handover)
{
	size_t at = place_of(content, handover);

	if (at != SIZE_MAX)
		json_array_remove(json_object_get(content, "failed"), at);
}

static void count_failure(json_t *content, const json_t *handover)
{
	unsigned int count = failures_of(content, handover) + 1;
	json_t *failed = json_object_get(content, "failed");

	forget_pair(content, handover);
	if (!json_is_array(failed)) {
		failed = json_array();
		json_object_set_new(content, "failed", failed);
	}
	json_array_append_new(
		failed, json_pack("{s:s s:s s:s s:I s:s s:s}", "from", handover_from(handover),
				  "to", handover_to(handover), "kernel", handover_kernel(handover),
				  "count", (json_int_t)count, "id", handover_id(handover), "time",
				  word(handover, "time")));
}

/* ---- what became of it */

static bool is_of_this_boot(const struct sysroot *root, const json_t *handover)
{
	char now[64];

	return sysroot_read(root, "/proc/sys/kernel/random/boot_id", now, sizeof(now)) > 0 &&
	       !strcmp(now, handover_boot_id(handover));
}

/*
 * x86 kernels tell who started them: 0xd is kexec, by either of its calls (Linux:
 * Documentation/arch/x86/boot.rst, type_of_loader). Without a word of it this may have been one.
 */
static bool is_no_kexec(const struct sysroot *root)
{
	static const size_t type_of_loader = 0x210;
	char parameters[0x1001];
	ssize_t length =
		sysroot_read(root, "/sys/kernel/boot_params/data", parameters, sizeof(parameters));

	return length > (ssize_t)type_of_loader &&
	       ((unsigned char)parameters[type_of_loader] >> 4) != 0xd;
}

static enum mark_end end_of(const struct sysroot *root, const json_t *handover)
{
	enum mark_end end = MARK_UNKNOWN;
	json_t *came;

	if (is_of_this_boot(root, handover))
		return MARK_WAITS;
	if (carried_read(root, CARRIED_HANDOVER, &came, NULL) == 0) {
		/* Another: it was loaded later in the same system, or ours arrived long ago unseen. */
		if (*handover_id(came) && !strcmp(handover_id(came), handover_id(handover)))
			end = MARK_ARRIVED;
		json_decref(came);
		return end;
	}
	return carried_would_show(root) || is_no_kexec(root) ? MARK_FAILED : MARK_UNKNOWN;
}

/* What the record that came has of them; a handover that did not arrive brought none. */
static void keep_stuck(const struct sysroot *root, json_t *content, const json_t *handover)
{
	json_t *stuck = json_object_get(content, "stuck"), *record;

	if (carried_read(root, CARRIED_RECORD, &record, NULL) < 0)
		return;
	if (!json_is_array(stuck)) {
		stuck = json_array();
		json_object_set_new(content, "stuck", stuck);
	}
	stuck_collect(stuck, handover, record);
	json_decref(record);
}

/* Takes what became of the handover under way into account, in memory. */
static void settle(const struct sysroot *root, json_t *content, struct mark_told *ret)
{
	json_t *pending = pending_of(content);

	*ret = (struct mark_told){ .end = MARK_NONE };
	if (!pending)
		return;
	ret->end = end_of(root, pending);
	if (ret->end == MARK_FAILED)
		count_failure(content, pending);
	if (ret->end == MARK_ARRIVED) {
		forget_pair(content, pending);
		keep_stuck(root, content, pending);
	}
	ret->failures = failures_of(content, pending);
	snprintf(ret->id, sizeof(ret->id), "%s", handover_id(pending));
	snprintf(ret->from, sizeof(ret->from), "%s", handover_from(pending));
	snprintf(ret->kernel, sizeof(ret->kernel), "%s", handover_kernel(pending));
	if (ret->end != MARK_WAITS)
		json_object_del(content, "pending");
}

int mark_settle(const struct sysroot *root, bool writes, struct mark_told *ret, struct error *e)
{
	json_t *content = content_read(root);
	int r = 0;

	*ret = (struct mark_told){ .end = MARK_NONE };
	if (!content)
		return error_set(e, -ENOMEM, "%s: no memory to read it", MARK_FILE);
	settle(root, content, ret);
	if (writes && ret->end != MARK_NONE && ret->end != MARK_WAITS)
		r = content_write(root, content, e);
	json_decref(content);
	return r;
}

int mark_check(const struct sysroot *root, const json_t *handover, unsigned int limit,
	       struct error *e)
{
	json_t *content = content_read(root);
	struct mark_told told;
	unsigned int failures;

	if (!content)
		return 0;
	settle(root, content, &told);
	failures = failures_of(content, handover);
	json_decref(content);
	if (!limit || failures < limit)
		return 0;
	return error_set(
		e, -ECANCELED,
		"jumps from %s into %s that did not arrive, in a row: %u: 'kexit reboot --forget' "
		"has them forgotten",
		handover_from(handover), handover_kernel(handover), failures);
}

json_t *mark_stuck(const struct sysroot *root)
{
	json_t *content = content_read(root), *stuck;
	struct mark_told told;
	char release[128];

	if (!content)
		return NULL;
	settle(root, content, &told);
	if (sysroot_read(root, "/proc/sys/kernel/osrelease", release, sizeof(release)) <= 0)
		release[0] = '\0';
	stuck = stuck_of(json_object_get(content, "stuck"), release);
	json_decref(content);
	return stuck;
}

json_t *mark_failed(const struct sysroot *root)
{
	json_t *content = content_read(root), *failed;
	struct mark_told told;

	if (!content)
		return NULL;
	settle(root, content, &told);
	failed = json_object_get(content, "failed");
	failed = json_is_array(failed) ? json_incref(failed) : json_array();
	json_decref(content);
	return failed;
}

int mark_begin(const struct sysroot *root, const json_t *handover, struct error *e)
{
	json_t *content = content_read(root), *copy = json_deep_copy(handover);
	struct mark_told told;
	int r;

	if (!content || !copy) {
		json_decref(content);
		json_decref(copy);
		return error_set(e, -ENOMEM, "%s: no memory for the handover's mark", MARK_FILE);
	}
	settle(root, content, &told);
	json_object_set_new(content, "pending", copy);
	r = content_write(root, content, e);
	json_decref(content);
	return r;
}

int mark_cancel(const struct sysroot *root, struct error *e)
{
	json_t *content = content_read(root);
	struct mark_told told;
	int r = 0;

	if (!content)
		return error_set(e, -ENOMEM, "%s: no memory to read it", MARK_FILE);
	if (pending_of(content)) {
		settle(root, content, &told);
		json_object_del(content, "pending");
		r = content_write(root, content, e);
	}
	json_decref(content);
	return r;
}

int mark_forget(const struct sysroot *root, struct error *e)
{
	int r = durable_remove(root, MARK_FOLDER, MARK_FILE);

	return r < 0 ? error_set(e, r, "%s: the handover's mark cannot be taken away: %s",
				 MARK_FILE, errno_text(r))
		     : 0;
}
