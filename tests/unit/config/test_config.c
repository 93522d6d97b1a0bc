// SPDX-License-Identifier: GPL-2.0-or-later
/* kexit.conf and its drop-ins: what each line sets, which wins, and what is refused with its line. */
#include "unit/fake/fake_ops.h"

#include "config/config.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	*state = fake_new(NULL, NULL);
	return 0;
}

static int tear_down(void **state)
{
	fake_free(*state);
	return 0;
}

static struct config read_config(const struct fake *fake)
{
	struct error e = ERROR_NONE;
	struct config config;

	if (config_read(fake->sys.root, &config, &e) < 0)
		fail_msg("%s", e.text);
	return config;
}

static void assert_refused(const char *text, const char *words)
{
	struct error e = ERROR_NONE;
	struct config config;

	config_init(&config);
	assert_int_equal(config_parse(&config, "/etc/kexit/kexit.conf", text, strlen(text), &e),
			 -EINVAL);
	if (!strstr(e.text, words))
		fail_msg("\"%s\" does not say \"%s\"", e.text, words);
}

static void a_machine_without_settings_has_the_defaults(void **state)
{
	struct config config = read_config(*state);

	assert_false(config.aborts);
	assert_false(config.trusts_known_bad);
	assert_int_equal(config.failures, 2);
	assert_int_equal(config.watchdog_seconds, 0);
}

static void a_watchdog_s_time_is_in_whole_seconds(void **state)
{
	fake_file(*state, "/etc/kexit/kexit.conf", "watchdog = 5min\n");
	assert_int_equal(read_config(*state).watchdog_seconds, 300);
	fake_file(*state, "/etc/kexit/kexit.conf", "watchdog = 10500ms\n");
	assert_int_equal(read_config(*state).watchdog_seconds, 11);
	fake_file(*state, "/etc/kexit/kexit.conf", "watchdog = 5min\nwatchdog = off\n");
	assert_int_equal(read_config(*state).watchdog_seconds, 0);
	assert_refused("watchdog = 300\n", "must be 'off' or a time");
	assert_refused("watchdog = 9s\n", "must be 'off' or a time from 10s");
	assert_refused("watchdog = no\n", "must be 'off' or a time");
}

static void each_setting_is_read(void **state)
{
	struct config config;

	fake_file(
		*state, "/etc/kexit/kexit.conf",
		"# of this machine\n\n  when-failed=abort\nfailures =  5  \n\tknown-bad = kexec\n");
	config = read_config(*state);
	assert_true(config.aborts);
	assert_true(config.trusts_known_bad);
	assert_int_equal(config.failures, 5);
}

static void the_last_line_wins(void **state)
{
	fake_file(*state, "/etc/kexit/kexit.conf", "failures = 5\nfailures = 7");
	assert_int_equal(read_config(*state).failures, 7);
}

static void drop_ins_win_over_the_file_and_the_administrator_s_over_the_vendor_s(void **state)
{
	fake_file(*state, "/etc/kexit/kexit.conf", "failures = 5\nknown-bad = kexec\n");
	fake_file(*state, "/usr/lib/kexit/kexit.conf.d/50-vendor.conf", "failures = 6\n");
	assert_int_equal(read_config(*state).failures, 6);
	fake_file(*state, "/etc/kexit/kexit.conf.d/10-site.conf", "failures = 7\n");
	assert_int_equal(read_config(*state).failures, 7);
	fake_file(*state, "/etc/kexit/kexit.conf.d/20-rack.conf", "failures = 8\n");
	assert_int_equal(read_config(*state).failures, 8);
	assert_true(read_config(*state).trusts_known_bad);
}

static void a_vendor_s_file_can_be_masked(void **state)
{
	fake_file(*state, "/usr/lib/kexit/kexit.conf.d/50-vendor.conf", "failures = 6\n");
	fake_dir(*state, "/etc/kexit/kexit.conf.d");
	fake_link(*state, "/etc/kexit/kexit.conf.d/50-vendor.conf", "/dev/null");
	assert_int_equal(read_config(*state).failures, 2);
}

static void an_editor_s_leftover_is_not_read(void **state)
{
	fake_file(*state, "/etc/kexit/kexit.conf.d/10-site.conf~", "failures = 7\n");
	fake_file(*state, "/etc/kexit/kexit.conf.d/.10-site.conf", "failures = 7\n");
	assert_int_equal(read_config(*state).failures, 2);
}

static void what_is_not_understood_is_named_with_its_line(void **unused)
{
	assert_refused("\n# comment\nwhen-fails = abort\n",
		       "/etc/kexit/kexit.conf:3: there is no setting 'when-fails'");
	assert_refused("when-failed = panic\n",
		       "kexit.conf:1: when-failed = panic: must be 'firmware' or 'abort'");
	assert_refused("known-bad = yes\n", "must be 'firmware' or 'kexec'");
	assert_refused("failures = two\n", "failures = two: must be a number");
	assert_refused("failures = -1\n", "must be a number");
	assert_refused("failures = 2x\n", "must be a number");
	assert_refused("failures = 4294967297\n", "must be a number");
	assert_refused("failures =\n", "must be a number");
	assert_refused("failures\n", "'failures': must be NAME = VALUE");
	assert_refused("failures = 1\x01\n", "control character 0x01");
}

static void a_nul_byte_is_no_end(void **unused)
{
	static const char text[] = "failures = 1\0 or 2\n";
	struct error e = ERROR_NONE;
	struct config config;

	config_init(&config);
	assert_int_equal(config_parse(&config, "x.conf", text, sizeof(text) - 1, &e), -EINVAL);
	assert_string_equal(e.text, "x.conf:1: control character 0x00");
}

static void a_line_without_end_is_refused(void **unused)
{
	char text[2000];

	memset(text, '#', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_refused(text, "kexit.conf:1: line is longer than");
}

static void an_error_leaves_what_the_caller_had(void **state)
{
	const struct fake *fake = *state;
	struct error e = ERROR_NONE;
	struct config config;

	config_init(&config);
	fake_file(*state, "/etc/kexit/kexit.conf", "failures = 9\n");
	fake_file(*state, "/etc/kexit/kexit.conf.d/10-site.conf", "failures = 7\nwhat\n");
	assert_int_equal(config_read(fake->sys.root, &config, &e), -EINVAL);
	assert_non_null(strstr(e.text, "/etc/kexit/kexit.conf.d/10-site.conf:2:"));
	assert_int_equal(config.failures, 2);
}

/* Who counts failures goes on counting. */
static void a_slip_does_not_take_the_count_away(void **state)
{
	const struct fake *fake = *state;

	fake_file(*state, "/etc/kexit/kexit.conf", "failures = 4\n");
	assert_int_equal(config_failures(fake->sys.root), 4);
	fake_file(*state, "/etc/kexit/kexit.conf", "failures = 0\nfailurs = 4\n");
	assert_int_equal(config_failures(fake->sys.root), 2);
}

/* The file that is installed, every line of it; @text has to be freed. */
static char *read_shipped(void)
{
	char path[PATH_MAX];
	char *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/../data/kexit.conf", getenv("KEXIT_TESTS"));
	file = fopen(path, "re");
	assert_non_null(file);
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

/* The line "#NAME = value" of @text without its '#', up to its end; NULL where there is none. */
static const char *find_commented(const char *text, const char *name)
{
	char start[100];
	const char *at;

	snprintf(start, sizeof(start), "\n#%s = ", name);
	at = strstr(text, start);
	return at ? at + 2 : NULL;
}

static void the_installed_file_sets_nothing(void **state)
{
	char *text = read_shipped();

	for (const char *line = text; line;
	     line = strchr(line, '\n'), line = line ? line + 1 : NULL)
		assert_true(*line == '#' || *line == '\n' || !*line);
	free(text);
}

static void the_installed_file_names_every_setting_with_its_default(void **state)
{
	char *text = read_shipped();

	for (size_t i = 0; config_name(i); i++) {
		const char *line = find_commented(text, config_name(i));
		struct config config, with_it;
		struct error e = ERROR_NONE;

		if (!line)
			fail_msg("data/kexit.conf has no line '#%s = ...'", config_name(i));
		memset(&config, 0, sizeof(config));
		config_init(&config);
		memcpy(&with_it, &config, sizeof(config));
		if (config_parse(&with_it, "kexit.conf", line, strcspn(line, "\n"), &e))
			fail_msg("%s", e.text);
		if (memcmp(&with_it, &config, sizeof(config)) != 0)
			fail_msg("data/kexit.conf: the default of %s is another one",
				 config_name(i));
	}
	free(text);
}

/* "#word = " in the file looks like a setting, so it is one. */
static void the_installed_file_names_no_setting_that_there_is_not(void **state)
{
	char *text = read_shipped(), *rest = text;
	const char *line;
	size_t found = 0, count = 0;

	while (config_name(count))
		count++;
	while ((line = strsep(&rest, "\n")))
		found += *line == '#' && line[1] != ' ' && strstr(line, " = ");
	assert_int_equal(found, count);
	free(text);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(a_machine_without_settings_has_the_defaults),
		T(a_watchdog_s_time_is_in_whole_seconds),
		T(each_setting_is_read),
		T(the_last_line_wins),
		T(drop_ins_win_over_the_file_and_the_administrator_s_over_the_vendor_s),
		T(a_vendor_s_file_can_be_masked),
		T(an_editor_s_leftover_is_not_read),
		cmocka_unit_test(what_is_not_understood_is_named_with_its_line),
		cmocka_unit_test(a_nul_byte_is_no_end),
		cmocka_unit_test(a_line_without_end_is_refused),
		T(an_error_leaves_what_the_caller_had),
		T(a_slip_does_not_take_the_count_away),
		cmocka_unit_test(the_installed_file_sets_nothing),
		cmocka_unit_test(the_installed_file_names_every_setting_with_its_default),
		cmocka_unit_test(the_installed_file_names_no_setting_that_there_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
