// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine, the device and the cycles as JSON; see test_report.h. */
#include "cli/test_report.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define SCHEMA 1

/* ---- summary */

void cycles_summarize(const struct cycles *cycles, struct cycles_summary *ret)
{
	double *kb = calloc(cycles->count + 1, sizeof(*kb));

	*ret = (struct cycles_summary){ .has_slab = kb && cycles->count };
	for (size_t i = 0; i < cycles->count; i++) {
		const struct cycle *cycle = &cycles->list[i];
		const struct exercise *used = &cycle->used;

		ret->verdicts[cycle->verdict]++;
		ret->cleared += cycle->cleared;
		ret->not_used += used->carriers < used->links || used->reads < used->disks;
		if (cycle->release_ms > cycles->list[ret->slowest_release].release_ms)
			ret->slowest_release = i;
		if (cycle->probe_ms > cycles->list[ret->slowest_probe].probe_ms)
			ret->slowest_probe = i;
		ret->has_slab &= cycle->has_slab;
		if (kb)
			kb[i] = cycle->slab.live_kb;
	}
	if (ret->has_slab) {
		ret->first = cycles->list[0].slab;
		ret->last = cycles->list[cycles->count - 1].slab;
		slab_judge(kb, cycles->count, &ret->growth);
	}
	free(kb);
}

static bool is_clean(const struct cycle_reset *reset)
{
	return reset->happened && reset->end == RESET_END_DONE && reset->verdict != VERDICT_LIVE &&
	       reset->verdict != VERDICT_MASKED;
}

bool cycles_are_quiet(const struct cycles *cycles, size_t asked)
{
	size_t quiet = 0;

	for (size_t i = 0; i < cycles->count; i++)
		quiet += cycles->list[i].verdict == VERDICT_QUIET &&
			 (!cycles->resets || is_clean(&cycles->list[i].reset));
	return quiet == asked;
}

/* ---- the machine and the device */

static json_t *text_at(const struct sysroot *root, const char *path)
{
	char text[256];
	json_t *value = NULL;

	if (sysroot_read(root, path, text, sizeof(text)) > 0)
		value = json_string(text);
	return value ?: json_null();
}

/* DMI of a PC or a server; a machine with a device tree has its model there. */
static json_t *machine(const struct sysroot *root)
{
	static const char *const dmi[] = {
		"sys_vendor", "product_name", "product_version", "board_vendor",
		"board_name", "bios_vendor",  "bios_version",	 "bios_date",
	};
	struct utsname host = { 0 };
	json_t *object;
	char path[128];

	uname(&host);
	object = json_pack("{s:s, s:s, s:s, s:o}", "kernel", host.release, "build", host.version,
			   "arch", host.machine, "model", text_at(root, "/proc/device-tree/model"));
	for (size_t i = 0; i < sizeof(dmi) / sizeof(dmi[0]); i++) {
		snprintf(path, sizeof(path), "/sys/class/dmi/id/%s", dmi[i]);
		json_object_set_new(object, dmi[i], text_at(root, path));
	}
	return object;
}

/* The module's name from the driver's link to it: a driver may be called otherwise. */
static void add_module(const struct sysroot *root, const struct device *device, json_t *object)
{
	char path[2 * PATH_MAX], target[PATH_MAX];
	const char *name;

	snprintf(path, sizeof(path), "/sys/bus/%s/drivers/%s/module", device->bus, device->driver);
	if (sysroot_readlink(root, path, target, sizeof(target)) < 0)
		return; /* built in */
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	json_object_set_new(object, "module", json_string(name));
	snprintf(path, sizeof(path), "/sys/module/%s/version", name);
	json_object_set_new(object, "module_version", text_at(root, path));
	snprintf(path, sizeof(path), "/sys/module/%s/srcversion", name);
	json_object_set_new(object, "module_srcversion", text_at(root, path));
	snprintf(path, sizeof(path), "/sys/module/%s/taint", name);
	json_object_set_new(object, "module_taint", text_at(root, path));
}

static void add_ids(const struct sysroot *root, const struct device *device, json_t *object)
{
	static const char *const names[] = {
		"class", "vendor", "device", "subsystem_vendor", "subsystem_device", "revision"
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/sys%s/%s", device->path, names[i]);
		json_object_set_new(object, names[i], text_at(root, path));
	}
}

json_t *report_head(const struct sysroot *root, const struct device *device)
{
	json_t *object =
		json_pack("{s:s, s:s, s:s, s:n, s:n}", "name", device->name, "bus", device->bus,
			  "driver", device->driver, "module", "module_version");

	if (!object)
		return NULL;
	add_module(root, device, object);
	if (device->pci)
		add_ids(root, device, object);
	return json_pack("{s:i, s:s, s:o, s:o}", "schema", SCHEMA, "kexit", KEXIT_VERSION,
			 "machine", machine(root), "device", object);
}

/* ---- the result */

/* Whole microseconds: more digits are not known. */
static json_t *json_ms(double ms)
{
	return json_real((double)(long long)(ms * 1e3) / 1e3);
}

/* How many cycles each set of registers was seen in. */
static json_t *json_registers(const struct cycles *cycles)
{
	json_t *object = json_object();

	for (size_t i = 0; i < cycles->count; i++) {
		const char *text = cycles->list[i].text;
		json_int_t seen = json_integer_value(json_object_get(object, text));

		if (text[0])
			json_object_set_new(object, text, json_integer(seen + 1));
	}
	return object;
}

static json_t *json_verdicts(const struct cycles_summary *summary)
{
	json_t *object = json_object();

	for (int i = 0; i < VERDICT_BOUND; i++)
		json_object_set_new(object, verdict_name((enum verdict)i),
				    json_integer((json_int_t)summary->verdicts[i]));
	return object;
}

static json_t *json_slab(const struct cycles_summary *summary)
{
	const struct slab_growth *growth = &summary->growth;

	if (!summary->has_slab)
		return json_null();
	return json_pack(
		"{s:f, s:f, s:f, s:f, s:s, s:i, s:i, s:f, s:f}", "total_kb_first",
		summary->first.total_kb, "total_kb_last", summary->last.total_kb, "live_kb_first",
		summary->first.live_kb, "live_kb_last", summary->last.live_kb, "judgement",
		!growth->is_known ? "too few cycles"
		: growth->grows	  ? "grows"
				  : "no growth beyond noise",
		"judged_from_cycle", (int)growth->first + 1, "judged_cycles", (int)growth->count,
		"kb_a_cycle", (double)(long long)(growth->kb_a_cycle * 1e3) / 1e3,
		"noise_kb_a_cycle", (double)(long long)(growth->noise_kb * 1e3) / 1e3);
}

static void add_reset(json_t *object, const struct cycle_reset *reset)
{
	json_object_set_new(object, "reset",
			    json_string(reset->happened ? reset_end_name(reset->end) : "refused"));
	json_object_set_new(object, "reset_verdict", json_string(verdict_name(reset->verdict)));
	json_object_set_new(object, "reset_ms", json_ms(reset->ms));
	json_object_set_new(object, "reset_text", json_string(reset->text));
}

static json_t *json_cycles(const struct cycles *cycles)
{
	json_t *list = json_array();

	for (size_t i = 0; i < cycles->count; i++) {
		const struct cycle *cycle = &cycles->list[i];

		json_t *object =
			json_pack("{s:s, s:b, s:o, s:o, s:f, s:i, s:i, s:i, s:i, s:s}", "verdict",
				  verdict_name(cycle->verdict), "bus_master_left_on",
				  cycle->cleared, "release_ms", json_ms(cycle->release_ms),
				  "probe_ms", json_ms(cycle->probe_ms), "live_kb",
				  cycle->slab.live_kb, "links", (int)cycle->used.links, "carriers",
				  (int)cycle->used.carriers, "disks", (int)cycle->used.disks,
				  "reads", (int)cycle->used.reads, "use_failed", cycle->used.text);

		if (cycles->resets)
			add_reset(object, &cycle->reset);
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *json_resets(const struct cycles *cycles)
{
	static const enum reset_end ends[] = { RESET_END_DONE, RESET_END_CHANGED, RESET_END_DEAD,
					       RESET_END_REFUSED };
	json_t *object = cycles->resets ? json_object() : json_null();
	size_t counts[sizeof(ends) / sizeof(ends[0])] = { 0 };
	size_t quiet = 0;

	if (!cycles->resets)
		return object;
	for (size_t i = 0; i < cycles->count; i++) {
		const struct cycle_reset *reset = &cycles->list[i].reset;

		counts[reset->happened ? reset->end : RESET_END_REFUSED]++;
		quiet += reset->happened && reset->verdict == VERDICT_QUIET;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		json_object_set_new(object, reset_end_name(ends[i]),
				    json_integer((json_int_t)counts[ends[i]]));
	json_object_set_new(object, "quiet_after", json_integer((json_int_t)quiet));
	return object;
}

int report_add_result(json_t *report, const struct cycles *cycles, size_t asked, const char *why)
{
	struct cycles_summary summary;
	double slowest_release = 0, slowest_probe = 0;
	json_t *result;

	cycles_summarize(cycles, &summary);
	if (cycles->count) {
		slowest_release = cycles->list[summary.slowest_release].release_ms;
		slowest_probe = cycles->list[summary.slowest_probe].probe_ms;
	}
	result = json_pack("{s:i, s:i, s:b, s:s, s:o, s:i, s:o, s:i, s:o, s:o, s:o, s:o}",
			   "cycles_asked", (int)asked, "cycles", (int)cycles->count, "all_quiet",
			   cycles_are_quiet(cycles, asked), "ended_early", why, "verdicts",
			   json_verdicts(&summary), "bus_master_left_on", (int)summary.cleared,
			   "registers", json_registers(cycles), "use_failed", (int)summary.not_used,
			   "slowest_release_ms", json_ms(slowest_release), "slowest_probe_ms",
			   json_ms(slowest_probe), "slab", json_slab(&summary), "each",
			   json_cycles(cycles));
	json_object_set_new(result, "resets", json_resets(cycles));
	return json_object_set_new(report, "result", result) ? -ENOMEM : 0;
}
