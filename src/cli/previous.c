// SPDX-License-Identifier: GPL-2.0-or-later
/* The last handover told; see previous.h. */
#include "cli/previous.h"

#include "across/carried.h"
#include "across/handover_id.h"
#include "across/kept.h"
#include "across/mark.h"
#include "base/log.h"
#include "cli/verb.h"

#include <errno.h>
#include <stdio.h>

/* What came as @name, or NULL; a file that cannot be read is told, and is no reason to say nothing. */
static json_t *came(const struct sysroot *root, const char *name)
{
	struct error e = ERROR_NONE;
	json_t *value;
	int r = carried_read(root, name, &value, &e);

	if (r < 0 && r != -ENOENT)
		log_warning("%s", e.text);
	return r < 0 ? NULL : value;
}

bool previous_came(const struct sysroot *root)
{
	return sysroot_exists(root, CARRIED_FOLDER "/" CARRIED_HANDOVER);
}

static const char *word(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "?";
}

static long long number(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static void print_handover(const json_t *handover)
{
	const json_t *from = json_object_get(handover, "from"),
		     *to = json_object_get(handover, "to");

	printf("handover %s arrived\n"
	       "made at  %s, by kexit %s\n"
	       "from     kernel %s, boot %s\n"
	       "into     %s (%s)\n",
	       handover_id(handover), word(handover, "time"), word(handover, "verb"),
	       word(from, "kernel"), word(from, "boot_id"), word(to, "kernel"),
	       word(to, "identity"));
}

static size_t count(const json_t *object, const char *list)
{
	return json_array_size(json_object_get(object, list));
}

static void print_carried(const json_t *all, void (*print)(const json_t *events))
{
	const json_t *inventory = json_object_get(all, "inventory");
	const json_t *summary = json_object_get(json_object_get(all, "plan"), "summary");
	const json_t *events = json_object_get(json_object_get(all, "record"), "events");

	print_handover(json_object_get(all, "handover"));
	if (inventory)
		printf("it had   %zu PCI functions, %zu disks, %zu network links ('kexit verify': are "
		       "they back)\n",
		       count(inventory, "functions"), count(inventory, "disks"),
		       count(inventory, "links"));
	if (summary)
		printf("plan     before the services stopped: %lld to be released, %lld in use\n",
		       number(summary, "release") + number(summary, "follow"),
		       number(summary, "in_use"));
	if (!events) {
		puts("record   what became of each device did not cross the jump; the kernel's log "
		     "before it had it");
		return;
	}
	putchar('\n');
	print(events);
}

static void print_failed(const json_t *failed)
{
	const json_t *pair;
	size_t i;

	json_array_foreach (failed, i, pair)
		printf("handover %s, made at %s, did not arrive: from kernel %s into %s, %lld in a "
		       "row\n",
		       word(pair, "id"), word(pair, "time"), word(pair, "from"),
		       word(pair, "kernel"), number(pair, "count"));
}

static void print_kept(const json_t *kept)
{
	const json_t *file, *line;
	size_t i, j;

	if (!json_array_size(kept))
		puts("nothing of the kernel's log was kept (/sys/fs/pstore, /var/lib/systemd/pstore)");
	json_array_foreach (kept, i, file) {
		printf("\n%s\n", word(file, "file"));
		json_array_foreach (json_object_get(file, "lines"), j, line)
			printf("  %s\n", json_string_value(line) ?: "");
	}
}

static json_t *gather(const struct sysroot *root)
{
	json_t *all =
		json_pack("{s:i s:o* s:o* s:o* s:o*}", "schema", HANDOVER_SCHEMA, "handover",
			  came(root, CARRIED_HANDOVER), "inventory", came(root, CARRIED_INVENTORY),
			  "plan", came(root, CARRIED_PLAN), "record", came(root, CARRIED_RECORD));

	json_object_set_new(all, "failed", mark_failed(root));
	json_object_set_new(all, "kept", kept_read(root));
	return all;
}

/* What arrived is not what failed, whose traces may lie in the store for years. */
static void print_all(const json_t *all, void (*print)(const json_t *events))
{
	if (json_object_get(all, "handover")) {
		print_carried(all, print);
		return;
	}
	print_failed(json_object_get(all, "failed"));
	print_kept(json_object_get(all, "kept"));
}

int previous_report(const struct sysroot *root, bool json, void (*print)(const json_t *events))
{
	json_t *all = gather(root);
	int status = STATUS_DONE;

	if (!all) {
		log_error("report: no memory");
		return STATUS_FAILED;
	}
	if (json) {
		json_dumpf(all, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else if (json_object_get(all, "handover") || count(all, "failed") || count(all, "kept")) {
		print_all(all, print);
	} else {
		log_error(
			"nothing came over a jump into this kernel (" CARRIED_FOLDER
			"), no earlier "
			"run of this start left a record, no handover is known to have failed, and "
			"nothing of a kernel's log was kept (pstore)");
		status = STATUS_FAILED;
	}
	json_decref(all);
	return status;
}
