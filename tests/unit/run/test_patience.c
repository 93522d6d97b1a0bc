// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs in which something takes its time: a queue for one lock, a long flush, a lock that is held for
 * ever, more devices than descriptors. What gets on is waited for; what does not is bounded, and does
 * nothing once it was given up. Each run is in a child process, on a machine in a folder.
 */
#include "unit/fake/fake_pci.h"

#include "graph/scan.h"
#include "plan/plan.h"
#include "run/handover.h"
#include "run/prepare.h"
#include "undo/rollback.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST  "/sys/devices/pci0000:00"
#define ENDED 10 /* what a child ends with that does not jump: a handover_end on top */

/* A machine whose calls take their time. */
struct slow {
	struct fake *fake;
	const struct sys_ops *fake_ops;
	struct sys_ops ops;
	struct handover_options options;
	unsigned int deadline_ms; /* of each release */
	unsigned int remove_ms;	  /* each remove() has one lock for as long */
	bool shows_stacks;
	int rtnl[2]; /* a pipe, if not 0: the first that takes a link down waits for a byte in it */
	unsigned int sync_ms;
	struct rlimit files; /* 0: as it is */
	/* Shared: remove()s under way, the most there were, calls of sync(), and of netlink. */
	int *at_once;
	char record_dir[64], lock[80];
};

/* Of the machine under test: operations have the fake as their context. */
static struct slow *slow;

static bool is_unbind(const char *path)
{
	size_t length = strlen(path);

	return length > 7 && !strcmp(path + length - 7, "/unbind");
}

static void is_at(const char *functions)
{
	if (slow->shows_stacks)
		fake_worker_is_at(slow->fake, functions);
}

/* As unregister_netdev() has RTNL: one at a time. */
static int remove_in_turn(void *context, const char *path, const char *value)
{
	int now = __atomic_add_fetch(&slow->at_once[0], 1, __ATOMIC_SEQ_CST);
	int fd = open(slow->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600), r;

	if (now > slow->at_once[1])
		slow->at_once[1] = now;
	is_at("unregister_netdev mlx5_remove unbind_store");
	flock(fd, LOCK_EX);
	is_at("synchronize_net unregister_netdev mlx5_remove unbind_store");
	usleep(slow->remove_ms * 1000);
	r = slow->fake_ops->write(context, path, value);
	flock(fd, LOCK_UN);
	close(fd);
	__atomic_sub_fetch(&slow->at_once[0], 1, __ATOMIC_SEQ_CST);
	return r;
}

static int slow_write(void *context, const char *path, const char *value)
{
	if (slow->remove_ms && is_unbind(path))
		return remove_in_turn(context, path, value);
	return slow->fake_ops->write(context, path, value);
}

static int slow_netlink(void *context, void *message, size_t length)
{
	char byte;

	if (slow->rtnl[1] && __atomic_add_fetch(&slow->at_once[3], 1, __ATOMIC_SEQ_CST) == 1) {
		is_at("rtnl_lock rtnetlink_rcv_msg netlink_sendmsg");
		if (read(slow->rtnl[0], &byte, 1) != 1)
			return -EIO;
	}
	return slow->fake_ops->netlink(context, message, length);
}

static int slow_sync(void *context)
{
	/* Only the first: the second is the one before the jump. */
	if (__atomic_add_fetch(&slow->at_once[2], 1, __ATOMIC_SEQ_CST) == 1)
		usleep(slow->sync_ms * 1000);
	return slow->fake_ops->sync(context);
}

static void slow_init(struct slow *s, const struct fake_fault *faults)
{
	*s = (struct slow){
		.fake = fake_new(NULL, faults),
		.options = { .verb = "exec", .jump = true },
	};
	s->fake_ops = s->fake->sys.ops;
	s->ops = *s->fake_ops;
	s->ops.write = slow_write;
	s->ops.netlink = slow_netlink;
	s->ops.sync = slow_sync;
	s->fake->sys.ops = &s->ops;
	s->at_once = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(s->at_once != MAP_FAILED);
	/* Records must be on tmpfs: /dev/shm is, where a test may run. */
	snprintf(s->record_dir, sizeof(s->record_dir), "/dev/shm/kexit-patience-%d", getpid());
	snprintf(s->lock, sizeof(s->lock), "%s/lock", s->fake->folder);
	s->options.record_dir = s->record_dir;
	fake_file(s->fake, "/sys/bus/pci/drivers_autoprobe", "1\n");
	fake_file(s->fake, "/proc/self/mountinfo", "");
	fake_file(s->fake, "/proc/swaps", "Filename\n");
	fake_file(s->fake, "/kexit-capture/claims", "");
	fake_file(s->fake, "/sys/kernel/kexec_loaded", "1\n");
	fake_file(s->fake, "/proc/sys/kernel/random/boot_id", "9a1c2f\n");
	slow = s;
}

static void slow_done(struct slow *s)
{
	char command[128];

	munmap(s->at_once, 4096);
	fake_free(s->fake);
	snprintf(command, sizeof(command), "rm -rf %s", s->record_dir);
	assert_int_equal(system(command), 0);
}

static void function_path(int number, char path[64])
{
	snprintf(path, 64, HOST "/0000:%02x:%02x.%d", number >> 8, (number >> 3) & 0x1f,
		 number & 7);
}

static void add_functions(struct slow *s, int count, const char *driver, uint32_t class)
{
	char path[64];

	for (int i = 0; i < count; i++) {
		function_path(i, path);
		fake_pci(s->fake, path, driver, class, 0x0002, 0);
	}
}

static bool is_bound(const struct slow *s, int number)
{
	char path[64], driver[96];

	function_path(number, path);
	snprintf(driver, sizeof(driver), "%s/driver", path);
	return sysroot_exists(s->fake->sys.root, driver);
}

static int count_bound(const struct slow *s, int count)
{
	int bound = 0;

	for (int i = 0; i < count; i++)
		bound += is_bound(s, i);
	return bound;
}

static int hand_over(const struct slow *s)
{
	struct error e = ERROR_NONE;
	struct policy *policy = policy_new();
	struct plan_options plan_options = { 0 };
	struct graph *graph;
	struct plan *plan;
	int end;

	if ((s->files.rlim_cur && setrlimit(RLIMIT_NOFILE, &s->files)) ||
	    scan(s->fake->sys.root, &graph, &e) < 0 || policy_add_builtin(policy, &e) < 0 ||
	    plan_make(graph, policy, &plan_options, &plan, &e) < 0)
		return 1;
	for (size_t i = 0; s->deadline_ms && i < plan->order_count; i++)
		plan->order[i]->deadline_ms = s->deadline_ms;
	if (s->deadline_ms)
		plan->longest_deadline_ms = s->deadline_ms;
	end = ENDED + (int)handover_run(&s->fake->sys, graph, plan, &s->options, &e);
	fake_file(s->fake, "/error", e.text);
	return end;
}

static pid_t run_start(const struct slow *s)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(hand_over(s));
	return pid;
}

static int run_wait(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static size_t count_events(const struct slow *s, const char *kind, const char *outcome)
{
	json_t *events;
	const json_t *event;
	size_t count = 0, i;

	assert_int_equal(record_load(s->record_dir, false, &events, NULL), 0);
	json_array_foreach (events, i, event) {
		const char *what = json_string_value(json_object_get(event, "event"));
		const char *of = json_string_value(json_object_get(event, "outcome"));

		count += !strcmp(what, kind) && (!outcome || (of && !strcmp(of, outcome)));
	}
	json_decref(events);
	return count;
}

static bool error_says(const struct slow *s, const char *words)
{
	char *text = fake_text(s->fake, "/error");
	bool says = text && strstr(text, words);

	if (!says)
		fprintf(stderr, "the error says: %s\n", text ?: "nothing");
	free(text);
	return says;
}

/* ---- one lock for all */

static void assert_queue_is_released(bool shows_stacks)
{
	struct slow s;

	slow_init(&s, NULL);
	add_functions(&s, 12, "mlx5_core", 0x020000);
	s.remove_ms = 300;
	s.deadline_ms = 2000;
	s.shows_stacks = shows_stacks;
	assert_int_equal(run_wait(run_start(&s)), FAKE_JUMPED);
	assert_int_equal(count_bound(&s, 12), 0);
	assert_int_equal(count_events(&s, "released", "released"), 12);
	assert_int_equal(fake_log_count(s.fake, "sysrq*"), 0);
	/* Enough that none waits for a worker, few enough that none waits for the lock for long. */
	assert_in_range(s.at_once[1], 2, 8);
	slow_done(&s);
}

static void test_network_functions_that_queue_for_a_lock_are_all_released(void **state)
{
	(void)state;
	assert_queue_is_released(true);
}

static void test_and_where_the_kernel_shows_no_stacks(void **state)
{
	(void)state;
	assert_queue_is_released(false);
}

/* ---- the run's deadline */

static void test_a_long_flush_costs_the_releases_nothing(void **state)
{
	struct slow s;

	(void)state;
	slow_init(&s, NULL);
	add_functions(&s, 3, "mlx5_core", 0x020000);
	s.sync_ms = 3300;
	s.remove_ms = 50;
	s.deadline_ms = 3000;
	s.options.run_deadline_ms = 500;
	assert_int_equal(run_wait(run_start(&s)), FAKE_JUMPED);
	assert_int_equal(count_bound(&s, 3), 0);
	assert_true(fake_log_find(s.fake, "sync*") < fake_log_find(s.fake, "unbind*"));
	slow_done(&s);
}

static void test_what_had_not_begun_by_the_runs_deadline_is_left(void **state)
{
	struct slow s;

	(void)state;
	slow_init(&s, NULL);
	add_functions(&s, 12, "mlx5_core", 0x020000);
	s.remove_ms = 400;
	s.deadline_ms = 1200;
	s.options.run_deadline_ms = 1200;
	assert_int_equal(run_wait(run_start(&s)), FAKE_JUMPED);
	/* Of twelve that take 4.8 s, some had not begun after 1.2; those that had are all released. */
	assert_in_range(count_events(&s, "released", "left"), 1, 4);
	assert_int_equal(count_events(&s, "released", "stuck"), 0);
	assert_int_equal(count_bound(&s, 12), (int)count_events(&s, "released", "left"));
	slow_done(&s);
}

/* ---- given up */

static void test_what_is_given_up_in_a_lock_does_not_unbind_afterwards(void **state)
{
	struct slow s;
	int alive[2]; /* its writing end is open in every process of the run */
	char byte;
	pid_t pid;

	(void)state;
	slow_init(&s, NULL);
	add_functions(&s, 1, "mlx5_core", 0x020000);
	fake_file(s.fake, HOST "/0000:00:00.0/net/eth0/flags", "0x1003\n");
	fake_file(s.fake, HOST "/0000:00:00.0/net/eth0/ifindex", "2\n");
	fake_link(s.fake, "/sys/class/net/eth0", "../../devices/pci0000:00/0000:00:00.0/net/eth0");
	assert_int_equal(pipe(s.rtnl), 0);
	assert_int_equal(pipe(alive), 0);
	s.shows_stacks = true;
	s.deadline_ms = 300;
	s.options.jump = false;
	pid = run_start(&s);
	close(alive[1]);
	assert_int_equal(run_wait(pid), ENDED + HANDOVER_ROLLED_BACK);
	assert_int_equal(count_events(&s, "released", "stuck"), 1);
	assert_true(error_says(&s, "it is in rtnl_lock"));
	/* The lock is let go; what waited for it, if it still lives, goes on to its end. */
	assert_int_equal(write(s.rtnl[1], "x", 1), 1);
	assert_int_equal(read(alive[0], &byte, 1), 0);
	assert_true(is_bound(&s, 0));
	assert_int_equal(fake_log_count(s.fake, "unbind*"), 0);
	for (int i = 0; i < 2; i++)
		close(s.rtnl[i]);
	close(alive[0]);
	slow_done(&s);
}

/* ---- a lock that is held for ever, in the first stage */

static const struct fake_fault lock_is_held[] = {
	{ "write", "*/power/control", FAKE_HANG, 0 },
	{ 0 },
};

static void test_a_lock_that_is_held_ends_the_run_and_is_named(void **state)
{
	struct slow s;

	(void)state;
	slow_init(&s, lock_is_held);
	add_functions(&s, 2, "mlx5_core", 0x020000);
	s.deadline_ms = 500;
	s.options.run_deadline_ms = 500;
	assert_int_equal(run_wait(run_start(&s)), ENDED + HANDOVER_ROLLED_BACK);
	assert_true(error_says(&s, "/sys/devices/pci0000:00/0000:00:00.0/power/control: writing "
				   "\"on\" did not return"));
	assert_int_equal(fake_log_count(s.fake, "unbind*"), 0);
	assert_int_equal(count_bound(&s, 2), 2);
	slow_done(&s);
}

static void test_a_signal_ends_the_wait_for_a_lock(void **state)
{
	struct slow s;
	pid_t pid;

	(void)state;
	slow_init(&s, lock_is_held);
	add_functions(&s, 2, "mlx5_core", 0x020000);
	pid = run_start(&s);
	for (int i = 0; i < 1000 && fake_log_find(s.fake, "write *power/control HANG") < 0; i++)
		usleep(10000);
	kill(pid, SIGINT);
	assert_int_equal(run_wait(pid), ENDED + HANDOVER_ROLLED_BACK);
	assert_true(error_says(&s, "interrupted by a signal"));
	assert_int_equal(fake_log_count(s.fake, "unbind*"), 0);
	slow_done(&s);
}

/* ---- limits */

static void test_more_devices_than_descriptors_are_all_released(void **state)
{
	struct slow s;

	(void)state;
	slow_init(&s, NULL);
	/* Nothing keeps these from going all at once. */
	add_functions(&s, 120, "nvme", 0x010802);
	s.remove_ms = 5;
	s.deadline_ms = 20000;
	s.files = (struct rlimit){ 100, 100 };
	assert_int_equal(run_wait(run_start(&s)), FAKE_JUMPED);
	assert_int_equal(count_bound(&s, 120), 0);
	assert_int_equal(count_events(&s, "released", "released"), 120);
	slow_done(&s);
}

static void test_no_more_workers_than_the_control_group_has_room_for(void **state)
{
	struct slow s;

	(void)state;
	slow_init(&s, NULL);
	add_functions(&s, 40, "nvme", 0x010802);
	fake_file(s.fake, "/proc/self/cgroup", "0::/box\n");
	fake_file(s.fake, "/sys/fs/cgroup/box/pids.max", "20\n");
	fake_file(s.fake, "/sys/fs/cgroup/box/pids.current", "2\n");
	s.remove_ms = 10;
	s.deadline_ms = 20000;
	assert_int_equal(run_wait(run_start(&s)), FAKE_JUMPED);
	assert_int_equal(count_bound(&s, 40), 0);
	assert_in_range(s.at_once[1], 2, 18);
	slow_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network_functions_that_queue_for_a_lock_are_all_released),
		cmocka_unit_test(test_and_where_the_kernel_shows_no_stacks),
		cmocka_unit_test(test_a_long_flush_costs_the_releases_nothing),
		cmocka_unit_test(test_what_had_not_begun_by_the_runs_deadline_is_left),
		cmocka_unit_test(test_what_is_given_up_in_a_lock_does_not_unbind_afterwards),
		cmocka_unit_test(test_a_lock_that_is_held_ends_the_run_and_is_named),
		cmocka_unit_test(test_a_signal_ends_the_wait_for_a_lock),
		cmocka_unit_test(test_more_devices_than_descriptors_are_all_released),
		cmocka_unit_test(test_no_more_workers_than_the_control_group_has_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
