// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices, PCI facts and device links of small machines. */
#include "unit/graph/test_scan_tree.h"

#define BRIDGE	"/devices/pci0000:00/0000:00:01.0"
#define NIC	BRIDGE "/0000:01:00.0"
#define NIC_VF	BRIDGE "/0000:01:00.1"
#define PORT_ID "pci:v00001B36d0000000Csv00000000sd00000000bc06sc04i00"
#define NIC_ID	"pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00"

static void test_pci_facts_come_from_modalias_and_config(void **state)
{
	struct tree *t = *state;
	const struct device *nic;

	put_pci(t, BRIDGE, PORT_ID, "pcieport");
	put_pci(t, NIC, NIC_ID, "e1000e");
	put_in(t, NIC, "config",
	       "\x86\x80\xd3\x10\x07\x04\x10\x10\x01\x01\x01\x02\x10\x20\x80\x01"
	       "0123456789abcdef0123456789abcdef0123456789abcdef");
	put_in(t, NIC, "reset", "");
	put_in(t, NIC, "reset_method", "flr bus\n");
	put_in(t, NIC, "power_state", "D0\n");
	scan_tree(t);
	nic = device_at(t, NIC);
	assert_int_equal(nic->pci->vendor, 0x8086);
	assert_int_equal(nic->pci->device, 0x10d3);
	assert_int_equal(nic->pci->subdevice, 0xa01f);
	assert_int_equal(nic->pci->class_code, 0x020000);
	assert_true(nic->pci->has_config);
	assert_int_equal(nic->pci->command, 0x0407);
	assert_int_equal(nic->pci->resets, PCI_RESET_FUNCTION);
	assert_string_equal(nic->pci->reset_methods, "flr bus");
	assert_string_equal(nic->driver, "e1000e");
	assert_true(device_has_class(nic, "pci:020000"));
	assert_ptr_equal(nic->pci->bridge, device_at(t, BRIDGE));
	assert_ptr_equal(nic->parent, device_at(t, BRIDGE));
}

static void test_function_in_d3cold_is_not_woken(void **state)
{
	struct tree *t = *state;

	put_pci(t, NIC, NIC_ID, NULL);
	put_in(t, NIC, "power_state", "D3cold");
	put_in(t, NIC, "config", "0123456789abcdef0123456789abcdef");
	scan_tree(t);
	assert_false(device_at(t, NIC)->pci->has_config);
}

static void test_unbound_functions_are_there_and_other_unbound_devices_not(void **state)
{
	struct tree *t = *state;

	put_pci(t, NIC, NIC_ID, NULL);
	put_device(t, "/devices/system/memory/memory0", "memory", NULL);
	scan_tree(t);
	assert_null(device_at(t, NIC)->driver);
	assert_int_equal(t->graph->device_count, 1);
}

static void test_vf_goes_before_its_pf(void **state)
{
	struct tree *t = *state;

	put_pci(t, NIC, NIC_ID, "ixgbe");
	put_in(t, NIC, "sriov_numvfs", "1");
	put_pci(t, NIC_VF, NIC_ID, "ixgbevf");
	put_link_in(t, NIC_VF, "physfn", NIC);
	scan_tree(t);
	assert_true(device_at(t, NIC_VF)->pci->is_vf);
	assert_ptr_equal(device_at(t, NIC_VF)->pci->pf, device_at(t, NIC));
	assert_int_equal(device_at(t, NIC)->pci->numvfs, 1);
	assert_int_equal(t->graph->edge_count, 1);
	assert_int_equal(t->graph->edges[0].kind, EDGE_VF);
	assert_ptr_equal(t->graph->edges[0].first, device_at(t, NIC_VF));
}

static void test_details_are_read_for_a_listing_alone(void **state)
{
	struct tree *t = *state;
	struct device *nic;

	put_pci(t, NIC, NIC_ID, "ixgbe");
	put_in(t, NIC, "label", "Onboard LAN");
	put_link_in(t, NIC, "iommu_group", "/kernel/iommu_groups/12");
	scan_tree(t);
	nic = device_at(t, NIC);
	assert_null(nic->pci->label);
	assert_int_equal(scan_details(t->root, t->graph), 0);
	assert_string_equal(nic->pci->label, "Onboard LAN");
	assert_string_equal(nic->pci->iommu_group, "12");
}

/* The attribute `reset` alone is of a kernel before 5.15; an empty list means that none is allowed. */
static void test_reset_is_there_unless_its_methods_are_switched_off(void **state)
{
	struct tree *t = *state;

	put_pci(t, NIC, NIC_ID, "ixgbe");
	put_in(t, NIC, "reset", "");
	scan_tree(t);
	assert_int_equal(device_at(t, NIC)->pci->resets, PCI_RESET_FUNCTION);
	assert_null(device_at(t, NIC)->pci->reset_methods);
	put_in(t, NIC, "reset_method", "\n");
	scan_tree(t);
	assert_int_equal(device_at(t, NIC)->pci->resets, 0);
}

static void test_driver_without_unbind_cannot_be_unbound(void **state)
{
	struct tree *t = *state;
	char path[128];

	put_device(t, "/devices/platform/rtc", "platform", "rtc_cmos");
	put_device(t, "/devices/platform/pmc", "platform", "pmc_core");
	snprintf(path, sizeof(path), "%s/sys/bus/platform/drivers/pmc_core/unbind", t->dir);
	assert_int_equal(unlink(path), 0);
	scan_tree(t);
	assert_true(device_at(t, "/devices/platform/rtc")->can_unbind);
	assert_false(device_at(t, "/devices/platform/pmc")->can_unbind);
}

static void test_vanished_devices_are_left_out(void **state)
{
	struct tree *t = *state;

	put_link(t, "/sys/bus/pci/devices/0000:00:05.0", "/sys/devices/pci0000:00/0000:00:05.0");
	put_link(t, "/sys/bus/usb/drivers/usb-storage/1-1:1.0", "/sys/devices/gone/1-1:1.0");
	put_link(t, "/sys/class/net/eth9", "/sys/devices/gone/net/eth9");
	put_link(t, "/sys/class/block/sdz", "/sys/devices/gone/block/sdz");
	put_device(t, "/devices/platform/rtc", "platform", "rtc_cmos");
	scan_tree(t);
	assert_int_equal(t->graph->device_count, 1);
	assert_int_equal(t->graph->disk_count, 0);
	assert_int_equal(t->graph->link_count, 0);
}

static void put_devlink(const struct tree *t, const char *name, const char *sync_state_only,
			const char *status)
{
	char path[256];

	snprintf(path, sizeof(path), "/devices/virtual/devlink/%s", name);
	put_in(t, path, "sync_state_only", sync_state_only);
	put_in(t, path, "status", status);
	put_link_in(t, path, "supplier", "/devices/platform/clock");
	put_link_in(t, path, "consumer", "/devices/platform/uart");
	put_class(t, "devlink", path);
}

static void assert_link_kind(void **state, const char *sync_state_only, const char *status,
			     enum edge_kind kind)
{
	struct tree *t = *state;

	put_device(t, "/devices/platform/clock", "platform", "clk");
	put_device(t, "/devices/platform/uart", "platform", "serial");
	put_devlink(t, "platform:clock--platform:uart", sync_state_only, status);
	scan_tree(t);
	assert_int_equal(t->graph->edge_count, 1);
	assert_int_equal(t->graph->edges[0].kind, kind);
	assert_string_equal(t->graph->edges[0].first->name, "uart");
	assert_string_equal(t->graph->edges[0].then->name, "clock");
}

static void test_managed_link_is_a_supplier(void **state)
{
	assert_link_kind(state, "0\n", "active\n", EDGE_SUPPLIER);
}

static void test_sync_state_only_link_is_soft(void **state)
{
	assert_link_kind(state, "1\n", "active\n", EDGE_LINK_SOFT);
}

static void test_stateless_link_is_soft(void **state)
{
	assert_link_kind(state, "0\n", "not tracked\n", EDGE_LINK_SOFT);
}

static void test_devices_are_in_order_and_know_their_children(void **state)
{
	struct tree *t = *state;
	const struct device *usb;

	put_device(t, "/devices/usb1", "usb", "usb");
	put_device(t, "/devices/usb1/1-2/1-2:1.0", "usb", "usbhid");
	put_device(t, "/devices/usb1/1-1/1-1:1.0", "usb", "usb-storage");
	scan_tree(t);
	usb = device_at(t, "/devices/usb1");
	assert_string_equal(usb->child->name, "1-1:1.0");
	assert_string_equal(usb->child->sibling->name, "1-2:1.0");
	for (size_t i = 0; i < t->graph->device_count; i++)
		assert_int_equal(t->graph->devices[i]->id, i);
}

static void test_bmc_display_makes_a_bmc(void **state)
{
	struct tree *t = *state;

	put_pci(t, NIC, "pci:v00001A03d00002000sv00001A03sd00002000bc03sc00i00", "ast");
	scan_tree(t);
	assert_int_equal(t->graph->host_count, 1);
	assert_string_equal(t->graph->host[0], "bmc");
}

static void test_root_in_memory_is_an_initramfs(void **state)
{
	struct tree *t = *state;

	put(t, "/proc/self/mountinfo", "1 1 0:2 / / rw - rootfs rootfs rw\n");
	scan_tree(t);
	assert_int_equal(t->graph->host_count, 1);
	assert_string_equal(t->graph->host[0], "initramfs");
}

static void test_no_sys_is_an_error_that_names_it(void **state)
{
	struct tree *t = *state;
	struct error e = ERROR_NONE;
	struct graph *graph = NULL;
	char path[128];

	snprintf(path, sizeof(path), "%s/sys/bus/.keep", t->dir);
	unlink(path);
	path[strlen(path) - 6] = '\0';
	rmdir(path);
	assert_int_equal(sysroot_open(t->dir, &t->root), 0);
	assert_int_equal(scan(t->root, &graph, &e), -ENOENT);
	assert_null(graph);
	assert_non_null(strstr(e.text, "/sys/bus"));
	assert_non_null(strstr(e.text, "ENOENT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(test_pci_facts_come_from_modalias_and_config),
		TREE_TEST(test_function_in_d3cold_is_not_woken),
		TREE_TEST(test_unbound_functions_are_there_and_other_unbound_devices_not),
		TREE_TEST(test_vf_goes_before_its_pf),
		TREE_TEST(test_details_are_read_for_a_listing_alone),
		TREE_TEST(test_reset_is_there_unless_its_methods_are_switched_off),
		TREE_TEST(test_driver_without_unbind_cannot_be_unbound),
		TREE_TEST(test_vanished_devices_are_left_out),
		TREE_TEST(test_managed_link_is_a_supplier),
		TREE_TEST(test_sync_state_only_link_is_soft),
		TREE_TEST(test_stateless_link_is_soft),
		TREE_TEST(test_devices_are_in_order_and_know_their_children),
		TREE_TEST(test_bmc_display_makes_a_bmc),
		TREE_TEST(test_root_in_memory_is_an_initramfs),
		TREE_TEST(test_no_sys_is_an_error_that_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
