// SPDX-License-Identifier: GPL-2.0-or-later
/* What an inventory holds of a machine of a few files, and what `kexit verify` says of it. */
#include "unit/graph/test_scan_tree.h"

#include "across/inventory.h"

#include <sys/wait.h>

#define NIC	"/devices/pci0000:00/0000:00:02.0"
#define NIC_ID	"pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"
#define ETH0	NIC "/net/eth0"
#define NVME	"/devices/pci0000:00/0000:00:03.0"
#define NVME_ID "pci:v0000144Dd0000A824sv0000144Dsd00000000bc01sc08i02"
#define NVME0N1 NVME "/nvme/nvme0/nvme0n1"

static void put_link_of_nic(const struct tree *t)
{
	put_in(t, ETH0, "ifindex", "2");
	put_in(t, ETH0, "flags", "0x1003");
	put_in(t, ETH0, "operstate", "up");
	put_in(t, ETH0, "carrier", "1");
	put_in(t, ETH0, "address", "52:54:00:00:00:01");
	put_in(t, ETH0, "addr_assign_type", "0");
	put_in(t, ETH0, "speed", "1000");
	put_in(t, ETH0, "duplex", "full");
	put_class(t, "net", ETH0);
}

static void put_machine(const struct tree *t)
{
	put(t, "/proc/sys/kernel/osrelease", "6.1.0-1-amd64\n");
	put(t, "/proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
	put_pci(t, NIC, NIC_ID, "e1000e");
	put_link_of_nic(t);
	put_pci(t, NVME, NVME_ID, "nvme");
	put_disk(t, NVME0N1, "259:0");
	put_partition(t, NVME0N1 "/nvme0n1p1", "259:1");
	put_in(t, NVME0N1, "wwid", "eui.0025385b11111111\n");
	put_in(t, NVME0N1, "device/model", "QEMU NVMe Ctrl           \n");
	put_in(t, NVME0N1, "device/serial", "S1                  \n");
}

static json_t *take(struct tree *t)
{
	json_t *inventory;

	scan_tree(t);
	inventory = inventory_json(t->root, t->graph);
	assert_non_null(inventory);
	return inventory;
}

static const char *word(const json_t *inventory, const char *list, const char *name)
{
	const json_t *item = json_array_get(json_object_get(inventory, list), 0);

	return json_string_value(json_object_get(item, name)) ?: "";
}

static void functions_have_ids_and_driver(void **state)
{
	struct tree *t = *state;
	json_t *inventory;

	put_machine(t);
	inventory = take(t);
	assert_int_equal(json_array_size(json_object_get(inventory, "functions")), 2);
	assert_string_equal(word(inventory, "functions", "address"), "0000:00:02.0");
	assert_string_equal(word(inventory, "functions", "ids"), "8086:10d3 8086:a01f");
	assert_string_equal(word(inventory, "functions", "driver"), "e1000e");
	assert_string_equal(json_string_value(json_object_get(inventory, "kernel")),
			    "6.1.0-1-amd64");
	json_decref(inventory);
}

static void a_disk_says_who_it_is(void **state)
{
	struct tree *t = *state;
	json_t *inventory;
	const json_t *disks;

	put_machine(t);
	inventory = take(t);
	disks = json_object_get(inventory, "disks");
	/* The partition is of the disk. */
	assert_int_equal(json_array_size(disks), 1);
	assert_string_equal(word(inventory, "disks", "wwid"), "eui.0025385b11111111");
	assert_string_equal(word(inventory, "disks", "serial"), "S1");
	assert_string_equal(word(inventory, "disks", "model"), "QEMU NVMe Ctrl");
	assert_string_equal(word(inventory, "disks", "function"), "0000:00:03.0");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(disks, 0), "bytes")),
			 2048 * 512);
	json_decref(inventory);
}

static void a_link_has_its_permanent_address_speed_and_duplex(void **state)
{
	struct tree *t = *state;
	json_t *inventory;
	const json_t *link;

	put_machine(t);
	inventory = take(t);
	link = json_array_get(json_object_get(inventory, "links"), 0);
	assert_string_equal(word(inventory, "links", "name"), "eth0");
	assert_string_equal(word(inventory, "links", "permanent_address"), "52:54:00:00:00:01");
	assert_string_equal(word(inventory, "links", "duplex"), "full");
	assert_int_equal(json_integer_value(json_object_get(link, "speed")), 1000);
	assert_true(json_is_true(json_object_get(link, "carrier")));
	json_decref(inventory);
}

static void a_random_address_is_not_permanent(void **state)
{
	struct tree *t = *state;
	json_t *inventory;

	put_machine(t);
	put_in(t, ETH0, "addr_assign_type", "1");
	inventory = take(t);
	assert_string_equal(word(inventory, "links", "permanent_address"), "");
	assert_string_equal(word(inventory, "links", "address"), "52:54:00:00:00:01");
	json_decref(inventory);
}

static void a_link_without_a_partner_has_no_speed(void **state)
{
	struct tree *t = *state;
	json_t *inventory;
	const json_t *link;

	put_machine(t);
	put_in(t, ETH0, "carrier", "0");
	put_in(t, ETH0, "speed", "-1");
	put_in(t, ETH0, "duplex", "unknown");
	inventory = take(t);
	link = json_array_get(json_object_get(inventory, "links"), 0);
	assert_true(json_is_null(json_object_get(link, "speed")));
	assert_true(json_is_null(json_object_get(link, "duplex")));
	json_decref(inventory);
}

/* Standard output and error of `kexit verify` on the machine; its exit status is returned. */
static int run_verify(const struct tree *t, char *text, size_t size)
{
	char command[512];
	FILE *output;
	size_t length;

	snprintf(command, sizeof(command), "%s --sysroot %s verify 2>&1", getenv("KEXIT"), t->dir);
	output = popen(command, "r");
	assert_non_null(output);
	length = fread(text, 1, size - 1, output);
	text[length] = '\0';
	return WEXITSTATUS(pclose(output));
}

/* The machine's inventory, as if it had come over a jump. */
static void carry(struct tree *t)
{
	json_t *inventory = take(t);
	char *text = json_dumps(inventory, 0);

	put(t, "/run/kexit/previous/inventory.json", text);
	put(t, "/run/kexit/previous/handover.json",
	    "{\"schema\": 1, \"id\": \"0f0f\", \"from\": {\"kernel\": \"6.1.0-1-amd64\"}}");
	free(text);
	json_decref(inventory);
}

static void verify_finds_all_back(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_machine(t);
	carry(t);
	assert_int_equal(run_verify(t, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "handover 0f0f from 6.1.0-1-amd64\n"));
	assert_non_null(strstr(text, "all is back: 2 PCI functions with their drivers, 1 disks, 1 "
				     "network links\n"));
}

static void verify_names_what_is_missing(void **state)
{
	struct tree *t = *state;
	char text[4096], path[256];

	put_machine(t);
	carry(t);
	put_in(t, ETH0, "speed", "100");
	snprintf(path, sizeof(path), "%s/sys%s/driver", t->dir, NVME);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/sys/bus/pci/drivers/nvme/0000:00:03.0", t->dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(run_verify(t, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "0000:00:03.0: driver nvme then, none now\n"));
	assert_non_null(strstr(text, "eth0 (52:54:00:00:00:01): 1000 Mb/s then, 100 now\n"));
	assert_non_null(strstr(text, "2 differences\n"));
}

static void verify_says_that_nothing_came(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_machine(t);
	assert_int_equal(run_verify(t, text, sizeof(text)), 6);
	assert_non_null(strstr(text, "nothing came over a jump"));
	assert_non_null(strstr(text, "update-initramfs -u"));
}

static void verify_refuses_what_is_no_inventory(void **state)
{
	struct tree *t = *state;
	char text[4096];

	put_machine(t);
	put(t, "/run/kexit/previous/inventory.json", "[1, 2");
	assert_int_equal(run_verify(t, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "/run/kexit/previous/inventory.json:1: it is no JSON object"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TREE_TEST(functions_have_ids_and_driver),
		TREE_TEST(a_disk_says_who_it_is),
		TREE_TEST(a_link_has_its_permanent_address_speed_and_duplex),
		TREE_TEST(a_random_address_is_not_permanent),
		TREE_TEST(a_link_without_a_partner_has_no_speed),
		TREE_TEST(verify_finds_all_back),
		TREE_TEST(verify_names_what_is_missing),
		TREE_TEST(verify_says_that_nothing_came),
		TREE_TEST(verify_refuses_what_is_no_inventory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
