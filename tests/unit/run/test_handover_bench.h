/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine in a folder and a whole run on it, from its scan to the jump. Each run is in a child
 * process, since a jump does not return.
 */
#pragma once

#include "unit/fake/fake_pci.h"

#include "graph/scan.h"
#include "host/late.h"
#include "plan/plan.h"
#include "run/handover.h"
#include "sys/pci.h"
#include "undo/rollback.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST  "/sys/devices/pci0000:00"
#define PORT  HOST "/0000:00:01.0"
#define NVME  PORT "/0000:01:00.0"
#define NIC   HOST "/0000:00:02.0"
#define BARE  HOST "/0000:00:03.0"

/* What the child ends with when nothing jumped: a handover_end on top of this. */
#define ENDED 10

/* A port with an NVMe disk below, a NIC, and a function nobody drives that masters the bus. */
static inline struct fake *machine(const struct fake_fault *faults)
{
	struct fake *fake = fake_new(NULL, faults);

	fake_pci(fake, PORT, "pcieport", 0x060400, 0x0007, 1);
	fake_pci(fake, NVME, "nvme", 0x010802, 0x0006, 0);
	fake_pci(fake, NIC, "e1000e", 0x020000, 0x0006, 0);
	fake_pci(fake, BARE, NULL, 0x040100, 0x0006, 0);
	fake_file(fake, "/sys/bus/pci/drivers_autoprobe", "1\n");
	fake_file(fake, NVME "/nvme/nvme0/uevent", "");
	fake_link(fake, "/sys/class/nvme/nvme0",
		  "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/dev", "259:0\n");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/size", "2048\n");
	fake_file(fake, NVME "/nvme/nvme0/nvme0n1/ro", "0\n");
	fake_link(fake, "/sys/class/block/nvme0n1",
		  "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0/nvme0n1");
	fake_file(fake, "/proc/self/mountinfo", "");
	fake_file(fake, "/proc/swaps", "Filename\n");
	fake_file(fake, "/kexit-capture/claims", "nvme0n1 free\n");
	fake_file(fake, "/sys/kernel/kexec_loaded", "1\n");
	fake_file(fake, "/proc/sys/kernel/random/boot_id", "9a1c2f\n");
	return fake;
}

struct run {
	struct fake *fake;
	struct handover_options options;
	char record_dir[96];
	unsigned int deadline_ms; /* of each release, instead of what the rules say; 0: theirs */
};

static inline void run_init(struct run *run, const struct fake_fault *faults)
{
	*run = (struct run){
		.fake = machine(faults),
		.options = { .verb = "exec", .jump = true, .on_stuck = ON_STUCK_FIRMWARE },
	};
	/* Records must be on tmpfs: /dev/shm is, where a test may run. */
	snprintf(run->record_dir, sizeof(run->record_dir), "/dev/shm/kexit-test-%d", getpid());
	run->options.record_dir = run->record_dir;
}

static inline void run_done(struct run *run)
{
	char command[160];

	fake_free(run->fake);
	snprintf(command, sizeof(command), "rm -rf %s", run->record_dir);
	assert_int_equal(system(command), 0);
}

static inline int in_child(const struct run *run)
{
	struct error e = ERROR_NONE;
	struct policy *policy = policy_new();
	struct plan_options plan_options = { 0 };
	struct graph *graph;
	struct plan *plan;

	if (scan(run->fake->sys.root, &graph, &e) < 0 || policy_add_builtin(policy, &e) < 0 ||
	    plan_make(graph, policy, &plan_options, &plan, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	for (size_t i = 0; run->deadline_ms && i < plan->order_count; i++)
		plan->order[i]->deadline_ms = run->deadline_ms;
	return ENDED + (int)handover_run(&run->fake->sys, graph, plan, &run->options, &e);
}

static inline pid_t run_start(const struct run *run)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(in_child(run));
	return pid;
}

/* What the run ended with: FAKE_JUMPED, FAKE_REBOOTED, or ENDED + a handover_end. */
static inline int run_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static inline bool is_bound(const struct run *run, const char *path)
{
	char driver[256];

	snprintf(driver, sizeof(driver), "%s/driver", path);
	return sysroot_exists(run->fake->sys.root, driver);
}

static inline void assert_text(const struct run *run, const char *path, const char *expected)
{
	char *text = fake_text(run->fake, path);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static inline unsigned int command_of(const struct run *run, const char *path)
{
	struct pci_config config;

	assert_int_equal(pci_config_read(run->fake->sys.root, path, &config), 0);
	return pci_config_u16(&config, PCI_REG_COMMAND);
}

static inline void assert_all_back(const struct run *run)
{
	assert_true(is_bound(run, NVME));
	assert_true(is_bound(run, NIC));
	assert_text(run, "/sys/bus/pci/drivers_autoprobe", "1");
	assert_text(run, NVME "/power/control", "auto");
	assert_text(run, PORT "/power/control", "auto");
}

/* Where the last event of that kind is in the record. */
static inline size_t last_event(const json_t *events, const char *kind)
{
	size_t last = 0, i;
	const json_t *event;

	json_array_foreach (events, i, event)
		if (!strcmp(json_string_value(json_object_get(event, "event")), kind))
			last = i;
	assert_true(last > 0);
	return last;
}

static inline void assert_record_order(const struct run *run, const char *first, const char *second,
				       const char *third)
{
	json_t *events;

	assert_int_equal(record_load(run->record_dir, false, &events, NULL), 0);
	assert_true(last_event(events, first) < last_event(events, second));
	assert_true(last_event(events, second) < last_event(events, third));
	json_decref(events);
}
