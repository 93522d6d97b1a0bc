// SPDX-License-Identifier: GPL-2.0-or-later
/* Which modules go into an image, and the indexes that come with them. */
#include "mkboot/child.h"
#include "mkboot/classes.h"
#include "mkboot/modules.h"
#include "unit/mkboot/bytes.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void modules_are_told_by_their_folder(void **state)
{
	assert_int_equal(classes_of_module("kernel/drivers/ata/ahci.ko"), CLASS_STORAGE);
	assert_int_equal(classes_of_module("kernel/drivers/nvme/host/nvme.ko.xz"), CLASS_STORAGE);
	assert_int_equal(classes_of_module("kernel/drivers/nvme/host/nvme-tcp.ko"), CLASS_NET);
	assert_int_equal(classes_of_module("kernel/drivers/scsi/lpfc/lpfc.ko"), CLASS_SAN);
	assert_int_equal(classes_of_module("kernel/drivers/usb/gadget/libcomposite.ko"), 0);
	assert_int_equal(classes_of_module("kernel/drivers/mmc/core/mmc_core.ko"), CLASS_MMC);
	assert_int_equal(classes_of_module("kernel/drivers/gpu/drm/drm.ko"), 0);
	assert_int_equal(classes_of_module("kernel/fs/erofs/erofs.ko"), CLASS_FS);
	assert_int_equal(classes_of_module("kernel/fs/exfat/exfat.ko"), 0);
}

static void a_boot_loader_has_no_use_for_graphics_and_sound(void **state)
{
	assert_true(classes_has_no_use_for("kernel/drivers/gpu/drm/amd/amdgpu/amdgpu.ko"));
	assert_true(classes_has_no_use_for("kernel/sound/pci/hda/snd-hda-intel.ko"));
	assert_true(classes_has_no_use_for("kernel/drivers/net/ethernet/intel/e1000e/e1000e.ko"));
	assert_false(classes_has_no_use_for("kernel/drivers/nvme/host/nvme.ko"));
	assert_false(classes_has_no_use_for("kernel/drivers/i2c/busses/i2c-designware-pci.ko"));
	assert_false(classes_has_no_use_for("kernel/drivers/thunderbolt/thunderbolt.ko"));
}

static void classes_are_words_between_commas(void **state)
{
	unsigned int classes = 0;

	assert_int_equal(classes_parse("usb,fs", &classes), 0);
	assert_int_equal(classes, CLASS_USB | CLASS_FS);
	assert_int_equal(classes_parse("usb,", &classes), -EINVAL);
	assert_int_equal(classes_parse("us", &classes), -EINVAL);
	assert_int_equal(classes, CLASS_USB | CLASS_FS);
	assert_int_equal(classes_parse("none", &classes), 0);
	assert_int_equal(classes, 0);
}

static char *install_modules(struct arena *arena, const char *top, const char *const paths[])
{
	static const char *const lists[] = { "modules.order", "modules.builtin",
					     "modules.builtin.modinfo" };
	const char *const argv[] = { "depmod", "-b", top, "1.0", NULL };
	char *modules = arena_printf(arena, "%s/lib/modules/1.0", top);
	struct error e = ERROR_NONE;

	assert_non_null(modules);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		write_below(modules, lists[i], "");
	for (; *paths; paths++)
		write_below(modules, *paths, "a module");
	assert_int_equal(child_run(argv, "kmod", &e), 0);
	return modules;
}

static bool late_goes_in(const char *const paths[])
{
	struct arena *arena = arena_new();
	struct tree *tree = tree_new();
	struct child_folder folder;
	struct modules *modules;
	struct error e = ERROR_NONE;
	struct kernel kernel = { .release = arena_strdup(arena, "1.0") };
	bool found;

	assert_int_equal(child_folder_new(&folder, &e), 0);
	kernel.modules = install_modules(arena, folder.path, paths);
	assert_int_equal(modules_open(&kernel, &modules, &e), 0);
	assert_int_equal(modules_want_classes(modules, CLASS_STORAGE, &e), 0);
	assert_int_equal(modules_want_late(modules, &e), 0);
	assert_int_equal(modules_add(modules, tree, &e), 0);
	assert_true(tree_has(tree, "usr/lib/modules/1.0/kernel/drivers/ata/ahci.ko"));
	assert_false(tree_has(tree, "usr/lib/modules/1.0/updates/dkms/other.ko"));
	assert_true(tree_has(tree, "usr/lib/modules/1.0/modules.alias"));
	found = tree_has(tree, "usr/lib/modules/1.0/updates/dkms/kexit_late.ko");
	modules_close(modules);
	child_folder_done(&folder);
	tree_free(tree);
	arena_free(arena);
	return found;
}

static void the_late_module_goes_in_where_it_is_installed(void **state)
{
	assert_true(late_goes_in((const char *const[]){ "kernel/drivers/ata/ahci.ko",
							"updates/dkms/kexit_late.ko",
							"updates/dkms/other.ko", NULL }));
	assert_false(late_goes_in((const char *const[]){ "kernel/drivers/ata/ahci.ko",
							 "updates/dkms/other.ko", NULL }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_are_told_by_their_folder),
		cmocka_unit_test(a_boot_loader_has_no_use_for_graphics_and_sound),
		cmocka_unit_test(classes_are_words_between_commas),
		cmocka_unit_test(the_late_module_goes_in_where_it_is_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
