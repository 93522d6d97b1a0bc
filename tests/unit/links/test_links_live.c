// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links of a real kernel saved, destroyed and restored, in a network namespace of its own. Skipped
 * (77) where that is not permitted; a kind of link that this kernel lacks is left out, and named.
 */
#include "graph/graph.h"
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

static int live_netlink(void *context, void *message, size_t length)
{
	return netlink_request(message, length);
}

static const struct sys_ops ops = { .netlink = live_netlink };

/* Runs `ip ...`; 0 when it succeeded. */
static int __attribute__((format(printf, 1, 2))) ip(const char *format, ...)
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
static void add_card(const char *name, const char *address)
{
	assert_int_equal(ip("link add %s address %s type veth peer name p%s", name, address, name),
			 0);
	assert_int_equal(ip("link set p%s up", name), 0);
}

static unsigned int index_of(const char *name)
{
	unsigned long long index;
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", name);
	return sysroot_read_u64(machine.root, path, &index) ? 0 : (unsigned int)index;
}

/* True when the kernel has given the link @name its link-local address, and nobody else has it. */
static bool has_link_local(const char *name)
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
static bool is_settled(const char *name)
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
static void wait_for_the_kernel(void)
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
static json_t *save(const char *const names[])
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

static void restore(const json_t *events)
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

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A list of messages as sorted lines: what the kernel has, in words. The caller frees it. */
static char *words_of(const json_t *list)
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

static void assert_same_list(const json_t *before, const json_t *after, const char *list)
{
	char *was = words_of(json_object_get(before, list));
	char *is = words_of(json_object_get(after, list));

	assert_string_equal(was, is);
	free(was);
	free(is);
}

/* What makes a link again, without the index of what it lies on; in hex, the caller frees it. */
static char *settings_of(const json_t *event)
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

static void assert_same_settings(const json_t *before, const json_t *after)
{
	char *was = settings_of(before), *is = settings_of(after);

	assert_string_equal(was, is);
	free(was);
	free(is);
}

/* @name is as it was, but for its index. */
static void assert_same(const json_t *before, const json_t *after, const char *name)
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

static void assert_words(const json_t *events, const char *name, const char *list,
			 const char *words)
{
	char *text = words_of(json_object_get(event_of(events, name), list));

	if (!strstr(text, words))
		fail_msg("%s: \"%s\" is not among its %s:\n%s", name, words, list, text);
	free(text);
}

static void test_addresses_and_routes_come_back(void **state)
{
	static const char *const names[] = { "k0", "k1", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:11");
	assert_int_equal(ip("link set k0 mtu 1400 up && ip link set k1 up"), 0);
	assert_int_equal(ip("addr add 192.0.2.1/24 dev k0 && ip addr add 192.0.2.9/24 dev k0"), 0);
	assert_int_equal(ip("addr add 203.0.113.1/24 dev k1"), 0);
	assert_int_equal(ip("route add 10.0.0.1 dev k0 scope link"), 0);
	assert_int_equal(ip("route add default via 10.0.0.1 dev k0 metric 50"), 0);
	assert_int_equal(ip("route add 10.1.0.0/16 via 192.0.2.254 table 100 src 192.0.2.9"), 0);
	assert_int_equal(ip("route add 10.2.0.0/16 nexthop via 192.0.2.254 weight 2 nexthop via "
			    "203.0.113.254"),
			 0);
	assert_int_equal(ip("-6 addr add 2001:db8::1/64 dev k0 nodad"), 0);
	assert_int_equal(ip("-6 route add 2001:db8:1::/48 via 2001:db8::2"), 0);
	before = save(names);
	assert_words(before, "k0", "addresses", "address 192.0.2.9/24");
	assert_words(before, "k0", "routes", "route default via 10.0.0.1");
	assert_words(before, "k0", "routes", "route 10.2.0.0/16");
	assert_int_equal(ip("link del k0 && ip link del k1"), 0);
	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:99"); /* its address had been set by hand */
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	assert_same(before, after, "k1");
	json_decref(before);
	json_decref(after);
}

static void test_renamed_links_get_their_names_back(void **state)
{
	static const char *const names[] = { "k0", "k1", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:11");
	before = save(names);
	assert_int_equal(ip("link del k0 && ip link del k1"), 0);
	add_card("k1", "52:54:00:00:00:10");
	add_card("k0", "52:54:00:00:00:11");
	assert_int_equal(ip("link set k0 up"), 0); /* a network manager was faster */
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	assert_same(before, after, "k1");
	json_decref(before);
	json_decref(after);
}

static void test_bridge_gets_its_port_back(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link add kbr0 type bridge && ip link set k0 master kbr0 up"), 0);
	before = save(names);
	assert_int_equal(ip("link del k0"), 0);
	add_card("k0", "52:54:00:00:00:10");
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	json_decref(before);
	json_decref(after);
}

static void test_bond_gets_its_ports_and_its_address_back(void **state)
{
	static const char *const names[] = { "k0", "k1", NULL };
	json_t *before, *after;

	if (ip("link add kbond0 type bond mode active-backup miimon 100")) {
		puts("left out: this kernel has no bonding");
		skip();
	}
	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:11");
	assert_int_equal(ip("link set k1 master kbond0 && ip link set k0 master kbond0"), 0);
	assert_int_equal(ip("link set kbond0 up && ip addr add 192.0.2.1/24 dev kbond0"), 0);
	before = save(names);
	assert_int_equal(ip("link del k0 && ip link del k1"), 0);
	add_card("k0", "52:54:00:00:00:10");
	add_card("k1", "52:54:00:00:00:11");
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	assert_same(before, after, "k1");
	assert_true(json_equal(json_object_get(event_of(before, "k0"), "master_address"),
			       json_object_get(event_of(after, "k0"), "master_address")));
	json_decref(before);
	json_decref(after);
}

static void test_vlans_are_made_again(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link set k0 up"), 0);
	if (ip("link add link k0 name k0.5 type vlan id 5 reorder_hdr off ingress 1:2")) {
		puts("left out: this kernel has no VLANs");
		skip();
	}
	assert_int_equal(ip("link add link k0.5 name kqinq type vlan id 7"), 0);
	assert_int_equal(ip("link add kbr0 type bridge && ip link set kqinq master kbr0"), 0);
	assert_int_equal(ip("link set k0.5 mtu 1300 up && ip addr add 192.0.2.1/24 dev k0.5"), 0);
	assert_int_equal(ip("route add default via 192.0.2.254"), 0);
	before = save(names);
	assert_int_equal(json_array_size(before), 3);
	assert_int_equal(ip("link del k0"), 0);
	assert_int_equal(index_of("k0.5"), 0);
	add_card("k0", "52:54:00:00:00:10");
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	assert_same(before, after, "k0.5");
	assert_same(before, after, "kqinq");
	json_decref(before);
	json_decref(after);
}

/* @events and what is wrong once they are restored; the caller owns it. */
static json_t *wrong_after(const json_t *events)
{
	json_t *failed = json_array();
	int code = links_restore(&machine, events, 60000, failed);

	assert_int_equal(code, json_array_size(failed));
	return failed;
}

static void assert_named(const json_t *failed, const char *words)
{
	const json_t *text;
	size_t i;

	json_array_foreach (failed, i, text)
		if (strstr(json_string_value(text), words))
			return;
	fail_msg("\"%s\" is not in %s", words, json_dumps(failed, 0));
}

/* qemu's user mode hands on what is about links, addresses and routes, and no other netlink message. */
static void leave_out_under_an_emulator(void)
{
	if (!*(getenv("KEXIT_EMULATOR") ?: ""))
		return;
	puts("left out: qemu's user mode does not hand these netlink messages on");
	skip();
}

/* The kernel tells no IFLA_LINK of it, and takes it away with what it goes through all the same. */
static void test_vxlan_is_made_again_with_its_tables(void **state)
{
	static const char *const names[] = { "k0", NULL };
	unsigned int index;
	json_t *before, *after;

	leave_out_under_an_emulator();
	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link set k0 up"), 0);
	if (ip("link add kvx type vxlan id 42 dev k0 dstport 4789 ttl 9 nolearning local 192.0.2.1")) {
		puts("left out: this kernel has no VXLAN");
		skip();
	}
	assert_int_equal(ip("link add kvi type vxlan id 43 dev k0 dstport 4790 ttl inherit"), 0);
	assert_int_equal(ip("link set kvx up && ip addr add 198.51.100.1/24 dev kvx"), 0);
	assert_int_equal(ip("neigh add 198.51.100.7 lladdr 02:00:00:00:00:07 dev kvx"), 0);
	assert_int_equal(system("bridge fdb append 00:00:00:00:00:00 dev kvx dst 203.0.113.8 &&"
				"bridge fdb append 00:00:00:00:00:00 dev kvx dst 203.0.113.9 &&"
				"bridge fdb add 02:00:00:00:00:07 dev kvx dst 203.0.113.9"),
			 0);
	sleep(1);
	before = save(names);
	assert_int_equal(json_array_size(before), 3);
	assert_words(before, "kvx", "neighbours", "forwarding entry 203.0.113.8 00:00:00:00:00:00");
	assert_words(before, "kvx", "neighbours", "forwarding entry 203.0.113.9 02:00:00:00:00:07");
	assert_words(before, "kvx", "neighbours", "neighbour 198.51.100.7 02:00:00:00:00:07");
	index = index_of("kvx");
	assert_int_equal(ip("link del k0"), 0);
	assert_int_equal(index_of("kvx"), 0);
	add_card("k0", "52:54:00:00:00:10");
	restore(before);
	restore(before); /* and once more changes nothing */
	after = save(names);
	assert_same(before, after, "kvx");
	assert_same(before, after, "kvi");
	assert_same_list(event_of(before, "kvx"), event_of(after, "kvx"), "neighbours");
	assert_int_equal(index_of("kvx"), index);
	json_decref(before);
	json_decref(after);
}

static void test_macvlan_is_made_again_with_its_address(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link set k0 up"), 0);
	if (ip("link add link k0 name kmv type macvlan mode private")) {
		puts("left out: this kernel has no macvlan");
		skip();
	}
	assert_int_equal(ip("link add link k0 name kms type macvlan mode source"), 0);
	assert_int_equal(ip("link set kms type macvlan macaddr add 02:00:00:00:00:01"), 0);
	assert_int_equal(ip("link set kmv up && ip addr add 192.0.2.1/24 dev kmv"), 0);
	sleep(1);
	before = save(names);
	assert_int_equal(json_array_size(before), 3);
	assert_int_equal(ip("link del k0"), 0);
	assert_int_equal(index_of("kmv"), 0);
	add_card("k0", "52:54:00:00:00:10");
	restore(before);
	sleep(1);
	after = save(names);
	assert_same(before, after, "kmv");
	assert_same(before, after, "kms");
	json_decref(before);
	json_decref(after);
}

/* And is no more when somebody has set it up again meanwhile. */
static void test_queueing_discipline_and_filters_are_named(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *failed;

	leave_out_under_an_emulator();
	add_card("k0", "52:54:00:00:00:10");
	if (system("tc qdisc add dev k0 root htb && tc qdisc add dev k0 clsact")) {
		puts("left out: this kernel, or tc(8), has no htb or clsact");
		skip();
	}
	before = save(names);
	assert_int_equal(ip("link del k0"), 0);
	add_card("k0", "52:54:00:00:00:10");
	failed = wrong_after(before);
	assert_int_equal(json_array_size(failed), 2);
	assert_named(failed, "k0: its queueing discipline htb is not set up again");
	assert_named(failed, "k0: its clsact filters are not set up again");
	json_decref(failed);
	assert_int_equal(system("tc qdisc add dev k0 root htb && tc qdisc add dev k0 clsact"), 0);
	restore(before);
	json_decref(before);
}

/* As when a run was killed before the releases: links down, nothing gone. */
static void test_link_that_was_only_taken_down_is_whole_again(void **state)
{
	static const char *const names[] = { "k0", NULL };
	json_t *before, *after;

	add_card("k0", "52:54:00:00:00:10");
	assert_int_equal(ip("link set k0 up && ip addr add 192.0.2.1/24 dev k0"), 0);
	assert_int_equal(ip("route add default via 192.0.2.254"), 0);
	assert_int_equal(ip("-6 addr add 2001:db8::1/64 dev k0 nodad"), 0);
	before = save(names);
	assert_int_equal(ip("link set k0 down"), 0);
	restore(before);
	after = save(names);
	assert_same(before, after, "k0");
	restore(before); /* and once more changes nothing */
	json_decref(after);
	after = save(names);
	assert_same(before, after, "k0");
	json_decref(before);
	json_decref(after);
}

/* New links then have their link-local addresses at once, however busy this machine is. */
static int leave_out_duplicate_detection(void)
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
static int new_namespace(void **state)
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

static int may_run(void)
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_addresses_and_routes_come_back),
		TEST(test_renamed_links_get_their_names_back),
		TEST(test_bridge_gets_its_port_back),
		TEST(test_bond_gets_its_ports_and_its_address_back),
		TEST(test_vlans_are_made_again),
		TEST(test_vxlan_is_made_again_with_its_tables),
		TEST(test_macvlan_is_made_again_with_its_address),
		TEST(test_queueing_discipline_and_filters_are_named),
		TEST(test_link_that_was_only_taken_down_is_whole_again),
	};

	if (!may_run())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
