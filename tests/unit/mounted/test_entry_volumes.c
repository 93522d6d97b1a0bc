// SPDX-License-Identifier: GPL-2.0-or-later
/* Which file system `kexit entries` takes for a name that a copy of the disk has, too. */
#include "mounted/entry_roots.h"
#include "mounted/entry_volumes.h"
#include "unit/entry/test_entry_bench.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

/* A link of udev's can lead to a real device only: to this one, where it leads to none of ours. */
#define ELSEWHERE "/dev/null"

struct machine {
	struct fake *fake;
	struct entry_roots roots;
	struct entry_source source;
};

static void add_partition(struct machine *m, const char *disk, unsigned int minor, const char *uuid,
			  const char *label)
{
	char name[64], path[256], target[256], text[256];
	unsigned int partition = minor % 16;

	snprintf(name, sizeof(name), "%s%u", disk, partition);
	snprintf(target, sizeof(target), "../../devices/d/block/%s/%s", disk, name);
	snprintf(path, sizeof(path), "/sys/devices/d/block/%s/%s/size", disk, name);
	fake_file(m->fake, path, "2048\n");
	snprintf(path, sizeof(path), "/sys/devices/d/block/%s/%s/partition", disk, name);
	snprintf(text, sizeof(text), "%u\n", partition);
	fake_file(m->fake, path, text);
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	fake_link(m->fake, path, target);
	snprintf(path, sizeof(path), "/sys/dev/block/8:%u", minor);
	fake_link(m->fake, path, target);
	if (uuid) {
		snprintf(path, sizeof(path), "/run/udev/data/b8:%u", minor);
		snprintf(text, sizeof(text),
			 "S:disk/by-uuid/%s\nE:ID_FS_UUID=%s\nE:ID_FS_UUID_ENC=%s\n"
			 "E:ID_FS_LABEL=x\nE:ID_FS_LABEL_ENC=%s\n",
			 uuid, uuid, uuid, label);
		fake_file(m->fake, path, text);
	}
}

static void mount_at(struct machine *m, const char *folder, unsigned int minor)
{
	struct entry_roots *roots = &m->roots;
	char path[256];

	fake_dir(m->fake, folder);
	snprintf(path, sizeof(path), "%s%s", m->fake->tree, folder);
	assert_int_equal(fsroot_open(path, &roots->roots[roots->count]), 0);
	roots->places[roots->count++] = (struct entry_place){ makedev(8, minor), true };
}

/* sda has a boot partition and a system, sdb a copy of both: /efi is the copy's by mistake. */
static int set_up(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	m->fake = fake_new(NULL, NULL);
	m->roots.machine = m->fake->sys.root;
	m->roots.list = entry_list_new();
	add_partition(m, "sda", 1, "B007-B007", "the\\x20boot");
	add_partition(m, "sda", 2, "5757-0000", "system");
	add_partition(m, "sdb", 17, "B007-B007", "the\\x20boot");
	add_partition(m, "sdb", 18, NULL, NULL);
	mount_at(m, "/roots/copy", 17);
	mount_at(m, "/roots/boot", 1);
	mount_at(m, "/roots/system", 2);
	m->source = (struct entry_source){ .context = &m->roots, .root = m->roots.roots[2] };
	fake_link(m->fake, "/dev/disk/by-uuid/B007-B007", ELSEWHERE);
	fake_link(m->fake, "/dev/disk/by-label/the\\x20boot", ELSEWHERE);
	*state = m;
	return 0;
}

static int tear_down(void **state)
{
	struct machine *m = *state;

	entry_list_free(m->roots.list);
	for (size_t i = 0; i < m->roots.count; i++)
		fsroot_close(m->roots.roots[i]);
	fake_free(m->fake);
	free(m);
	return 0;
}

/* The folder that is found from @own, or the errno's name. */
static const char *found(struct machine *m, size_t own, enum entry_volume kind, const char *name)
{
	const struct fsroot *root;
	int r;

	m->source.root = m->roots.roots[own];
	r = entry_volumes_find(&m->source, kind, name, &root);
	return r ? errno_text(r) : strrchr(fsroot_path(root), '/') + 1;
}

static void a_link_to_the_copy_greys_nothing(void **state)
{
	assert_string_equal(found(*state, 2, ENTRY_VOLUME_UUID, "b007-b007"), "boot");
	assert_string_equal(found(*state, 2, ENTRY_VOLUME_LABEL, "the boot"), "boot");
}

static void the_own_file_system_and_disk_come_first(void **state)
{
	assert_string_equal(found(*state, 0, ENTRY_VOLUME_UUID, "B007-B007"), "copy");
	assert_string_equal(found(*state, 1, ENTRY_VOLUME_UUID, "B007-B007"), "boot");
}

static void so_does_a_file(void **state)
{
	struct machine *m = *state;

	fake_file(m->fake, "/roots/copy/vmlinuz", "kernel");
	fake_file(m->fake, "/roots/boot/vmlinuz", "kernel");
	assert_string_equal(found(m, 2, ENTRY_VOLUME_FILE, "/vmlinuz"), "boot");
	assert_string_equal(found(m, 0, ENTRY_VOLUME_FILE, "/vmlinuz"), "copy");
}

static void what_is_on_no_file_system_of_ours_is_not_there(void **state)
{
	struct machine *m = *state;

	fake_link(m->fake, "/dev/disk/by-uuid/0DD0-0DD0", ELSEWHERE);
	assert_string_equal(found(m, 2, ENTRY_VOLUME_UUID, "0DD0-0DD0"),
			    "ENOENT (No such file or directory)");
	assert_string_equal(found(m, 2, ENTRY_VOLUME_UUID, "dead-dead"),
			    "ENOENT (No such file or directory)");
}

/* udev's database lacks both, as where it was never told of the devices. */
static void without_an_entry_the_link_counts(void **state)
{
	struct machine *m = *state;
	struct stat st;

	assert_int_equal(stat(ELSEWHERE, &st), 0);
	m->roots.places[0].device = makedev(8, 18);
	m->roots.places[1].device = st.st_rdev;
	assert_string_equal(found(m, 2, ENTRY_VOLUME_UUID, "B007-B007"), "boot");
}

static void a_file_system_says_its_own_uuid(void **state)
{
	struct machine *m = *state;

	assert_string_equal(entry_volumes_uuid(&m->source, m->roots.roots[1]), "B007-B007");
	m->roots.places[1].device = makedev(8, 18);
	assert_null(entry_volumes_uuid(&m->source, m->roots.roots[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_link_to_the_copy_greys_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_own_file_system_and_disk_come_first, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(so_does_a_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_on_no_file_system_of_ours_is_not_there,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_an_entry_the_link_counts, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_system_says_its_own_uuid, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
