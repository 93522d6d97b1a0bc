// SPDX-License-Identifier: GPL-2.0-or-later
/* What is looked at on arrival, by what came over the jump, and what is said of it. */
#include "unit/graph/test_scan_tree.h"

#include "across/carried.h"
#include "across/witnessed.h"

#define CAME "/run/kexit/previous"
#define AHCI "/devices/pci0000:00/0000:00:1f.2"
#define NVME "/devices/pci0000:00/0000:00:1c.0/0000:01:00.0"

static void open_root(struct tree *t)
{
	assert_int_equal(sysroot_open(t->dir, &t->root), 0);
}

static json_t *wanted(struct tree *t)
{
	struct error e = ERROR_NONE;
	json_t *list;

	open_root(t);
	assert_int_equal(witnessed_wanted(t->root, &list, &e), 0);
	return list;
}

static const char *field(const json_t *list, size_t i, const char *name)
{
	return json_string_value(json_object_get(json_array_get(list, i), name));
}

static void put_plan(const struct tree *t)
{
	put(t, CAME "/plan.json",
	    "{\"devices\": [{\"path\": \"" NVME "\", \"driver\": \"nvme\", \"evidence\": null}, "
	    "{\"path\": \"" AHCI "\", \"driver\": \"ahci\", \"evidence\": \"doc/LAB.md\"}]}");
}

static void only_what_stayed_by_evidence_is_looked_at(void **state)
{
	struct tree *t = *state;
	json_t *list;

	put_plan(t);
	list = wanted(t);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(field(list, 0, "device"), AHCI);
	assert_string_equal(field(list, 0, "driver"), "ahci");
	assert_string_equal(field(list, 0, "evidence"), "doc/LAB.md");
	json_decref(list);
}

/* It says what became of it at the jump; the plan is of before the services stopped. */
static void the_record_outranks_the_plan(void **state)
{
	struct tree *t = *state;
	json_t *list;

	put_plan(t);
	put(t, CAME "/record.json",
	    "{\"events\": [{\"event\": \"left\", \"device\": \"" NVME
	    "\", \"reason\": \"in use\"}, "
	    "{\"event\": \"released\", \"device\": \"" AHCI "\", \"evidence\": \"no\"}]}");
	list = wanted(t);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	put(t, CAME "/record.json",
	    "{\"events\": [{\"event\": \"left\", \"device\": \"" AHCI
	    "\", \"driver\": \"ahci\", \"evidence\": \"doc/LAB.md\"}]}");
	sysroot_close(t->root);
	list = wanted(t);
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(field(list, 0, "device"), AHCI);
	json_decref(list);
}

static void a_path_that_leads_elsewhere_is_none(void **state)
{
	struct tree *t = *state;
	json_t *list;

	put(t, CAME "/plan.json",
	    "{\"devices\": [{\"path\": \"/../etc\", \"evidence\": \"x\"}, {\"path\": 3, "
	    "\"evidence\": \"x\"}, {\"path\": \"devices\", \"evidence\": \"x\"}, 7]}");
	list = wanted(t);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

static void nothing_came_is_told(void **state)
{
	struct tree *t = *state;
	struct error e = ERROR_NONE;
	json_t *list;

	open_root(t);
	assert_int_equal(witnessed_wanted(t->root, &list, &e), -ENOENT);
}

static struct differences told(struct tree *t)
{
	struct differences found = { .lost = json_array(),
				     .notes = json_array(),
				     .seen = json_array() };
	struct error e = ERROR_NONE;

	open_root(t);
	assert_int_equal(witnessed_tell(t->root, &found, &e), 0);
	return found;
}

static void assert_line(const json_t *lines, const char *words)
{
	assert_int_equal(json_array_size(lines), 1);
	if (!strstr(json_string_value(json_array_get(lines, 0)), words))
		fail_msg("\"%s\" does not say \"%s\"", json_string_value(json_array_get(lines, 0)),
			 words);
}

static void what_was_at_work_is_a_difference(void **state)
{
	struct tree *t = *state;
	struct differences found;

	put(t, CAME "/witness.json",
	    "{\"schema\": 1, \"functions\": ["
	    "{\"device\": \"" AHCI "\", \"driver\": \"ahci\", \"verdict\": \"masked\", \"text\": "
	    "\"P0CMD=0x0000c017 command list and FIS receive on\"}, "
	    "{\"device\": \"/devices/x/0000:00:02.0\", \"driver\": \"ahci\", \"verdict\": \"quiet\", "
	    "\"text\": \"quiet\"}, "
	    "{\"device\": \"/devices/x/0000:00:03.0\", \"driver\": \"ahci\", \"verdict\": \"bound\", "
	    "\"text\": \"\"}]}");
	found = told(t);
	assert_line(found.lost, "0000:00:1f.2 (ahci), left to shutdown(): masked on arrival");
	assert_line(found.lost, "P0CMD=0x0000c017");
	assert_line(found.lost, "driver=ahci action=release");
	assert_line(found.seen, "0000:00:02.0 (ahci), left to shutdown(): quiet on arrival");
	assert_line(found.notes, "0000:00:03.0 (ahci), left to shutdown(): not known");
	assert_line(found.notes, "bound");
	differences_done(&found);
}

static void without_a_look_nothing_is_said(void **state)
{
	struct tree *t = *state;
	struct differences found = told(t);

	assert_int_equal(json_array_size(found.lost) + json_array_size(found.notes) +
				 json_array_size(found.seen),
			 0);
	differences_done(&found);
}

static void what_was_seen_is_read_back(void **state)
{
	struct tree *t = *state;
	struct error e = ERROR_NONE;
	struct differences found;
	json_t *list;

	put_plan(t);
	list = wanted(t);
	json_object_set_new(json_array_get(list, 0), "verdict", json_string("quiet"));
	assert_int_equal(witnessed_keep(t->root, list, &e), 0);
	json_decref(list);
	sysroot_close(t->root);
	found = told(t);
	assert_line(found.seen, "0000:00:1f.2 (ahci)");
	differences_done(&found);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(only_what_stayed_by_evidence_is_looked_at),
		TREE_TEST(the_record_outranks_the_plan),
		TREE_TEST(a_path_that_leads_elsewhere_is_none),
		TREE_TEST(nothing_came_is_told),
		TREE_TEST(what_was_at_work_is_a_difference),
		TREE_TEST(without_a_look_nothing_is_said),
		TREE_TEST(what_was_seen_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
