// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk on its way to the menu, with children that answer as the test wants it. */
#include "unit/fake/fake_ops.h"

#include "boot/reader.h"
#include "boot/stacks.h"
#include "boot/volume_work.h"
#include "boot/volumes.h"
#include "loop/loop.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 30000

/* What the children find; the test changes it while they run. */
static struct found {
	volatile int is_stuck; /* whoever reads stays there */
	volatile int misses;   /* a file system that an entry names is not there */
	char system[32];
	atomic_int readings; /* begun so far */
} * found;

static struct bench {
	struct fake *fake;
	struct loop *loop;
	struct settings settings;
	struct volumes *volumes;
	bool is_late;
} bench;

/* ---- in place of what opens disks */

int volume_probe(const struct sys *sys, const struct disk_facts *disk, FILE *answer)
{
	fprintf(answer, "{\"type\": \"ext4\", \"uuid\": \"%s\"}", disk->name);
	return 0;
}

int volume_mount(const struct sys *sys, const char *const names[], size_t count, const char *type,
		 FILE *answer)
{
	fprintf(answer, "{\"folders\": [\"" VOLUMES_DIR "/%s\"]}", names[0]);
	return 0;
}

void volume_unmount(const struct sys *sys, const char *name)
{
}

int reader_read(const struct sysroot *root, const struct reader_volume *volumes, size_t count,
		size_t own, FILE *answer)
{
	struct entry_list *list = entry_list_new();
	json_t *json;

	found->readings++;
	while (found->is_stuck)
		pause();
	json = offer_encode(list, volumes[own].disk->name, found->system, found->misses, NULL);
	json_dumpf(json, answer, JSON_COMPACT);
	return 0;
}

static struct stacks {
	int none;
} no_stacks;

int stacks_new(struct loop *loop, const struct sys *sys, void (*changed)(void *context),
	       void *context, struct stacks **ret_stacks)
{
	*ret_stacks = &no_stacks;
	return 0;
}

void stacks_free(struct stacks *stacks)
{
}

int stacks_add_md(struct stacks *stacks, const char *uuid, const char *name)
{
	return 0;
}

int stacks_add_lvm(struct stacks *stacks, const char *name)
{
	return 0;
}

size_t stacks_working(const struct stacks *stacks)
{
	return 0;
}

const char *stacks_reason(const struct stacks *stacks)
{
	return NULL;
}

void stacks_reset(struct stacks *stacks)
{
}

/* ---- the machine */

static void add_disk(const char *name)
{
	char path[128], target[128];

	snprintf(path, sizeof(path), "/sys/devices/d/block/%s/size", name);
	fake_file(bench.fake, path, "4096\n");
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	snprintf(target, sizeof(target), "../../devices/d/block/%s", name);
	fake_link(bench.fake, path, target);
}

/* The test looks again at each change. */
static void on_changed(void *context)
{
	loop_stop(bench.loop);
}

static void on_late(void *context)
{
	bench.is_late = true;
	loop_stop(bench.loop);
}

static int set_up(void **state)
{
	bench = (struct bench){ .fake = fake_new(NULL, NULL) };
	found = mmap(NULL, sizeof(*found), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	assert_true(found != MAP_FAILED);
	settings_init(&bench.settings);
	assert_int_equal(loop_new(&bench.loop), 0);
	assert_int_equal(volumes_new(bench.loop, &bench.fake->sys, &bench.settings, on_changed,
				     NULL, &bench.volumes),
			 0);
	add_disk("sda");
	strcpy(found->system, "the old system");
	return 0;
}

static int tear_down(void **state)
{
	volumes_free(bench.volumes);
	loop_free(bench.loop);
	munmap(found, sizeof(*found));
	fake_free(bench.fake);
	return 0;
}

/* "the old system", or "" where nothing is shown. */
static const char *shown(void)
{
	return volumes_count(bench.volumes) ? volumes_get(bench.volumes, 0).offer->system : "";
}

static bool is_busy(void)
{
	const char *name;
	size_t slow, busy = volumes_busy(bench.volumes, &slow, &name);

	return busy + slow > 0;
}

/* Until nothing is under way, or with @readings until so many began. */
static void go_on(int readings)
{
	int timer = loop_add_timer(bench.loop, on_late, NULL), poll;

	poll = loop_add_timer(bench.loop, on_changed, NULL);
	loop_set_timer(timer, PATIENCE_MS);
	while (!bench.is_late && (readings ? found->readings < readings : is_busy())) {
		loop_set_timer(poll, 10);
		assert_int_equal(loop_run(bench.loop), 0);
	}
	assert_false(bench.is_late);
	loop_remove(bench.loop, timer);
	loop_remove(bench.loop, poll);
	close(timer);
	close(poll);
}

static void what_was_read_is_shown(void **state)
{
	volumes_look(bench.volumes, "sda");
	go_on(0);
	assert_string_equal(shown(), "the old system");
	/* Once is enough, as long as nothing happens to it. */
	volumes_look(bench.volumes, "sda");
	assert_false(is_busy());
	assert_int_equal(found->readings, 1);
}

/* sda is read again since sdb came, and then a boot is tried. */
static void cut_a_second_reading(void)
{
	found->misses = true;
	volumes_look(bench.volumes, "sda");
	go_on(0);
	add_disk("sdb");
	found->is_stuck = true;
	volumes_look(bench.volumes, "sdb");
	go_on(3);
	volumes_stop(bench.volumes);
	found->is_stuck = false;
}

static void what_was_cut_is_shown_as_it_was(void **state)
{
	cut_a_second_reading();
	assert_false(is_busy());
	assert_string_equal(shown(), "the old system");
}

static void what_was_cut_is_read_when_the_menu_is_back(void **state)
{
	cut_a_second_reading();
	strcpy(found->system, "the new system");
	volumes_look(bench.volumes, "sda");
	go_on(0);
	assert_string_equal(shown(), "the new system");
	/* And that is that. */
	volumes_look(bench.volumes, "sda");
	assert_false(is_busy());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_read_is_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_cut_is_shown_as_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_cut_is_read_when_the_menu_is_back, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
