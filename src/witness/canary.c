// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kexit-canary: does a device write into memory that is ours?
 *
 * Run in a fresh kernel before any driver loads: fills most of free memory with a pattern, turns
 * Bus Master on as the next driver's pci_set_master() would, waits, and compares. What changed is
 * printed with its physical page and bytes, which often tell whose they are: a frame carries a MAC
 * address, a completion its queue's ids. On QEMU and on machines without an IOMMU a device left
 * running by the last kernel shows here; with an IOMMU it may show as a fault in the kernel log.
 */
#include "base/error.h"
#include "base/log.h"
#include "sys/ops.h"
#include "witness/masters.h"
#include "witness/pattern.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* How many changed runs are printed; all are counted. */
#define RUNS_SHOWN  64
#define BYTES_SHOWN 64

struct arguments {
	unsigned int seconds;
	unsigned int percent;
	bool leave_masters;
};

struct canary {
	uint64_t *words;
	size_t length;
	size_t page_size;
	int pagemap;
};

/* MemAvailable of /proc/meminfo, in bytes; 0 when it cannot be read. */
static unsigned long long memory_available(void)
{
	unsigned long long kib = 0;
	char line[128];
	FILE *file = fopen("/proc/meminfo", "re");

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			break;
	fclose(file);
	return kib * 1024;
}

static int canary_fill(struct canary *canary, unsigned int percent, struct error *e)
{
	unsigned long long wanted = memory_available() / 100 * percent;

	canary->page_size = (size_t)sysconf(_SC_PAGESIZE);
	canary->length = (size_t)(wanted / canary->page_size * canary->page_size);
	if (!canary->length)
		return error_set(e, -ENOMEM, "/proc/meminfo says that no memory is free");
	canary->words = mmap(NULL, canary->length, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (canary->words == MAP_FAILED)
		return error_set(e, -errno, "%zu bytes of memory: %s", canary->length,
				 errno_text(errno));
	pattern_fill(canary->words, canary->length);
	/* Afterwards only a device changes it: no swap, no merging. */
	mlock(canary->words, canary->length);
	canary->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	return 0;
}

/* Physical address of the page at @offset, or 0 when the kernel does not tell
 * (Documentation/admin-guide/mm/pagemap.rst: bits 0-54 are the frame, bit 63 present). */
static uint64_t physical(const struct canary *canary, size_t offset)
{
	uintptr_t address = (uintptr_t)canary->words + offset;
	uint64_t entry;

	if (canary->pagemap < 0 ||
	    pread(canary->pagemap, &entry, sizeof(entry),
		  (off_t)(address / canary->page_size * sizeof(entry))) != sizeof(entry))
		return 0;
	if (!(entry >> 63))
		return 0;
	return (entry & ((1ULL << 55) - 1)) * canary->page_size;
}

static json_t *describe(const struct canary *canary, const struct changed_run *run)
{
	const unsigned char *bytes = (const unsigned char *)canary->words + run->offset;
	char hex[2 * BYTES_SHOWN + 1] = "";
	char page[32], offset[32];

	for (size_t i = 0; i < run->length && i < BYTES_SHOWN; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	snprintf(page, sizeof(page), "0x%llx", (unsigned long long)physical(canary, run->offset));
	snprintf(offset, sizeof(offset), "0x%zx", run->offset % canary->page_size);
	return json_pack("{s:s, s:s, s:I, s:s}", "page", page, "offset", offset, "words",
			 (json_int_t)(run->length / sizeof(uint64_t)), "bytes", hex);
}

/* Counts every changed word; the first RUNS_SHOWN runs are described. */
static json_t *compare(const struct canary *canary)
{
	json_t *runs = json_array();
	struct changed_run run;
	size_t from = 0, words = 0;

	while (pattern_next_change(canary->words, canary->length, from, canary->page_size, &run)) {
		words += run.length / sizeof(uint64_t);
		if (json_array_size(runs) < RUNS_SHOWN)
			json_array_append_new(runs, describe(canary, &run));
		from = run.offset + run.length;
	}
	return json_pack("{s:i, s:I, s:I, s:o}", "schema", 1, "bytes_watched",
			 (json_int_t)canary->length, "words_changed", (json_int_t)words, "runs",
			 runs);
}

static int watch(const struct sys *sys, const struct arguments *arguments, struct error *e)
{
	struct canary canary = { .pagemap = -1 };
	struct masters *masters;
	size_t mastering;
	json_t *result;
	int r = canary_fill(&canary, arguments->percent, e);

	if (r < 0)
		return r;
	r = masters_on(sys, &masters, &mastering, e);
	if (r < 0)
		return r;
	sleep(arguments->seconds);
	if (!arguments->leave_masters)
		masters_off(sys, masters);
	result = compare(&canary);
	json_object_set_new(result, "masters", json_integer((json_int_t)mastering));
	json_object_set_new(result, "seconds", json_integer(arguments->seconds));
	json_dumpf(result, stdout, JSON_PRESERVE_ORDER);
	putchar('\n');
	r = json_integer_value(json_object_get(result, "words_changed")) ? 1 : 0;
	json_decref(result);
	return r;
}

static int usage(FILE *out)
{
	fputs("usage: kexit-canary [--seconds N] [--percent N] [--leave-masters]\n\n"
	      "Fills free memory with a pattern, lets every function without a driver master the\n"
	      "bus for N seconds (3), and prints as JSON what was overwritten. For a kernel that\n"
	      "has just come up, before its drivers load: what writes then was left running.\n\n"
	      "  --seconds N      how long to wait\n"
	      "  --percent N      of the memory that is free (80)\n"
	      "  --leave-masters  leave Bus Master on afterwards\n\n"
	      "Exit status: 0 nothing changed, 1 something did, 2 usage, 3 it could not be done.\n",
	      out);
	return out == stdout ? 0 : 2;
}

static bool number(const char *text, unsigned int most, unsigned int *ret_value)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || value > most)
		return false;
	*ret_value = (unsigned int)value;
	return true;
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "percent", required_argument, NULL, 'p' },
		{ "leave-masters", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct arguments arguments = { .seconds = 3, .percent = 80 };
	struct sys sys = { .ops = &sys_ops_live };
	struct error e = ERROR_NONE;
	int option, r;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h')
			return usage(stdout);
		if (option == 'l')
			arguments.leave_masters = true;
		else if (option == 's' && number(optarg, 3600, &arguments.seconds))
			continue;
		else if (option == 'p' && number(optarg, 95, &arguments.percent))
			continue;
		else
			return usage(stderr);
	}
	/* See src/cli/main.c: no wait for entropy. */
	json_object_seed(1);
	r = sysroot_open(NULL, &sys.root);
	if (r == 0)
		r = watch(&sys, &arguments, &e);
	sysroot_close(sys.root);
	if (r < 0)
		log_error("canary: %s", e.text[0] ? e.text : errno_text(r));
	return r < 0 ? 3 : r;
}
