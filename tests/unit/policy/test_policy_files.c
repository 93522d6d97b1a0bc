// SPDX-License-Identifier: GPL-2.0-or-later
/* Which rule files count, in which order, and what masks what. */
#include "policy/files.h"

#include "unit/plan/test_plan_bench.h"

#include <sys/stat.h>
#include <unistd.h>

struct machine {
	char dir[64];
	struct sysroot *root;
	struct bench *bench;
};

static void make_dirs(const struct machine *m, const char *path)
{
	char text[256];

	snprintf(text, sizeof(text), "mkdir -p '%s%s'", m->dir, path);
	assert_int_equal(system(text), 0);
}

static int setup(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	strcpy(m->dir, "/tmp/kexit-test-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	make_dirs(m, "/usr/lib/kexit/policy.d");
	make_dirs(m, "/etc/kexit/policy.d");
	assert_int_equal(sysroot_open(m->dir, &m->root), 0);
	bench_setup((void **)&m->bench);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;
	char text[128];

	sysroot_close(m->root);
	bench_teardown((void **)&m->bench);
	snprintf(text, sizeof(text), "rm -rf '%s'", m->dir);
	assert_int_equal(system(text), 0);
	free(m);
	return 0;
}

static void put_bytes(const struct machine *m, const char *path, const char *text, size_t length)
{
	char name[256];
	FILE *file;

	snprintf(name, sizeof(name), "%s%s", m->dir, path);
	file = fopen(name, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	fclose(file);
}

static void put(const struct machine *m, const char *path, const char *text)
{
	put_bytes(m, path, text, strlen(text));
}

#define RULE(reason) "driver=drv action=leave reason=" reason "\n"

/* The reason that the rule files give for leaving a device. */
static const char *reason(struct machine *m)
{
	struct device *device = add(m->bench, "/devices/a", "x", "drv");
	struct ruling ruling;

	assert_int_equal(policy_files_add(m->root, m->bench->policy, &m->bench->e), 0);
	assert_int_equal(policy_judge(m->bench->policy, m->bench->graph, device,
				      m->bench->graph->arena, &ruling),
			 0);
	return ruling.reason ?: "none";
}

static void no_folder_is_no_rule(void **state)
{
	struct machine *m = *state;
	char text[256];

	snprintf(text, sizeof(text), "rm -rf '%s/usr' '%s/etc'", m->dir, m->dir);
	assert_int_equal(system(text), 0);
	assert_string_equal(reason(m), "none");
}

static void a_shipped_file_counts(void **state)
{
	put(*state, "/usr/lib/kexit/policy.d/50-quirks.conf", RULE("shipped"));
	assert_string_equal(reason(*state), "shipped");
}

static void etc_comes_after_usr_whatever_the_names(void **state)
{
	put(*state, "/usr/lib/kexit/policy.d/90-z.conf", RULE("shipped"));
	put(*state, "/etc/kexit/policy.d/10-a.conf", RULE("ours"));
	assert_string_equal(reason(*state), "ours");
}

static void files_of_a_folder_come_by_name(void **state)
{
	put(*state, "/etc/kexit/policy.d/20-b.conf", RULE("second"));
	put(*state, "/etc/kexit/policy.d/10-a.conf", RULE("first"));
	assert_string_equal(reason(*state), "second");
}

static void a_file_masks_the_shipped_one_of_its_name(void **state)
{
	put(*state, "/usr/lib/kexit/policy.d/50-quirks.conf", "this is no rule\n");
	put(*state, "/etc/kexit/policy.d/50-quirks.conf", RULE("ours"));
	assert_string_equal(reason(*state), "ours");
}

static void an_empty_file_masks(void **state)
{
	put(*state, "/usr/lib/kexit/policy.d/50-quirks.conf", RULE("shipped"));
	put(*state, "/etc/kexit/policy.d/50-quirks.conf", "");
	assert_string_equal(reason(*state), "none");
}

static void a_link_to_dev_null_masks(void **state)
{
	struct machine *m = *state;
	char name[256];

	put(m, "/usr/lib/kexit/policy.d/50-quirks.conf", RULE("shipped"));
	snprintf(name, sizeof(name), "%s/etc/kexit/policy.d/50-quirks.conf", m->dir);
	assert_int_equal(symlink("/dev/null", name), 0);
	assert_string_equal(reason(m), "none");
}

static void other_names_are_passed_over(void **state)
{
	put(*state, "/etc/kexit/policy.d/README", "no rule\n");
	put(*state, "/etc/kexit/policy.d/50-a.conf~", "no rule\n");
	put(*state, "/etc/kexit/policy.d/.50-a.conf", "no rule\n");
	put(*state, "/etc/kexit/policy.d/50-a.conf.dpkg-old", "no rule\n");
	assert_string_equal(reason(*state), "none");
}

static void a_bad_line_is_named_with_its_file(void **state)
{
	struct machine *m = *state;

	put(m, "/etc/kexit/policy.d/50-a.conf", "# fine\ndriver=drv action=go reason=x\n");
	assert_int_equal(policy_files_add(m->root, m->bench->policy, &m->bench->e), -EINVAL);
	assert_string_equal(m->bench->e.text,
			    "/etc/kexit/policy.d/50-a.conf:2: action=go is unknown; there are "
			    "release, leave, shutdown, follow");
}

static void a_nul_byte_hides_nothing(void **state)
{
	struct machine *m = *state;

	put_bytes(m, "/etc/kexit/policy.d/50-a.conf", "# a\n\0 rubbish\n", 14);
	assert_int_equal(policy_files_add(m->root, m->bench->policy, &m->bench->e), -EINVAL);
	assert_string_equal(m->bench->e.text,
			    "/etc/kexit/policy.d/50-a.conf:2: control character 0x00");
}

static void a_folder_by_that_name_is_refused(void **state)
{
	struct machine *m = *state;

	make_dirs(m, "/etc/kexit/policy.d/50-a.conf");
	assert_int_equal(policy_files_add(m->root, m->bench->policy, &m->bench->e), -EINVAL);
	assert_string_equal(m->bench->e.text, "/etc/kexit/policy.d/50-a.conf: is no file");
}

static void a_fifo_by_that_name_does_not_hang(void **state)
{
	struct machine *m = *state;
	char name[256];

	snprintf(name, sizeof(name), "%s/etc/kexit/policy.d/50-a.conf", m->dir);
	assert_int_equal(mkfifo(name, 0600), 0);
	assert_int_equal(policy_files_add(m->root, m->bench->policy, &m->bench->e), -EINVAL);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
	struct machine *m = *state;
	char name[256];

	snprintf(name, sizeof(name), "%s/etc/kexit/policy.d/50-a.conf", m->dir);
	assert_int_equal(symlink("nowhere", name), 0);
	assert_int_equal(policy_files_add(m->root, m->bench->policy, &m->bench->e), -ENOENT);
	assert_string_equal(m->bench->e.text,
			    "/etc/kexit/policy.d/50-a.conf: cannot be read: ENOENT (No such file "
			    "or directory)");
}

static void the_shipped_files_are_good(void **state)
{
	struct machine *m = *state;
	const char *tests = getenv("KEXIT_TESTS");
	char name[512];

	if (!tests)
		skip();
	snprintf(name, sizeof(name), "cp '%s/../data/policy.d/'*.conf '%s/usr/lib/kexit/policy.d/'",
		 tests, m->dir);
	assert_int_equal(system(name), 0);
	assert_int_equal(policy_files_add(m->root, m->bench->policy, &m->bench->e), 0);
}

/* hpsa's list of boards that it does not reset: by their subsystem ids, the vendor in the low half. */
static void a_controller_that_must_not_be_reset_is_not(void **state)
{
	struct machine *m = *state;
	struct device *raid =
		graph_add_device(m->bench->graph, "/devices/pci0000:00/0000:00:06.0", "pci");
	struct ruling ruling = { 0 };

	the_shipped_files_are_good(state);
	raid->driver = "hpsa";
	raid->modalias = "pci:v0000103Cd00003230sv0000103Csd00003234bc01sc04i00";
	assert_int_equal(policy_judge(m->bench->policy, m->bench->graph, raid,
				      m->bench->graph->arena, &ruling),
			 0);
	assert_int_equal(ruling.reset, RESET_NONE);
	assert_non_null(strstr(ruling.reset_reason, "P400"));
	/* A Smart Array P410, which hpsa does reset. */
	raid->modalias = "pci:v0000103Cd0000323Asv0000103Csd00003243bc01sc04i00";
	ruling = (struct ruling){ 0 };
	assert_int_equal(policy_judge(m->bench->policy, m->bench->graph, raid,
				      m->bench->graph->arena, &ruling),
			 0);
	assert_int_equal(ruling.reset, RESET_UNSET);
}

/* A driver whose shutdown() does as much: the shipped rules ask the running kernel for it. */
static enum action ahci_action(struct machine *m)
{
	struct device *ahci = add(m->bench, "/devices/pci0000:00/0000:00:1f.2", "pci", "ahci");
	struct ruling ruling;

	assert_int_equal(policy_add_builtin(m->bench->policy, &m->bench->e), 0);
	assert_int_equal(policy_files_add(m->root, m->bench->policy, &m->bench->e), 0);
	assert_int_equal(policy_judge(m->bench->policy, m->bench->graph, ahci,
				      m->bench->graph->arena, &ruling),
			 0);
	return ruling.action;
}

static void put_symbols(const struct machine *m, const char *text)
{
	make_dirs(m, "/proc");
	put(m, "/proc/kallsyms", text);
}

static void a_driver_with_that_shutdown_is_left_to_it(void **state)
{
	put_symbols(*state, "0 t ahci_shutdown_one\t[ahci]\n");
	assert_int_equal(ahci_action(*state), ACTION_SHUTDOWN);
}

static void an_older_driver_without_it_is_released(void **state)
{
	put_symbols(*state, "0 t ahci_remove_one\t[ahci]\n");
	assert_int_equal(ahci_action(*state), ACTION_RELEASE);
}

static void where_nobody_can_be_asked_it_is_released(void **state)
{
	assert_int_equal(ahci_action(*state), ACTION_RELEASE);
}

static void who_prefers_remove_gets_it(void **state)
{
	struct machine *m = *state;

	put_symbols(m, "0 t ahci_shutdown_one\t[ahci]\n");
	policy_prefer_remove(m->bench->policy);
	assert_int_equal(ahci_action(m), ACTION_RELEASE);
}

#undef T
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_folder_is_no_rule),
		T(a_shipped_file_counts),
		T(etc_comes_after_usr_whatever_the_names),
		T(files_of_a_folder_come_by_name),
		T(a_file_masks_the_shipped_one_of_its_name),
		T(an_empty_file_masks),
		T(a_link_to_dev_null_masks),
		T(other_names_are_passed_over),
		T(a_bad_line_is_named_with_its_file),
		T(a_nul_byte_hides_nothing),
		T(a_folder_by_that_name_is_refused),
		T(a_fifo_by_that_name_does_not_hang),
		T(a_file_that_cannot_be_read_is_named),
		T(the_shipped_files_are_good),
		T(a_controller_that_must_not_be_reset_is_not),
		T(a_driver_with_that_shutdown_is_left_to_it),
		T(an_older_driver_without_it_is_released),
		T(where_nobody_can_be_asked_it_is_released),
		T(who_prefers_remove_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
