// SPDX-License-Identifier: GPL-2.0-or-later
/* The last handover told; see handover_print.h. */
#include "print/handover_print.h"
#include "print/record_print.h"

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
	       word(handover, "id"), word(handover, "time"), word(handover, "verb"),
	       word(from, "kernel"), word(from, "boot_id"), word(to, "kernel"),
	       word(to, "identity"));
}

static size_t count(const json_t *object, const char *list)
{
	return json_array_size(json_object_get(object, list));
}

static void print_lines(const json_t *lines, const char *before)
{
	const json_t *line;
	size_t i;

	json_array_foreach (lines, i, line)
		printf("%s%s\n", before, json_string_value(line) ?: "");
}

/* What the last look found, the unit's after the start or a person's since. */
static void print_verified(const json_t *verified)
{
	const json_t *lost = json_object_get(verified, "lost");

	if (!verified)
		puts("verified 'kexit verify' did not look yet, or could not");
	else if (json_array_size(lost))
		printf("verified at %s: not back, or not as it was:\n", word(verified, "time"));
	else
		printf("verified at %s: all is back\n", word(verified, "time"));
	print_lines(lost, "         ");
	print_lines(json_object_get(verified, "notes"), "         note: ");
	print_lines(json_object_get(verified, "seen"), "         ");
}

static void print_carried(const json_t *all)
{
	const json_t *inventory = json_object_get(all, "inventory");
	const json_t *summary = json_object_get(json_object_get(all, "plan"), "summary");
	const json_t *events = json_object_get(json_object_get(all, "record"), "events");

	print_handover(json_object_get(all, "handover"));
	if (inventory)
		printf("it had   %zu PCI functions, %zu disks, %zu network links\n",
		       count(inventory, "functions"), count(inventory, "disks"),
		       count(inventory, "links"));
	if (summary)
		printf("plan     before the services stopped: %lld to be released, %lld in use\n",
		       number(summary, "release") + number(summary, "follow"),
		       number(summary, "in_use"));
	print_verified(json_object_get(all, "verified"));
	if (!events) {
		puts("record   what became of each device did not cross the jump; the kernel's log "
		     "before it had it");
		return;
	}
	putchar('\n');
	record_print(stdout, events);
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

/* What arrived is not what failed, whose traces may lie in the store for years. */
void handover_print(const json_t *arrived)
{
	print_lines(json_object_get(arrived, "unreadable"), "");
	if (json_object_get(arrived, "handover")) {
		print_carried(arrived);
		return;
	}
	print_failed(json_object_get(arrived, "failed"));
	print_kept(json_object_get(arrived, "kept"));
}
