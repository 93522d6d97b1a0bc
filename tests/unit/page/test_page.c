// SPDX-License-Identifier: GPL-2.0-or-later
/* Records as pages: what is said of how it ended, which chain is the critical one, and that text stays text. */
#include "page/facts.h"
#include "page/page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START                                                                                      \
	"{'event':'start','time_ms':0,'verb':'exec','kernel':'6.1.0-50-amd64','machine':'x86_64'," \
	"'time':'2026-11-27T22:04:05Z'}"
#define PORT "/devices/pci0000:00/0000:00:1d.0"
#define NVME PORT "/0000:03:00.0"
#define NIC  "/devices/pci0000:00/0000:00:1f.6"

/* Events, one after another with commas between, ' for ". */
static json_t *events_of(const char *text)
{
	char *json = malloc(strlen(text) + 3);
	json_t *events;

	sprintf(json, "[%s]", text);
	for (char *at = json; *at; at++)
		if (*at == '\'')
			*at = '"';
	events = json_loads(json, 0, NULL);
	assert_non_null(events);
	free(json);
	return events;
}

/* The page, which the caller frees. */
static char *page_of(const char *text)
{
	json_t *events = events_of(text);
	char *page = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&page, &size);

	assert_int_equal(page_write(out, events), 0);
	fclose(out);
	json_decref(events);
	return page;
}

static void assert_page(const char *text, const char *words, bool has)
{
	char *page = page_of(text);

	if (!strstr(page, words) == has)
		fail_msg("\"%s\" is %sin the page:\n%s", words, has ? "not " : "", page);
	free(page);
}

static const struct device_facts *find(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->count; i++)
		if (!strcmp(facts->devices[i].path, path))
			return &facts->devices[i];
	fail_msg("%s is not there", path);
	return NULL;
}

#define RELEASE(path, at)                                                                          \
	"{'event':'release','time_ms':" at ",'device':'" path                                      \
	"','driver':'x','name':'n','bus':'pci'}"
#define RELEASED(path, outcome, ms, path_ms)                                                       \
	"{'event':'released','time_ms':900,'device':'" path "','outcome':'" outcome "','ms':" ms   \
	",'path_ms':" path_ms "}"
#define QUIET "{'event':'doubts','time_ms':950,'left':0,'unverified':0,'masters':0,'functions':[]}"
#define JUMP  "{'event':'jump','time_ms':990}"

/* The port waits for the disk behind it; the card is slower than the disk, and done before the port is. */
#define CHAIN                                                                                      \
	START "," RELEASE(NVME, "10") "," RELEASE(NIC, "10") "," RELEASED(                         \
		NVME, "released", "240.25",                                                        \
		"240.25") "," RELEASED(NIC, "released", "300",                                     \
				       "300") "," RELEASE(PORT,                                    \
							  "251") "," RELEASED(PORT, "released",    \
									      "100.5", "340.75")

static void the_critical_path_is_walked_back_from_its_end(void **unused)
{
	json_t *events = events_of(CHAIN);
	struct facts facts;

	assert_int_equal(facts_read(events, &facts), 0);
	assert_true(find(&facts, PORT)->is_critical);
	assert_true(find(&facts, NVME)->is_critical);
	assert_false(find(&facts, NIC)->is_critical);
	facts_done(&facts);
	json_decref(events);
}

static void a_jump_without_doubts_is_good(void **unused)
{
	assert_page(START "," RELEASE(NIC, "10") "," RELEASED(NIC, "released", "3", "3") "," QUIET
											 "," JUMP,
		    "<h1 class=\"good\">Jumped, and every function was known to be quiet", true);
}

static void what_failed_is_never_good(void **unused)
{
	assert_page(START "," RELEASE(NIC, "10") "," RELEASED(NIC, "failed", "3", "3") "," QUIET
										       "," JUMP,
		    "class=\"good\"", false);
}

static void a_release_without_its_end_is_under_way(void **unused)
{
	json_t *events = events_of(START "," RELEASE(NIC, "10"));
	struct facts facts;

	assert_int_equal(facts_read(events, &facts), 0);
	assert_int_equal(find(&facts, NIC)->became, BECAME_UNFINISHED);
	facts_done(&facts);
	json_decref(events);
	assert_page(START "," RELEASE(NIC, "10"), "The record ends in the middle", true);
}

static void a_failure_says_why(void **unused)
{
	assert_page(START ",{'event':'failed','time_ms':5,'why':'nvme0n1: flush: EIO'}",
		    "<p class=\"why\">nvme0n1: flush: EIO</p>", true);
}

static void a_rollback_is_said_and_counted(void **unused)
{
	static const char text[] = START "," RELEASE(NIC, "10") "," RELEASED(
		NIC, "released", "3",
		"3") "," QUIET ",{'event':'restored','time_ms':999,'device':'" NIC
		     "','driver':'x','how':'bound again','ms':2},{'event':'rolled-back','time_ms':999,"
		     "'devices':1}";

	assert_page(text, "Everything was taken back", true);
	assert_page(text, "<th scope=\"row\">devices with a driver</th><td>1</td><td>1</td>", true);
}

static void what_a_device_says_stays_text(void **unused)
{
	static const char text[] =
		START ",{'event':'left','time_ms':1,'device':'/devices/pnp0/<b>&00:01','reason':"
		      "'<script>alert(1)</script> \\u202edlrow \\u0007 \\\"x','rule':'r'}";

	assert_page(text, "&lt;script&gt;alert(1)&lt;/script&gt;", true);
	assert_page(text, "&lt;b&gt;&amp;00:01", true);
	assert_page(text, "&quot;x", true);
	assert_page(text, "<script", false);
	assert_page(text, "<b>&00", false);
	assert_page(text, "\u202e", false);
	assert_page(text, "\a", false);
}

static void a_function_that_nobody_drove_is_no_left_device(void **unused)
{
	json_t *events = events_of(
		START ",{'event':'doubts','time_ms':9,'left':0,'unverified':0,'masters':1,"
		      "'functions':[{'device':'" NIC "','what':'masters the bus','bus_master':true,"
		      "'bound':false,'reason':'cannot be cleared'},{'device':'" PORT
		      "','what':'left','bus_master':false,'bound':true,'reason':'in use'}]}");
	struct facts facts;

	assert_int_equal(facts_read(events, &facts), 0);
	assert_int_equal(find(&facts, NIC)->became, BECAME_UNDRIVEN);
	assert_true(find(&facts, NIC)->masters);
	assert_int_equal(find(&facts, PORT)->became, BECAME_LEFT);
	facts_done(&facts);
	json_decref(events);
}

/* Of a record that somebody else wrote: wrong types, no device, a path that is none. */
static void a_strange_record_is_a_page_too(void **unused)
{
	assert_page(
		"{'event':'released','time_ms':'soon','device':7},{'event':'left','device':'/'},"
		"{'event':'release'},{'event':5},{'event':'doubts','functions':{'a':1}}",
		"</html>", true);
	assert_page("", "</html>", true);
}

static void nothing_is_fetched(void **unused)
{
	char *page = page_of(START "," QUIET "," JUMP);

	assert_non_null(strstr(page, "default-src 'none'"));
	assert_null(strstr(page, "http://"));
	assert_null(strstr(page, "https://"));
	assert_null(strstr(page, " src="));
	assert_null(strstr(page, "@import"));
	assert_null(strstr(page, "url("));
	free(page);
}

static void a_stream_that_is_full_is_told(void **unused)
{
	json_t *events = events_of(START "," JUMP);
	FILE *out = fopen("/dev/full", "w");

	assert_non_null(out);
	assert_int_equal(page_write(out, events), -EIO);
	fclose(out);
	json_decref(events);
}

static void what_was_halted_is_said(void **state)
{
	(void)state;
	assert_page(START ",{'event':'halted','time_ms':9,'device':'" NIC
			  "','outcome':'not-quiet','verdict':'masked'}," QUIET,
		    "halt: not-quiet", true);
	assert_page(START "," RELEASE(NIC, "1") "," RELEASED(NIC, "released", "3", "3") "," QUIET,
		    "halt: ", false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_critical_path_is_walked_back_from_its_end),
		cmocka_unit_test(what_was_halted_is_said),
		cmocka_unit_test(a_jump_without_doubts_is_good),
		cmocka_unit_test(what_failed_is_never_good),
		cmocka_unit_test(a_release_without_its_end_is_under_way),
		cmocka_unit_test(a_failure_says_why),
		cmocka_unit_test(a_rollback_is_said_and_counted),
		cmocka_unit_test(what_a_device_says_stays_text),
		cmocka_unit_test(a_function_that_nobody_drove_is_no_left_device),
		cmocka_unit_test(a_strange_record_is_a_page_too),
		cmocka_unit_test(nothing_is_fetched),
		cmocka_unit_test(a_stream_that_is_full_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
