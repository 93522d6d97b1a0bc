// SPDX-License-Identifier: GPL-2.0-or-later
/* What a person and a program see of a plan. */
#include "print/plan_print.h"

#include "unit/plan/test_plan_bench.h"

#define PCI "/devices/pci0000:00/"

/* A small machine: a port with NVMe in use, AHCI with a disk, xHCI with a keyboard, platform. */
static void fill(struct bench *b)
{
	struct device *nvme, *ahci, *disk, *key;

	add(b, "/devices/platform/coretemp.0", "platform", "coretemp");
	add_pci(b, "0000:00:1c.0", "pcieport", 0x060400);
	nvme = add_pci(b, "0000:00:1c.0/0000:01:00.0", "nvme", 0x010802);
	add_name(b, nvme, "nvme0n1");
	graph_add_use(b->graph, nvme, USE_MOUNT,
		      "ext4 on /srv/a/rather/long/mount/point/that/fills/the/line through "
		      "nvme0n1p2 and then some more words");
	ahci = add_pci(b, "0000:00:1f.2", "ahci", 0x010601);
	disk = add(b, PCI "0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0", "scsi", "sd");
	add_name(b, disk, "sda");
	add_pci(b, "0000:00:14.0", "xhci_hcd", 0x0c0330);
	add(b, PCI "0000:00:14.0/usb1", "usb", "usb");
	key = add(b, PCI "0000:00:14.0/usb1/1-1/1-1:1.0", "usb", "usbhid");
	key->modalias = "usb:v046Dp0000d0000dc00dsc00dp00ic03isc01ip01in00";
	graph_add_edge(b->graph, ahci, nvme, EDGE_LINK_SOFT);
	builtin(b);
}

/* The text that a renderer prints; the caller frees it. */
/* noinline: inlined, the stream keeps &text where gcc 12's -Wdangling-pointer sees it outlive us. */
static __attribute__((noinline)) char *text_of(const struct bench *b, bool verbose)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	plan_print_text(out, b->plan, verbose);
	fclose(out);
	return text;
}

static void the_last_line_sums_up(void **state)
{
	struct bench *b = *state;
	char *text;

	fill(b);
	make_plan(b);
	text = text_of(b, false);
	assert_non_null(strstr(text, "\n2 to release, 3 go along, 3 left (1 in use); 1 warning\n"));
	assert_string_equal(strrchr(text, '2'),
			    "2 to release, 3 go along, 3 left (1 in use); 1 warning\n");
	free(text);
}

static void no_line_is_wider_than_80_columns(void **state)
{
	struct bench *b = *state;

	fill(b);
	make_plan(b);
	for (int verbose = 0; verbose <= 1; verbose++) {
		char *text = text_of(b, verbose);

		for (char *save, *line = strtok_r(text, "\n", &save); line;
		     line = strtok_r(NULL, "\n", &save))
			assert_true(strlen(line) <= 80);
		free(text);
	}
}

static void a_device_is_one_line_with_its_reason_below(void **state)
{
	struct bench *b = *state;
	char *text;

	fill(b);
	make_plan(b);
	text = text_of(b, false);
	assert_non_null(strstr(text, "release 0000:00:1f.2   ahci\n"
				     "            remove() flushes and shuts the controller down\n"
				     "  goes    0:0:0:0      sd               sda\n"));
	free(text);
}

static void what_stays_as_ever_is_only_counted(void **state)
{
	struct bench *b = *state;
	char *text;

	fill(b);
	make_plan(b);
	text = text_of(b, false);
	assert_null(strstr(text, "coretemp"));
	assert_non_null(strstr(text, "1 more stay as ever"));
	free(text);
	text = text_of(b, true);
	assert_non_null(strstr(text, "coretemp"));
	free(text);
}

static void verbose_names_the_rule(void **state)
{
	struct bench *b = *state;
	char *text;

	fill(b);
	make_plan(b);
	text = text_of(b, true);
	assert_non_null(strstr(text, "[built-in:"));
	assert_non_null(strstr(text, "[in use]"));
	free(text);
}

static void a_warning_names_its_device(void **state)
{
	struct bench *b = *state;
	char *text;

	fill(b);
	make_plan(b);
	text = text_of(b, false);
	assert_non_null(strstr(text, "\nwarning: 1-1:1.0: a USB keyboard goes"));
	free(text);
}

static void the_same_warning_is_printed_once(void **state)
{
	struct bench *b = *state;
	char *text;

	for (int i = 0; i < 9; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/devices/d%d", i);
		add(b, path, "x", "drv");
	}
	rules(b, "bus=x action=release reason=x warn=careful");
	make_plan(b);
	text = text_of(b, false);
	assert_non_null(strstr(text, "warning: d0, d1, d2, d3, d4, d5 and 3 more: careful\n"));
	free(text);
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
	struct bench *b = *state;
	char *text;

	graph_add_use(b->graph, add_pci(b, "0000:00:04.0", "nvme", 0x010802), USE_MOUNT,
		      "ext4 on /\033]0;x\007");
	builtin(b);
	make_plan(b);
	text = text_of(b, true);
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\007'));
	free(text);
}

static void many_names_are_cut_and_counted(void **state)
{
	struct bench *b = *state;
	struct device *d = add_pci(b, "0000:00:04.0", "mpt3sas", 0x010700);
	char *text;

	for (int i = 0; i < 30; i++) {
		char name[16];

		snprintf(name, sizeof(name), "sg%d", i);
		add_name(b, d, name);
	}
	builtin(b);
	make_plan(b);
	text = text_of(b, false);
	assert_non_null(strstr(text, " +"));
	for (char *save, *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		assert_true(strlen(line) <= 80);
	free(text);
}

/* ---- JSON */

static void json_has_its_schema_and_every_device(void **state)
{
	struct bench *b = *state;
	json_t *object;

	fill(b);
	make_plan(b);
	object = plan_json(b->plan);
	assert_int_equal(json_integer_value(json_object_get(object, "schema")), 1);
	assert_int_equal(json_array_size(json_object_get(object, "devices")),
			 b->graph->device_count);
	assert_int_equal(json_array_size(json_object_get(object, "order")), b->plan->order_count);
	json_decref(object);
}

static json_t *json_device(json_t *object, const char *name)
{
	json_t *device;
	size_t i;

	json_array_foreach (json_object_get(object, "devices"), i, device) {
		if (!strcmp(json_string_value(json_object_get(device, "name")), name))
			return device;
	}
	fail_msg("no %s", name);
	return NULL;
}

static const char *member(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void json_says_what_becomes_of_a_device(void **state)
{
	struct bench *b = *state;
	json_t *object, *device;

	fill(b);
	make_plan(b);
	object = plan_json(b->plan);
	device = json_device(object, "0000:00:1f.2");
	assert_string_equal(member(device, "fate"), "release");
	assert_string_equal(member(device, "phase"), "storage");
	assert_string_equal(member(device, "verify"), "check");
	assert_int_equal(json_integer_value(json_object_get(device, "deadline_ms")), 180000);
	device = json_device(object, "0:0:0:0");
	assert_string_equal(member(device, "fate"), "follow");
	assert_string_equal(member(device, "because"), PCI "0000:00:1f.2");
	json_decref(object);
}

static void json_is_utf8_whatever_the_machine_says(void **state)
{
	struct bench *b = *state;
	json_t *object;

	graph_add_use(b->graph, add_pci(b, "0000:00:04.0", "nvme", 0x010802), USE_MOUNT,
		      "ext4 on /\xff");
	builtin(b);
	make_plan(b);
	object = plan_json(b->plan);
	assert_string_equal(member(json_device(object, "0000:00:04.0"), "reason"), "ext4 on /?");
	json_decref(object);
}

/* ---- the drawing */

static void the_drawing_quotes_names(void **state)
{
	struct bench *b = *state;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	add(b, "/devices/a\"b\\c", "x", "drv");
	rules(b, "bus=x action=release reason=x");
	make_plan(b);
	plan_print_dot(out, b->plan, false);
	fclose(out);
	assert_non_null(strstr(text, "label=\"a\\\"b\\\\c\\ndrv\""));
	free(text);
}

/* What may be reset, what waits for shutdown(), and a bus that says no more than its function. */
static void fill_resets(struct bench *b)
{
	struct device *port, *nic, *gpu;

	fill(b);
	port = graph_find(b->graph, PCI "0000:00:1c.0");
	port->pci->resets = PCI_RESET_SUBORDINATE;
	graph_find(b->graph, PCI "0000:00:1c.0/0000:01:00.0")->pci->command = 0x0006;
	port = add_pci(b, "0000:00:1d.0", "pcieport", 0x060400);
	port->pci->resets = PCI_RESET_SUBORDINATE;
	nic = add_pci(b, "0000:00:1d.0/0000:02:00.0", "e1000e", 0x020000);
	nic->pci->resets = PCI_RESET_FUNCTION;
	nic->pci->reset_methods = "flr bus";
	gpu = add_pci(b, "0000:00:02.0", "i915", 0x030000);
	gpu->pci->resets = PCI_RESET_FUNCTION;
	gpu->pci->is_boot_display = true;
	graph_link_parents(b->graph);
}

static void resets_are_a_table_of_their_own(void **state)
{
	struct bench *b = *state;
	char *text;

	fill_resets(b);
	make_plan(b);
	text = text_of(b, false);
	assert_non_null(strstr(text, "\nmay    0000:02:00.0   flr          no driver holds it"));
	assert_null(strstr(text, "may    0000:00:1d.0"));
	assert_null(strstr(text, "never"));
	free(text);
	text = text_of(b, true);
	assert_non_null(strstr(text, "\nmay    0000:00:1d.0   subordinate  no driver holds"));
	assert_non_null(strstr(text, "\nnever  0000:00:02.0   unnamed      the console is on it"));
	free(text);
}

static void a_program_reads_every_domain_and_what_waits(void **state)
{
	struct bench *b = *state;
	const json_t *resets, *domain;
	json_t *json;
	size_t i, functions = 0;

	fill_resets(b);
	make_plan(b);
	json = plan_json(b->plan);
	resets = json_object_get(json, "resets");
	assert_string_equal(json_string_value(json_object_get(resets, "mode")), "auto");
	json_array_foreach (json_object_get(resets, "domains"), i, domain)
		functions +=
			!strcmp(json_string_value(json_object_get(domain, "kind")), "function");
	assert_int_equal(functions, 5);
	assert_int_equal(json_array_size(json_object_get(resets, "domains")), 7);
	assert_int_equal(json_array_size(json_object_get(resets, "late")), 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(resets, "late"), 0)),
			    PCI "0000:00:1c.0");
	json_decref(json);
}

/* A USB controller that nobody holds, and a sound card that somebody wants left. */
static void what_may_be_halted_is_a_table_of_its_own(void **state)
{
	struct bench *b = *state;
	const json_t *functions;
	char *text;
	json_t *json;

	add_pci(b, "0000:00:14.0", NULL, 0x0c0330);
	add_pci(b, "0000:00:1b.0", NULL, 0x040300);
	builtin(b);
	assert_int_equal(
		policy_add_choice(b->policy, ACTION_LEAVE, "0000:00:1b.0", "--leave", &b->e), 0);
	make_plan(b);
	text = text_of(b, false);
	assert_non_null(strstr(text, "\nmay    0000:00:14.0   USBCMD.R/S"));
	assert_null(strstr(text, "SDnCTL"));
	free(text);
	text = text_of(b, true);
	assert_non_null(strstr(text, "\nnever  0000:00:1b.0   SDnCTL, CORBCTL, RIRBCTL"));
	free(text);
	json = plan_json(b->plan);
	functions = json_object_get(json_object_get(json, "halts"), "functions");
	assert_int_equal(json_array_size(functions), 2);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(functions, 0), "section")),
		"xHCI 1.2 5.4.1.1");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(functions, 1), "fate")), "never");
	json_decref(json);
	b->options.halt = HALT_MODE_NONE;
	make_plan(b);
	text = text_of(b, false);
	assert_non_null(strstr(text, "Nothing is halted (--halt=none)."));
	assert_null(strstr(text, "USBCMD"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_last_line_sums_up),
		T(no_line_is_wider_than_80_columns),
		T(a_device_is_one_line_with_its_reason_below),
		T(what_stays_as_ever_is_only_counted),
		T(verbose_names_the_rule),
		T(a_warning_names_its_device),
		T(the_same_warning_is_printed_once),
		T(control_characters_do_not_reach_the_terminal),
		T(many_names_are_cut_and_counted),
		T(json_has_its_schema_and_every_device),
		T(json_says_what_becomes_of_a_device),
		T(json_is_utf8_whatever_the_machine_says),
		T(the_drawing_quotes_names),
		T(resets_are_a_table_of_their_own),
		T(what_may_be_halted_is_a_table_of_its_own),
		T(a_program_reads_every_domain_and_what_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
