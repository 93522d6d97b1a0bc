/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A fake machine and the record of what was done to it, for the tests of rollbacks. */
#pragma once

#include "unit/fake/fake_ops.h"

#include "undo/changes.h"
#include "undo/rollback.h"

#include <errno.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cmocka.h>

#define ROOT   "/devices/pci0000:00/"
#define NIC    ROOT "0000:00:03.0"
#define HBA    ROOT "0000:00:04.0"
#define VIRTIO ROOT "0000:00:05.0"

struct world {
	char dir[64]; /* the record's */
	struct fake *fake;
	struct record *record;
	struct rollback_result result;
};

static inline int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/dev/shm/kexit-rollback-XXXXXX");
	if (!mkdtemp(w->dir) || record_create(w->dir, "quiesce", &w->record, NULL) < 0)
		return -1;
	*state = w;
	return 0;
}

static inline int tear_down(void **state)
{
	static const char *const names[] = { "record", "lock" };
	struct world *w = *state;
	char path[128];

	record_close(w->record);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", w->dir, names[i]);
		unlink(path);
	}
	rmdir(w->dir);
	fake_free(w->fake);
	json_decref(w->result.names);
	free(w);
	return 0;
}

/* A NIC, a disk controller with a disk, and a virtio function with its virtio device. */
static inline void build(struct world *w, const struct fake_fault *faults)
{
	w->fake = fake_new(NULL, faults);
	fake_device(w->fake, "/sys" NIC, "pci", "e1000e");
	fake_device(w->fake, "/sys" HBA, "pci", "ahci");
	fake_device(w->fake, "/sys" HBA "/ata1/host0/target0:0:0/0:0:0:0", "scsi", "sd");
	fake_device(w->fake, "/sys" VIRTIO, "pci", "virtio-pci");
	fake_device(w->fake, "/sys" VIRTIO "/virtio0", "virtio", "virtio_net");
	fake_file(w->fake, "/sys/bus/pci/drivers_autoprobe", "1\n");
	fake_file(w->fake, "/sys" NIC "/power/control", "auto\n");
}

static inline void will_release(struct world *w, const char *path, const char *driver)
{
	record_write(w->record, "release",
		     json_pack("{s:s s:s s:s s:s}", "device", path, "bus", "pci", "driver", driver,
			       "name", strrchr(path, '/') + 1));
}

static inline void is_released(struct world *w, const char *path)
{
	record_write(w->record, "released",
		     json_pack("{s:s s:s}", "device", path, "outcome", "released"));
}

static inline void release(struct world *w, const char *path, const char *driver)
{
	will_release(w, path, driver);
	assert_int_equal(sys_unbind(&w->fake->sys, "pci", driver, strrchr(path, '/') + 1), 0);
	is_released(w, path);
}

static inline void follow(struct world *w, const char *path, const char *bus, const char *driver)
{
	record_write(w->record, "follow",
		     json_pack("{s:s s:s s:s s:s}", "device", path, "bus", bus, "driver", driver,
			       "name", strrchr(path, '/') + 1));
}

static inline int roll_back(struct world *w)
{
	json_t *events;
	int code;

	json_decref(w->result.names);
	assert_int_equal(record_load(w->dir, false, &events, NULL), 0);
	code = rollback_run(&w->fake->sys, w->record, events, NULL, &w->result);
	json_decref(events);
	return code;
}

static inline bool is_needed(struct world *w)
{
	json_t *events;
	bool needed;

	assert_int_equal(record_load(w->dir, false, &events, NULL), 0);
	needed = rollback_is_needed(events);
	json_decref(events);
	return needed;
}

static inline bool is_bound(struct world *w, const char *path)
{
	char link[256];

	snprintf(link, sizeof(link), "/sys%s/driver", path);
	return sysroot_exists(w->fake->sys.root, link);
}

static const char *failure(struct world *w, size_t at)
{
	return json_string_value(json_array_get(w->result.names, at)) ?: "";
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Runs @tests, or skips them where the record would not lie on a tmpfs, as it does on a machine. */
#define run_rollback_tests(tests)                                                                  \
	({                                                                                         \
		struct statfs fs;                                                                  \
		bool on_tmpfs = !statfs("/dev/shm", &fs) && fs.f_type == TMPFS_MAGIC;              \
                                                                                                   \
		if (!on_tmpfs)                                                                     \
			puts("skipped: /dev/shm is no tmpfs");                                     \
		on_tmpfs ? cmocka_run_group_tests(tests, NULL, NULL) : 77;                         \
	})
