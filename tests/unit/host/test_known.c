// SPDX-License-Identifier: GPL-2.0-or-later
/* Each rule on the machine it is for, and what looks like that machine and is another. */
#include "unit/fake/fake_ops.h"

#include "host/known.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DMI   "/sys/class/dmi/id/"
#define MODEL "/sys/firmware/devicetree/base/model"

/* What Debian 12 has there; of 6.1.0-50-amd64 the release says little. */
#define DEBIAN_12                                                                                  \
	"Linux version 6.1.0-50-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian "           \
	"12.2.0-14+deb12u1) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP "                \
	"PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-11-01)\n"

/* A plain virtual machine: QEMU's q35 with Debian 12. */
static int set_up(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	fake_file(fake, DMI "sys_vendor", "QEMU\n");
	fake_file(fake, DMI "product_name", "Standard PC (Q35 + ICH9, 2009)\n");
	fake_file(fake, "/proc/sys/kernel/arch", "x86_64\n");
	fake_file(fake, "/proc/sys/kernel/osrelease", "6.1.0-50-amd64\n");
	fake_file(fake, "/proc/version", DEBIAN_12);
	fake_file(fake, "/proc/cpuinfo",
		  "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 106\n"
		  "model name\t: Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz\n"
		  "flags\t\t: fpu vme de pse tsc hypervisor\n\n");
	*state = fake;
	return 0;
}

static int tear_down(void **state)
{
	fake_free(*state);
	return 0;
}

/* The rule's name; "" where there is none. */
static const char *rule(const struct fake *fake)
{
	const struct known *known = known_find(fake->sys.root);

	return known ? known->name : "";
}

static void put_dmi(struct fake *fake, const char *vendor, const char *product)
{
	fake_file(fake, DMI "sys_vendor", vendor);
	fake_file(fake, DMI "product_name", product);
}

static void put_cpu(struct fake *fake, const char *name, const char *flags)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "processor\t: 0\nmodel\t\t: 156\nmodel name\t: %s\nflags\t\t: %s\n", name, flags);
	fake_file(fake, "/proc/cpuinfo", text);
}

static void put_arm64(struct fake *fake, const char *release)
{
	fake_file(fake, "/proc/sys/kernel/arch", "aarch64\n");
	fake_file(fake, "/proc/sys/kernel/osrelease", release);
	fake_file(fake, "/proc/version", "Linux version (somebody@somewhere) #1 SMP\n");
}

static void plain_qemu_is_fine(void **state)
{
	assert_string_equal(rule(*state), "");
}

static void a_machine_that_says_nothing_is_fine(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	assert_string_equal(rule(fake), "");
	fake_free(fake);
}

static void azure_is_known(void **state)
{
	put_dmi(*state, "Microsoft Corporation\n", "Virtual Machine\n");
	assert_string_equal(rule(*state), "Hyper-V (Azure)");
}

static void another_machine_of_that_vendor_is_fine(void **state)
{
	put_dmi(*state, "Microsoft Corporation\n", "Surface Pro\n");
	assert_string_equal(rule(*state), "");
}

static void google_s_cloud_is_known(void **state)
{
	put_dmi(*state, "Google\n", "Google Compute Engine\n");
	assert_string_equal(rule(*state), "Google Compute Engine");
}

static void a_chromebook_is_fine(void **state)
{
	put_dmi(*state, "Google\n", "Eve\n");
	assert_string_equal(rule(*state), "");
}

/* Amazon's older types: HVM, with Xen's DMI. */
static void a_xen_guest_is_known(void **state)
{
	put_dmi(*state, "Xen\n", "HVM domU\n");
	fake_file(*state, "/sys/hypervisor/type", "xen\n");
	fake_file(*state, "/sys/hypervisor/properties/features", "00000705\n");
	fake_file(*state, "/proc/xen/capabilities", "\n");
	assert_string_equal(rule(*state), "a Xen guest");
}

static void a_xen_guest_without_xenfs_is_known(void **state)
{
	fake_file(*state, "/sys/hypervisor/type", "xen\n");
	assert_string_equal(rule(*state), "a Xen guest");
}

static void xen_s_dom0_is_no_guest(void **state)
{
	put_dmi(*state, "Dell Inc.\n", "PowerEdge R740\n");
	fake_file(*state, "/sys/hypervisor/type", "xen\n");
	fake_file(*state, "/sys/hypervisor/properties/features", "00002f05\n");
	assert_string_equal(rule(*state), "");
}

static void dom0_is_known_by_xenfs_too(void **state)
{
	fake_file(*state, "/sys/hypervisor/type", "xen\n");
	fake_file(*state, "/proc/xen/capabilities", "control_d\n");
	assert_string_equal(rule(*state), "");
}

static void another_hypervisor_is_fine(void **state)
{
	fake_file(*state, "/sys/hypervisor/type", "kvm\n");
	assert_string_equal(rule(*state), "");
}

static void a_tdx_guest_of_an_old_kernel_is_known(void **state)
{
	put_cpu(*state, "Intel(R) Xeon(R) Platinum 8480+", "fpu hypervisor tdx_guest");
	fake_file(*state, "/proc/version_signature", "Ubuntu 6.8.0-31.31-generic 6.8.1\n");
	assert_string_equal(rule(*state), "an Intel TDX guest");
}

static void a_tdx_guest_of_a_newer_kernel_is_fine(void **state)
{
	put_cpu(*state, "Intel(R) Xeon(R) Platinum 8480+", "fpu hypervisor tdx_guest");
	fake_file(*state, "/proc/version_signature", "Ubuntu 6.14.0-27.27-generic 6.14.8\n");
	assert_string_equal(rule(*state), "");
}

/* "tdx_host_platform" and the like begin with the same letters. */
static void a_host_of_tdx_is_fine(void **state)
{
	put_cpu(*state, "Intel(R) Xeon(R) Platinum 8480+", "fpu tdx_guest_host tdx_host_platform");
	assert_string_equal(rule(*state), "");
}

static void jasper_lake_is_known(void **state)
{
	put_cpu(*state, "Intel(R) Celeron(R) N5105 @ 2.00GHz", "fpu");
	assert_string_equal(rule(*state), "Intel N5105 (Jasper Lake)");
	put_cpu(*state, "Intel(R) Celeron(R) N5100 @ 1.10GHz", "fpu");
	assert_string_equal(rule(*state), "Intel N5100 (Jasper Lake)");
}

/* Gemini Lake, its elder: nobody said anything of it. */
static void the_elder_of_jasper_lake_is_fine(void **state)
{
	put_cpu(*state, "Intel(R) Celeron(R) J4105 CPU @ 1.50GHz", "fpu");
	assert_string_equal(rule(*state), "");
}

static void boards_are_known_by_their_device_tree(void **state)
{
	struct fake *fake = fake_new(NULL, NULL);

	put_arm64(fake, "6.12.75\n");
	fake_bytes(fake, MODEL, "Raspberry Pi 4 Model B Rev 1.4", 31);
	assert_string_equal(rule(fake), "Raspberry Pi 4");
	fake_bytes(fake, MODEL, "Raspberry Pi 5 Model B Rev 1.0", 31);
	assert_string_equal(rule(fake), "Raspberry Pi 5");
	fake_bytes(fake, MODEL, "Radxa ROCK Pi 4B", 17);
	assert_string_equal(rule(fake), "ROCK Pi 4");
	fake_bytes(fake, MODEL, "Raspberry Pi 3 Model B Plus Rev 1.3", 36);
	assert_string_equal(rule(fake), "");
	fake_bytes(fake, MODEL, "Raspberry Pi 400 Rev 1.0", 25);
	assert_string_equal(rule(fake), "");
	fake_free(fake);
}

static void vmware_is_known_on_arm64_alone(void **state)
{
	put_dmi(*state, "VMware, Inc.\n", "VMware20,1\n");
	assert_string_equal(rule(*state), "");
	put_arm64(*state, "6.12.75\n");
	assert_string_equal(rule(*state), "VMware on arm64 (Fusion)");
}

static void arm64_kernels_are_known_from_one_to_another(void **state)
{
	put_arm64(*state, "6.12.53\n");
	assert_string_equal(rule(*state), "");
	put_arm64(*state, "6.12.54\n");
	assert_string_equal(rule(*state), "arm64 with Linux 6.12.54 to 6.12.57");
	put_arm64(*state, "6.12.57+deb13-arm64\n");
	assert_string_equal(rule(*state), "arm64 with Linux 6.12.54 to 6.12.57");
	put_arm64(*state, "6.12.58\n");
	assert_string_equal(rule(*state), "");
	put_arm64(*state, "6.1.55\n");
	assert_string_equal(rule(*state), "");
}

static void the_same_kernel_on_x86_is_fine(void **state)
{
	fake_file(*state, "/proc/version", "Linux version 6.12.57 (a@b) #1 SMP\n");
	fake_file(*state, "/proc/sys/kernel/osrelease", "6.12.57\n");
	assert_string_equal(rule(*state), "");
}

/* The release is the name of an interface; what the kernel is made of stands in /proc/version. */
static void debian_s_kernel_is_what_it_is_made_of(void **state)
{
	put_arm64(*state, "6.12.0-1-arm64\n");
	fake_file(*state, "/proc/version",
		  "Linux version 6.12.0-1-arm64 (debian-kernel@lists.debian.org) "
		  "(aarch64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0) #1 SMP Debian 6.12.57-1 "
		  "(2025-11-05)\n");
	assert_string_equal(rule(*state), "arm64 with Linux 6.12.54 to 6.12.57");
}

static void numbers_are_compared_as_numbers(void **unused)
{
	assert_int_equal(known_compare_release("6.12.57", "6.12.57"), 0);
	assert_true(known_compare_release("6.12.6", "6.12.54") < 0);
	assert_true(known_compare_release("6.2.60", "6.12.54") < 0);
	assert_true(known_compare_release("10.0.0", "6.12") > 0);
	assert_int_equal(known_compare_release("6.12.57-rc1+", "6.12"), 0);
	assert_true(known_compare_release("6.12-rc3", "6.12.1") < 0);
	assert_true(known_compare_release("6.12.57", "6.12.56") > 0);
}

static void a_refusal_names_the_report_and_the_setting(void **state)
{
	const struct fake *fake = *state;
	struct error e = ERROR_NONE;

	assert_int_equal(known_ask(fake->sys.root, &e), 0);
	put_dmi(*state, "Google\n", "Google Compute Engine\n");
	assert_int_equal(known_ask(fake->sys.root, &e), -EPERM);
	assert_non_null(strstr(e.text, "Google Compute Engine"));
	assert_non_null(strstr(e.text, "https://github.com/siderolabs/talos/pull/8838"));
	assert_non_null(strstr(e.text, "known-bad = kexec"));
}

static void every_rule_has_a_source_and_asks_something(void **unused)
{
	for (const struct known *known = known_machines; known->name; known++) {
		assert_non_null(known->what);
		assert_non_null(known->source);
		assert_int_equal(strncmp(known->source, "https://", 8), 0);
		assert_true(known->sys_vendor || known->product_name || known->board ||
			    known->cpu || known->cpu_flag || known->arch || known->is_xen_guest);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(plain_qemu_is_fine),
		T(a_machine_that_says_nothing_is_fine),
		T(azure_is_known),
		T(another_machine_of_that_vendor_is_fine),
		T(google_s_cloud_is_known),
		T(a_chromebook_is_fine),
		T(a_xen_guest_is_known),
		T(a_xen_guest_without_xenfs_is_known),
		T(xen_s_dom0_is_no_guest),
		T(dom0_is_known_by_xenfs_too),
		T(another_hypervisor_is_fine),
		T(a_tdx_guest_of_an_old_kernel_is_known),
		T(a_tdx_guest_of_a_newer_kernel_is_fine),
		T(a_host_of_tdx_is_fine),
		T(jasper_lake_is_known),
		T(the_elder_of_jasper_lake_is_fine),
		T(boards_are_known_by_their_device_tree),
		T(vmware_is_known_on_arm64_alone),
		T(arm64_kernels_are_known_from_one_to_another),
		T(the_same_kernel_on_x86_is_fine),
		T(debian_s_kernel_is_what_it_is_made_of),
		cmocka_unit_test(numbers_are_compared_as_numbers),
		T(a_refusal_names_the_report_and_the_setting),
		cmocka_unit_test(every_rule_has_a_source_and_asks_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
