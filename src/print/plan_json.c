// SPDX-License-Identifier: GPL-2.0-or-later
/* The plan as JSON, schema 1: doc/plan-json.md says what each member means. */
#include "print/plan_print.h"

#include <stdlib.h>
#include <string.h>

#define SCHEMA 1

/* Names on a machine are bytes, JSON is UTF-8: what is not becomes "?". */
static json_t *string(const char *s)
{
	json_t *value;
	char *copy;

	if (!s)
		return json_null();
	value = json_string(s);
	if (value)
		return value;
	copy = strdup(s);
	for (char *p = copy; p && *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	value = copy ? json_string(copy) : NULL;
	free(copy);
	return value;
}

static json_t *strings(const char *const *list, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, string(list[i]));
	return array;
}

static json_t *path_of(const struct device *device)
{
	return string(device ? device->path : NULL);
}

static json_t *uses(const struct device *device)
{
	json_t *array = json_array();

	for (const struct use *use = device->uses; use; use = use->next)
		json_array_append_new(array,
				      json_pack("{s:s, s:o}", "kind", use_kind_name(use->kind),
						"words", string(use->words)));
	return array;
}

static json_t *waits_for(const struct decision *d)
{
	json_t *array = json_array();

	for (size_t i = 0; i < d->wait_count; i++)
		json_array_append_new(array, path_of(d->waits_for[i]->device));
	return array;
}

static void add_release(json_t *object, const struct decision *d)
{
	json_object_set_new(object, "phase", json_string(phase_name(d->phase)));
	json_object_set_new(object, "deadline_ms", json_integer(d->deadline_ms));
	json_object_set_new(object, "reset", json_string(reset_choice_name(d->reset)));
	json_object_set_new(object, "verify", json_string(d->waive_verify ? "waive" : "check"));
	json_object_set_new(object, "verify_rule", string(d->waive_rule));
	json_object_set_new(object, "waits_for", waits_for(d));
}

static json_t *device_json(const struct decision *d)
{
	const struct device *device = d->device;
	json_t *object = json_object();

	json_object_set_new(object, "path", string(device->path));
	json_object_set_new(object, "name", string(device->name));
	json_object_set_new(object, "bus", string(device->bus));
	json_object_set_new(object, "driver", string(device->driver));
	json_object_set_new(object, "provides", strings(device->provides, device->provide_count));
	json_object_set_new(object, "fate", json_string(fate_name(d->fate)));
	json_object_set_new(object, "reason", string(d->reason));
	json_object_set_new(object, "rule", string(d->rule));
	json_object_set_new(object, "source", string(d->source));
	json_object_set_new(object, "evidence", string(d->evidence));
	json_object_set_new(object, "because", path_of(d->because));
	json_object_set_new(object, "uses", uses(device));
	json_object_set_new(object, "warnings", strings(d->warnings, d->warning_count));
	if (d->fate == FATE_RELEASE)
		add_release(object, d);
	return object;
}

static json_t *devices(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->decision_count; i++)
		json_array_append_new(array, device_json(&plan->decisions[i]));
	return array;
}

static json_t *paths(struct decision *const *list, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, path_of(list[i]->device));
	return array;
}

static json_t *cycles(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->cycle_count; i++)
		json_array_append_new(array, string(plan->cycles[i].text));
	return array;
}

static json_t *summary(const struct plan_summary *sum)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "release", (json_int_t)sum->release,
			 "follow", (json_int_t)sum->follow, "leave", (json_int_t)sum->leave,
			 "in_use", (json_int_t)sum->in_use, "clear", (json_int_t)sum->clear, "none",
			 (json_int_t)sum->none, "warnings", (json_int_t)sum->warnings);
}

static json_t *device_paths(struct device *const *list, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, path_of(list[i]));
	return array;
}

static json_t *domain_json(const struct reset_domain *domain)
{
	json_t *object = json_object();

	json_object_set_new(object, "device", path_of(domain->device));
	json_object_set_new(object, "kind", json_string(domain->is_bus ? "bus" : "function"));
	json_object_set_new(object, "method", string(domain->method));
	json_object_set_new(object, "fate", json_string(reset_fate_name(domain->fate)));
	json_object_set_new(object, "reason", string(domain->reason));
	json_object_set_new(object, "rule", string(domain->rule));
	json_object_set_new(object, "because", path_of(domain->because));
	json_object_set_new(object, "functions",
			    device_paths(domain->functions, domain->function_count));
	json_object_set_new(object, "services",
			    device_paths(domain->services, domain->service_count));
	return object;
}

static json_t *resets(const struct reset_plan *plan)
{
	json_t *object = json_object();
	json_t *domains = json_array();
	json_t *late = json_array();

	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(domains, domain_json(&plan->domains[i]));
	for (size_t i = 0; i < plan->late_count; i++)
		json_array_append_new(late, path_of(plan->late[i]->device));
	json_object_set_new(object, "mode", json_string(reset_mode_name(plan->mode)));
	json_object_set_new(object, "domains", domains);
	json_object_set_new(object, "late", late);
	return object;
}

static json_t *halts(const struct halt_plan *plan)
{
	json_t *functions = json_array();

	for (size_t i = 0; i < plan->count; i++) {
		const struct halt *halt = &plan->list[i];

		json_array_append_new(functions,
				      json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:o}", "device",
						path_of(halt->device), "engine", halt->class->name,
						"registers", halt->class->registers, "section",
						halt->class->section, "fate",
						halt->may ? "may" : "never", "reason",
						string(halt->reason), "rule", string(halt->rule)));
	}
	return json_pack("{s:s, s:o}", "mode", halt_mode_name(plan->mode), "functions", functions);
}

json_t *plan_json(const struct plan *plan)
{
	json_t *object = json_object();

	json_object_set_new(object, "schema", json_integer(SCHEMA));
	json_object_set_new(object, "kexit", json_string(KEXIT_VERSION));
	json_object_set_new(object, "devices", devices(plan));
	json_object_set_new(object, "order", paths(plan->order, plan->order_count));
	json_object_set_new(object, "clear", paths(plan->clears, plan->clear_count));
	json_object_set_new(object, "cycles", cycles(plan));
	json_object_set_new(object, "resets", resets(&plan->resets));
	json_object_set_new(object, "halts", halts(&plan->halts));
	json_object_set_new(object, "longest_deadline_ms", json_integer(plan->longest_deadline_ms));
	/* The last to be made: when it is there, memory was not short all along. */
	if (json_object_set_new(object, "summary", summary(&plan->summary)) == 0)
		return object;
	json_decref(object);
	return NULL;
}
