/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links of a real kernel, in a network namespace of the test's own: made, saved, restored and compared. */
#pragma once

#include "links/hex.h"
#include "links/kinds.h"
#include "links/links.h"
#include "links/message.h"
#include "plan/plan.h"
#include "record/record.h"

#include <dirent.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sys/netlink.h"

#define DIR_RECORD	    "/dev/shm/kexit-links"

/* A scope in /proc/net/if_inet6, as the kernel has it in net/ipv6.h. */
#define IPV6_ADDR_LINKLOCAL 0x20

static struct sys machine;

static inline int live_netlink(void *context, void *message, size_t length)
{
	return netlink_request(message, length);
}

static const struct sys_ops ops = { .netlink = live_netlink };

/* Runs `ip ...`; 0 when it succeeded. */
static inline int __attribute__((format(printf, 1, 2))) ip(const char *format, ...)
{
	char command[512] = "ip ";
	va_list args;

	va_start(args, format);
	vsnprintf(command + 3, sizeof(command) - 32, format, args);
	va_end(args);
	strcat(command, " 2>/dev/null");
	return system(command);
}

/* A veth pair: @name stands for a card, and its peer gives it a carrier. */
static inline void add_card(const char *name, const char *address)
{
	assert_int_equal(ip("link add %s address %s type veth peer name p%s", name, address, name),
			 0);
	assert_int_equal(ip("link set p%s up", name), 0);
}

static inline unsigned int index_of(const char *name)
{
	unsigned long long index;
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", name);
	return sysroot_read_u64(machine.root, path, &index) ? 0 : (unsigned int)index;
}

/* True when the kernel has given the link @name its link-local address, and nobody else has it. */
static inline bool has_link_local(const char *name)
{
	FILE *file = fopen("/proc/net/if_inet6", "re");
	char line[160], whose[32];
	unsigned int scope, flags;
	bool found = !file; /* no IPv6: there is nothing to come */

	while (file && fgets(line, sizeof(line), file))
		found |= sscanf(line, "%*s %*x %*x %x %x %31s", &scope, &flags, whose) == 3 &&
			 scope == IPV6_ADDR_LINKLOCAL && !(flags & IFA_F_TENTATIVE) &&
			 !strcmp(whose, name);
	if (file)
		fclose(file);
	return found;
}

/* A link with a carrier gets one from a work queue of the kernel's; a port of a bond never does. */
static inline bool is_settled(const char *name)
{
	unsigned long long flags = 0, carrier = 0;
	char path[320];

	snprintf(path, sizeof(path), "/sys/class/net/%s/flags", name);
	sysroot_read_u64(machine.root, path, &flags);
	snprintf(path, sizeof(path), "/sys/class/net/%s/carrier", name);
	sysroot_read_u64(machine.root, path, &carrier);
	return !(flags & IFF_UP) || !carrier || flags & (IFF_SLAVE | IFF_LOOPBACK) ||
	       has_link_local(name);
}

/*
 * Waits until the kernel has done by itself what it does for each link that is up: a picture taken
 * before that shows a machine that is about to change, and which of two pictures has the address is
 * chance on a busy machine.
 */
static inline void wait_for_the_kernel(void)
{
	DIR *links = opendir("/sys/class/net");
	const struct dirent *entry;

	assert_non_null(links);
	while ((entry = readdir(links)))
		for (int i = 0; entry->d_name[0] != '.' && !is_settled(entry->d_name); i++) {
			if (i == 6000)
				fail_msg("%s: no link-local address in 60 s", entry->d_name);
			usleep(10000);
		}
	closedir(links);
}

/* The "link" events of the cards @names, as a plan that releases them all would have them saved. */
static inline json_t *save(const char *const names[])
{
	struct graph *graph = graph_new();
	struct device *device = graph_add_device(graph, "/devices/virtual", "pci");
	struct decision decision = { .device = device, .fate = FATE_RELEASE };
	struct plan plan = { .graph = graph, .decisions = &decision, .decision_count = 1 };
	struct error e = ERROR_NONE;
	struct record *record;
	json_t *events;

	wait_for_the_kernel();
	for (size_t i = 0; names[i]; i++) {
		struct netlink_if *link = graph_add_link(graph, names[i]);

		link->owner = device;
		link->index = index_of(names[i]);
	}
	if (record_create(DIR_RECORD, "quiesce", &record, &e) < 0 ||
	    links_save(&machine, &plan, record, &e) < 0)
		fail_msg("%s", e.text);
	record_close(record);
	if (record_load(DIR_RECORD, false, &events, &e) < 0)
		fail_msg("%s", e.text);
	json_array_remove(events, 0); /* the start */
	graph_free(graph);
	return events;
}

static inline void restore(const json_t *events)
{
	json_t *failed = json_array();
	int code = links_restore(&machine, events, 60000, failed);

	if (code) {
		char *text = json_dumps(failed, 0);

		fail_msg("%d not restored: %s", code, text);
	}
	json_decref(failed);
}

static const json_t *event_of(const json_t *events, const char *name)
{
	const json_t *event;
	size_t i;

	json_array_foreach (events, i, event)
		if (!strcmp(json_string_value(json_object_get(event, "name")), name))
			return event;
	fail_msg("no event of %s", name);
	return NULL;
}

static inline int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A list of messages as sorted lines: what the kernel has, in words. The caller frees it. */
static inline char *words_of(const json_t *list)
{
	char *lines[64], *text = calloc(1, 8192);
	size_t count = json_array_size(list);

	assert_true(count <= 64);
	for (size_t i = 0; i < count; i++) {
		struct netlink_message m;

		assert_int_equal(hex_message(json_string_value(json_array_get(list, i)), &m), 0);
		lines[i] = calloc(1, 128);
		message_describe(&m.header, lines[i], 128);
	}
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++) {
		strcat(strcat(text, lines[i]), "\n");
		free(lines[i]);
	}
	return text;
}

static inline void assert_same_list(const json_t *before, const json_t *after, const char *list)
{
	char *was = words_of(json_object_get(before, list));
	char *is = words_of(json_object_get(after, list));

	assert_string_equal(was, is);
	free(was);
	free(is);
}

/* What makes a link again, without the index of what it lies on; in hex, the caller frees it. */
static inline char *settings_of(const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "kind"));
	const char *hex = json_string_value(json_object_get(event, "linkinfo"));
	unsigned char bytes[4096];
	int length = hex_decode(hex ? hex : "", bytes, sizeof(bytes));

	assert_true(length >= 0);
	if (kind)
		kind_set_lower(kind, bytes, (size_t)length, 0);
	return hex_encode(bytes, (size_t)length);
}

static inline void assert_same_settings(const json_t *before, const json_t *after)
{
	char *was = settings_of(before), *is = settings_of(after);

	assert_string_equal(was, is);
	free(was);
	free(is);
}

/* @name is as it was, but for its index. */
static inline void assert_same(const json_t *before, const json_t *after, const char *name)
{
	static const char *const keys[] = { "up", "mtu", "address", "master" };
	const json_t *was = event_of(before, name), *is = event_of(after, name);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *a = json_object_get(was, keys[i]), *b = json_object_get(is, keys[i]);

		if (a != b && !json_equal(a, b))
			fail_msg("%s: %s differs", name, keys[i]);
	}
	assert_same_settings(was, is);
	assert_same_list(was, is, "addresses");
	assert_same_list(was, is, "routes");
}

static inline void assert_words(const json_t *events, const char *name, const char *list,
				const char *words)
{
	char *text = words_of(json_object_get(event_of(events, name), list));

	if (!strstr(text, words))
		fail_msg("%s: \"%s\" is not among its %s:\n%s", name, words, list, text);
	free(text);
}

/* qemu's user mode hands on what is about links, addresses and routes, and no other netlink message. */
static inline void leave_out_under_an_emulator(void)
{
	if (!*(getenv("KEXIT_EMULATOR") ?: ""))
		return;
	puts("left out: qemu's user mode does not hand these netlink messages on");
	skip();
}

/* New links then have their link-local addresses at once, however busy this machine is. */
static inline int leave_out_duplicate_detection(void)
{
	static const char *const whose[] = { "all", "default" };
	char path[64];

	for (size_t i = 0; i < 2; i++) {
		FILE *file;
		int r;

		snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/accept_dad", whose[i]);
		file = fopen(path, "we");
		if (!file)
			return errno == ENOENT ? 0 : -1; /* no IPv6: nothing is detected */
		r = fputs("0", file);
		if (fclose(file) || r < 0)
			return -1;
	}
	return 0;
}

/* Each test in a network namespace of its own, with a /sys that shows it. */
static inline int new_namespace(void **state)
{
	if (unshare(CLONE_NEWNET) || umount2("/sys", MNT_DETACH) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL))
		return -1;
	if (leave_out_duplicate_detection())
		return -1;
	sysroot_close(machine.root);
	machine.ops = &ops;
	return sysroot_open(NULL, &machine.root);
}

static inline int may_run(void)
{
	if (system("ip -V >/dev/null 2>&1")) {
		puts("skipped: no ip(8)");
		return 0;
	}
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL)) {
		printf("skipped: no network namespace of our own: %s\n", strerror(errno));
		return 0;
	}
	if (ip("link add k0 type veth peer name pk0")) {
		puts("skipped: this kernel has no veth");
		return 0;
	}
	return 1;
}

#define TEST(name) cmocka_unit_test_setup(name, new_namespace)
