// SPDX-License-Identifier: GPL-2.0-or-later
/* What is not known to be quiet, from all that was done and one more look; see doubts.h. */
#include "run/doubts.h"

#include "run/pci_master.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define CLASS_BRIDGE 0x06
#define MASTERS	     "masters the bus"

/* A console line, its end included; the kernel cuts one near 1000 bytes. */
#define LINE_SIZE    320

struct finding {
	const struct sys *sys;
	const struct quiesce_result *result;
	const struct release_result **released; /* by device->id; NULL: not to be released */
	bool late_armed;
	struct doubts *doubts;
};

/* ---- one device */

static bool is_there(const struct finding *finding, const struct device *device)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s", device->path);
	return sysroot_exists(finding->sys->root, path);
}

static bool is_bound(const struct finding *finding, const struct device *device)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/driver", device->path);
	return sysroot_exists(finding->sys->root, path);
}

static bool has_engine(const struct device *device)
{
	return device->pci && device->pci->header_type == 0 &&
	       device->pci->class_code >> 16 != CLASS_BRIDGE;
}

static void doubt(struct doubt *item, const char *what, const char *reason)
{
	item->what = what;
	item->reason = reason;
}

/* What the plan let stay. Of other buses only what somebody uses: the rest is no business of a DMA. */
static void doubt_left(const struct decision *decision, struct doubt *item)
{
	const struct device *device = decision->device;

	if (device->uses)
		doubt(item, "in use and left", device->uses->words);
	else if (has_engine(device))
		doubt(item, "left", decision->reason);
}

/* An unbind that did not happen, or was taken back. */
static bool doubt_outcome(const struct release_result *r, struct doubt *item)
{
	switch (r->outcome) {
	case OUTCOME_LEFT:
		doubt(item, strncmp(r->text, "in use", 6) ? "left" : "in use and left", r->text);
		return true;
	case OUTCOME_FAILED:
	case OUTCOME_STUCK:
		doubt(item, outcome_name(r->outcome), r->text);
		return true;
	case OUTCOME_PENDING:
		doubt(item, "left", "its release was not begun");
		return true;
	default:
		return false;
	}
}

static bool is_running(enum verdict verdict)
{
	return verdict == VERDICT_LIVE || verdict == VERDICT_MASKED;
}

static void doubt_verdict(enum verdict verdict, const char *why, struct doubt *item)
{
	if (is_running(verdict))
		doubt(item, verdict_name(verdict), why);
	else if (verdict != VERDICT_QUIET)
		doubt(item, "not verified", why && why[0] ? why : verdict_name(verdict));
}

/* The last word on its registers: a reset's look came after the release's. */
static void doubt_registers(const struct finding *finding, const struct decision *decision,
			    struct doubt *item)
{
	const struct device *device = decision->device;
	const struct release_result *released = finding->released[device->id];
	const struct look *look =
		finding->result->resets.looks ? &finding->result->resets.looks[device->id] : NULL;
	const struct halt_result *halt = halts_find(&finding->result->halts, device);
	bool is_idle = decision->fate == FATE_NONE;

	if (look && look->is_known) {
		if (!is_idle || is_running(look->verdict))
			doubt_verdict(look->verdict, look->doubt, item);
	} else if (released && released->inspected) {
		doubt_verdict(released->verdict, released->why[0] ? released->why : released->text,
			      item);
	} else if (halt && halt->is_known) {
		if (!is_idle || is_running(halt->report.after))
			doubt_verdict(halt->report.after, halt->report.text, item);
	} else if (!is_idle) {
		doubt(item, "not verified", "nothing looked at it");
	}
}

/* A reset that was worse than none. */
static void doubt_reset(const struct finding *finding, const struct device *device,
			struct doubt *item)
{
	const struct reset_after *after = resets_find(&finding->result->resets, device);

	if (!after || !after->was_there)
		return;
	if (!after->is_back)
		doubt(item, "dead", "it does not answer since its reset");
	else if (after->differences && !item->what)
		doubt(item, "changed by its reset", after->text);
}

static const char *who_clears(const struct finding *finding, const struct device *device)
{
	if (finding->late_armed && pci_may_clear_master(device->pci))
		return "kexit_late clears it";
	if (pci_kernel_clears_master(finding->sys, device))
		return "the kernel's shutdown clears it";
	return "the next kernel finds it so";
}

static void doubt_master(const struct finding *finding, const struct device *device,
			 struct doubt *item)
{
	const char *text;

	item->is_master = pci_is_master(finding->sys, device);
	if (!item->is_master || (item->what && item->is_bound))
		return;
	if (!item->what) {
		doubt(item, MASTERS, who_clears(finding, device));
		return;
	}
	text = arena_printf(finding->result->plan->arena, "%s; Bus Master: %s", item->reason,
			    who_clears(finding, device));
	item->reason = text ?: item->reason;
}

static void judge(const struct finding *finding, const struct decision *decision,
		  struct doubt *item)
{
	const struct device *device = decision->device;
	const struct release_result *released = finding->released[device->id];
	bool decided = released && doubt_outcome(released, item);

	if (!decided && decision->fate == FATE_LEAVE)
		doubt_left(decision, item);
	else if (!decided && has_engine(device))
		doubt_registers(finding, decision, item);
	if (has_engine(device)) {
		doubt_reset(finding, device, item);
		doubt_master(finding, device, item);
	}
}

/* ---- all of them */

static void add(struct doubts *doubts, const struct doubt *item)
{
	doubts->items[doubts->count++] = *item;
	doubts->masters += item->is_master;
	doubts->left += item->is_bound;
	doubts->unverified += !item->is_bound && strcmp(item->what, MASTERS) != 0;
}

static void add_earlier(const struct finding *finding)
{
	const struct earlier *earlier = &finding->result->earlier;

	for (size_t i = 0; i < earlier->count; i++)
		add(finding->doubts, &(struct doubt){ .device = earlier->stuck[i].path,
						      .name = earlier->stuck[i].name,
						      .is_bound = true,
						      .what = "stuck in an earlier run",
						      .reason = earlier->stuck[i].text });
}

/* What a function's own entry does not say: that a reset never came back, or hit a bridge. */
static void add_resets(const struct finding *finding)
{
	const struct resets *resets = &finding->result->resets;

	for (size_t i = 0; i < resets->count; i++) {
		const struct reset_result *r = &resets->results[i];
		const struct device *device = r->domain->device;
		bool went_wrong = r->ended && (r->report.end == RESET_END_CHANGED ||
					       r->report.end == RESET_END_DEAD);

		if (!r->stuck && !(went_wrong && r->domain->is_bus))
			continue;
		add(finding->doubts,
		    &(struct doubt){ .device = device->path,
				     .name = device->name,
				     .driver = device->driver,
				     .what = r->stuck ? "its reset is stuck" : "the reset below it",
				     .reason = r->report.text });
	}
}

int doubts_find(const struct sys *sys, const struct quiesce_result *result, bool late_armed,
		struct doubts *ret_doubts)
{
	const struct plan *plan = result->plan;
	struct doubts doubts = { 0 };
	struct finding finding = {
		.sys = sys,
		.result = result,
		.late_armed = late_armed,
		.doubts = &doubts,
	};

	finding.released =
		arena_alloc(plan->arena, (plan->decision_count + 1) * sizeof(*finding.released));
	doubts.items = arena_alloc(plan->arena, (plan->decision_count + result->resets.count +
						 result->earlier.count + 1) *
							sizeof(*doubts.items));
	if (!finding.released || !doubts.items)
		return -ENOMEM;
	for (size_t i = 0; result->results && i < plan->order_count; i++)
		finding.released[result->results[i].decision->device->id] = &result->results[i];
	for (size_t i = 0; i < plan->decision_count; i++) {
		const struct decision *decision = &plan->decisions[i];
		struct doubt item = {
			.device = decision->device->path,
			.name = decision->device->name,
			.driver = decision->device->driver,
		};

		if (!is_there(&finding, decision->device))
			continue;
		item.is_bound = is_bound(&finding, decision->device);
		judge(&finding, decision, &item);
		if (item.what)
			add(&doubts, &item);
	}
	add_resets(&finding);
	add_earlier(&finding);
	*ret_doubts = doubts;
	return 0;
}

/* ---- telling */

void doubts_record(struct record *record, const struct doubts *doubts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < doubts->count; i++) {
		const struct doubt *item = &doubts->items[i];

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:b, s:b, s:s}", "device", item->device,
						"what", item->what, "bus_master", item->is_master,
						"bound", item->is_bound, "reason", item->reason));
	}
	record_write(record, "doubts",
		     json_pack("{s:i, s:i, s:i, s:o}", "masters", (int)doubts->masters,
			       "unverified", (int)doubts->unverified, "left", (int)doubts->left,
			       "functions", list));
}

void doubts_describe(const struct doubts *doubts, char *text, size_t size)
{
	if (!doubts->count)
		snprintf(text, size,
			 "fine: all is released and quiet, and nothing masters the bus");
	else
		snprintf(text, size, "%zu left, %zu not verified or not quiet, %zu %s the bus",
			 doubts->left, doubts->unverified, doubts->masters,
			 doubts->masters == 1 ? "masters" : "master");
}

void doubts_say(const struct sys *sys, const struct doubts *doubts)
{
	char line[LINE_SIZE], text[120];

	if (!doubts->items) {
		sys_kmsg(sys, "kexit: what is not quiet is not known: no memory for the list");
		return;
	}
	doubts_describe(doubts, text, sizeof(text));
	snprintf(line, sizeof(line), "kexit: %s", text);
	sys_kmsg(sys, line);
	for (size_t i = 0; i < doubts->count; i++) {
		const struct doubt *item = &doubts->items[i];
		bool is_said = !strcmp(item->what, MASTERS);

		snprintf(line, sizeof(line), "kexit: %s%s%s: %s%s: %s", item->name,
			 item->driver ? " " : "", item->driver ?: "", item->what,
			 item->is_master && !is_said ? ", masters the bus" : "", item->reason);
		sys_kmsg(sys, line);
	}
}
