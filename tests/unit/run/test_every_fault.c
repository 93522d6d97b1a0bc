// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every call that changes the machine fails once, with each errno that it can have, in a run that jumps
 * and in one that is taken back since the kernel refuses the jump.
 *
 * A run without a fault tells which calls there are. After each fault: the run ended as kexit(8) says,
 * what it changed is as it was or is named, its record is whole, and neither a child nor an open file is
 * left. The number of faults is printed.
 */
#include "unit/run/test_handover_bench.h"

#include "record/record.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#define CALLS	   200
#define LEAKED	   60 /* what a run ends with that left a file open */
#define CHILD_MS   20000
#define ALL_OF_ANY "*"

/* ---- the machine's state: each file and link of the tree, in the order of their paths */

struct state {
	char *lines[2000];
	size_t count;
};

static struct state *taken;
static size_t taken_root;

static uint32_t hash_of(const char *path)
{
	FILE *file = fopen(path, "r");
	uint32_t hash = 2166136261;
	int c;

	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		hash = (hash ^ (uint32_t)c) * 16777619;
	fclose(file);
	return hash;
}

/* A driver writes the command register as it likes, and again in its probe. */
static bool is_drivers_config(const char *path)
{
	char driver[512];
	const char *slash = strrchr(path, '/');

	snprintf(driver, sizeof(driver), "%.*s/driver", (int)(slash - path), path);
	return !strcmp(slash, "/config") && !access(driver, F_OK);
}

static int take(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char target[512] = "", *line;
	const char *name = path + taken_root;

	/* Where a hung worker is. */
	if (type == FTW_D || is_drivers_config(path) ||
	    (!strncmp(name, "/proc/", 6) && name[6] >= '0' && name[6] <= '9'))
		return 0;
	assert_true(taken->count < sizeof(taken->lines) / sizeof(taken->lines[0]));
	if (type == FTW_SL) {
		ssize_t n = readlink(path, target, sizeof(target) - 1);

		assert_true(n > 0);
		target[n] = '\0';
	} else {
		snprintf(target, sizeof(target), "%08x", hash_of(path));
	}
	assert_true(asprintf(&line, "%s %s", name, target) > 0);
	taken->lines[taken->count++] = line;
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct state *state_take(const struct fake *fake)
{
	taken = calloc(1, sizeof(*taken));
	taken_root = strlen(fake->tree);
	assert_int_equal(nftw(fake->tree, take, 16, FTW_PHYS), 0);
	qsort(taken->lines, taken->count, sizeof(taken->lines[0]), by_text);
	return taken;
}

static void state_free(struct state *state)
{
	for (size_t i = 0; i < state->count; i++)
		free(state->lines[i]);
	free(state);
}

/* The next line that only one of them has; NULL: there is none. */
static const char *next_difference(const struct state *a, const struct state *b, size_t *i,
				   size_t *j)
{
	while (*i < a->count || *j < b->count) {
		int order = *i == a->count   ? 1
			    : *j == b->count ? -1
					     : strcmp(a->lines[*i], b->lines[*j]);

		if (order < 0)
			return a->lines[(*i)++];
		if (order > 0)
			return b->lines[(*j)++];
		(*i)++;
		(*j)++;
	}
	return NULL;
}

/* ---- the calls of a run */

struct call {
	char operation[16], subject[256];
	unsigned int nth; /* of those with this operation and subject */
};

struct calls {
	struct call items[CALLS];
	size_t count;
};

/* As a fault's subject: the second word of a line, but for those whose text is anybody's. */
static bool read_call(const char *line, struct call *call)
{
	static const char *const without[] = { "sync", "load", "unload", "jump" };

	if (sscanf(line, "%15s %255s", call->operation, call->subject) < 1)
		return false;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (!strcmp(call->operation, without[i]))
			call->subject[0] = '\0';
	if (!strcmp(call->operation, "kmsg") || !strcmp(call->operation, "netlink"))
		strcpy(call->subject, ALL_OF_ANY);
	return true;
}

static void calls_of(const struct fake *fake, struct calls *calls)
{
	char *text = fake_log(fake), *at = text, *line;

	calls->count = 0;
	while ((line = strsep(&at, "\n")) && *line) {
		struct call *call = &calls->items[calls->count];

		*call = (struct call){ .nth = 1 };
		assert_true(calls->count < CALLS - 1);
		if (!read_call(line, call))
			continue;
		for (size_t i = 0; i < calls->count; i++)
			call->nth += !strcmp(calls->items[i].operation, call->operation) &&
				     !strcmp(calls->items[i].subject, call->subject);
		calls->count++;
	}
	free(text);
}

static const struct {
	const char *operation;
	int errnos[7];
} answers[] = {
	{ "write", { -EBUSY, -EPERM, -EIO, -ENODEV, -EINVAL, -ENOMEM } },
	{ "unbind", { -ENODEV, -EPERM, -EBUSY, -EIO, -ENOMEM } },
	{ "bind", { -ENODEV, -EBUSY, -EIO, -ENOMEM } },
	{ "config", { -EPERM, -EIO, -ENODEV } },
	{ "flush", { -EIO, -ENOSPC, -ENXIO, -EROFS, -EACCES } },
	{ "jump", { -EBUSY, -EINVAL, -ENOMEM, -EADDRNOTAVAIL, -EPERM } },
	{ "sync", { -EIO } },
	{ "kmsg", { -EPERM, -EAGAIN } },
	{ "netlink", { -EPERM, -ENODEV, -EBUSY, -ENOMEM, -EOPNOTSUPP } },
};

/* ---- one run */

struct ended {
	int status;
	struct state *state;
	char *log;
	json_t *events;
};

static size_t open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static int run_and_count(const struct run *run)
{
	size_t before = open_files();
	int status = in_child(run);
	/* The plan's and the record's are closed by then; the scan opened none that stays. */
	return open_files() > before ? LEAKED : status;
}

/* The run's own children are ours once it has ended: a subreaper. They end by themselves. */
static bool children_end(void)
{
	const struct timespec pause = { .tv_nsec = 2000000 };

	for (unsigned int ms = 0; ms < CHILD_MS; ms += 2) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static struct ended run_once(const struct fake_fault *faults, unsigned int nth)
{
	struct ended ended = { 0 };
	struct run run;
	pid_t pid;
	int status;

	run_init(&run, faults);
	run.fake->nth = nth;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(run_and_count(&run));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	ended.status = WEXITSTATUS(status);
	if (!children_end())
		fail_msg("a child is left");
	ended.state = state_take(run.fake);
	ended.log = fake_log(run.fake);
	if (record_load(run.record_dir, false, &ended.events, NULL) < 0)
		ended.events = NULL;
	run_done(&run);
	return ended;
}

static void ended_done(struct ended *ended)
{
	state_free(ended->state);
	free(ended->log);
	json_decref(ended->events);
}

/* ---- what must hold */

/* The address in it, or the last part of its path; "" for a line of no device. */
static void name_of(const char *line, char name[64])
{
	const char *colon = NULL, *slash;

	for (const char *at = strstr(line, "0000:"); at; at = strstr(at + 1, "0000:"))
		if (strlen(at) >= 12 && at[7] == ':' && at[10] == '.')
			colon = at;
	if (colon) {
		snprintf(name, 64, "%.12s", colon);
		return;
	}
	slash = strrchr(line, '/');
	snprintf(name, 64, "%.*s", (int)strcspn(slash ? slash + 1 : line, " "),
		 slash ? slash + 1 : line);
}

static bool record_names(const json_t *events, const char *kind, const char *name)
{
	const json_t *event;
	size_t i;

	json_array_foreach (events, i, event) {
		char *text = json_dumps(event, JSON_COMPACT);
		const char *is = json_string_value(json_object_get(event, "event"));
		bool found = is && (!kind || !strcmp(is, kind)) && strstr(text, name);

		free(text);
		if (found)
			return true;
	}
	return false;
}

/* Named: for a jump by the kernel's log or an event that tells; for a rollback by "not-restored". */
static void assert_named(const struct ended *ended, const char *line, const char *kind)
{
	char name[64];

	name_of(line, name);
	if (!record_names(ended->events, kind, name))
		fail_msg("%s differs, and nothing names %s", line, name);
}

static void assert_alike(const struct state *now, const struct state *expected)
{
	size_t i = 0, j = 0;
	const char *line = next_difference(now, expected, &i, &j);

	if (line)
		fail_msg("not as it was: %s", line);
}

static void assert_differences_named(const struct ended *ended, const struct state *expected,
				     const char *kind)
{
	size_t i = 0, j = 0;
	const char *line;

	while ((line = next_difference(ended->state, expected, &i, &j)))
		assert_named(ended, line, kind);
}

static void assert_last_event(const struct ended *ended, const char *const *kinds)
{
	size_t count = json_array_size(ended->events);
	const char *last;

	assert_true(count > 0);
	last = json_string_value(
		json_object_get(json_array_get(ended->events, count - 1), "event"));
	for (; *kinds; kinds++)
		if (!strcmp(last, *kinds))
			return;
	fail_msg("the record ends with \"%s\"", last);
}

static void judge(const struct ended *ended, const struct state *before, const struct state *jumped)
{
	switch (ended->status) {
	case FAKE_JUMPED:
		assert_last_event(ended, (const char *const[]){ "jump", NULL });
		assert_differences_named(ended, jumped, NULL);
		break;
	case ENDED + HANDOVER_FAILED:
		assert_alike(ended->state, before);
		assert_last_event(ended, (const char *const[]){ "failed", NULL });
		break;
	case ENDED + HANDOVER_ROLLED_BACK:
		assert_alike(ended->state, before);
		assert_last_event(ended, (const char *const[]){ "rolled-back", NULL });
		break;
	case ENDED + HANDOVER_NOT_ROLLED_BACK:
		assert_differences_named(ended, before, "not-restored");
		/* What can be restored is, after what cannot; and it is not called whole. */
		assert_true(record_names(ended->events, "not-restored", ""));
		assert_false(record_names(ended->events, "rolled-back", ""));
		break;
	default:
		fail_msg("it ended with %d", ended->status);
	}
}

static struct state *before, *jumped;

static void inject(const struct call *call, int code, const struct fake_fault *refusal)
{
	const struct fake_fault faults[] = {
		{ call->operation, call->subject, FAKE_ERRNO, code },
		refusal ? *refusal : (struct fake_fault){ 0 },
		{ 0 },
	};
	struct ended ended;

	print_message("%s %s, call %u: %s\n", call->operation, call->subject, call->nth,
		      errno_name(code));
	ended = run_once(faults, call->nth);
	judge(&ended, before, jumped);
	ended_done(&ended);
}

static unsigned int inject_each(const struct calls *calls, const struct fake_fault *refusal)
{
	unsigned int count = 0;

	for (size_t i = 0; i < calls->count; i++)
		for (size_t k = 0; k < sizeof(answers) / sizeof(answers[0]); k++)
			for (const int *code = answers[k].errnos;
			     !strcmp(calls->items[i].operation, answers[k].operation) && *code;
			     code++) {
				inject(&calls->items[i], *code, refusal);
				count++;
			}
	return count;
}

static void in_each(const struct fake_fault *refusal, int status)
{
	const struct fake_fault faults[] = { refusal ? *refusal : (struct fake_fault){ 0 }, { 0 } };
	struct calls calls;
	struct run run;

	run_init(&run, faults);
	assert_int_equal(run_wait(run_start(&run)), status);
	calls_of(run.fake, &calls);
	run_done(&run);
	assert_true(calls.count > 10);
	print_message("%u faults injected into %zu calls\n", inject_each(&calls, refusal),
		      calls.count);
}

static void a_run_that_jumps(void **state)
{
	in_each(NULL, FAKE_JUMPED);
}

static void a_run_that_is_taken_back(void **state)
{
	static const struct fake_fault refusal = { "jump", "", FAKE_ERRNO, -EBUSY };

	in_each(&refusal, ENDED + HANDOVER_ROLLED_BACK);
}

static int setup(void **state)
{
	struct ended ended;
	struct run run;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	run_init(&run, NULL);
	before = state_take(run.fake);
	run_done(&run);
	ended = run_once(NULL, 0);
	assert_int_equal(ended.status, FAKE_JUMPED);
	jumped = ended.state;
	free(ended.log);
	json_decref(ended.events);
	return 0;
}

static int teardown(void **state)
{
	state_free(before);
	state_free(jumped);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_that_jumps),
		cmocka_unit_test(a_run_that_is_taken_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
