// SPDX-License-Identifier: GPL-2.0-or-later
/* What kexit-mkboot puts together: archives, BOOTKERNEL, flash images, and what it reads for them. */
#include "mkboot/archive.h"
#include "mkboot/child.h"
#include "mkboot/classes.h"
#include "mkboot/contents.h"
#include "mkboot/elf.h"
#include "mkboot/flash.h"
#include "mkboot/kernel.h"
#include "mkboot/modules.h"
#include "mkboot/wrap.h"
#include "openpower/branches.h"
#include "openpower/layout.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <lzma.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct buffer bytes(const char *text)
{
	struct buffer b = { 0 };

	assert_int_equal(buffer_add(&b, text, strlen(text)), 0);
	return b;
}

static void put(struct tree *tree, const char *path, const char *text)
{
	struct buffer contents = bytes(text);

	assert_int_equal(tree_add_file(tree, PART_PROGRAMS, path, true, &contents), 0);
	assert_null(contents.data);
}

static struct buffer packed(const char *const paths[2])
{
	struct tree *tree = tree_new();
	struct buffer archive = { 0 };
	struct error e = ERROR_NONE;

	put(tree, paths[0], paths[0]);
	put(tree, paths[1], paths[1]);
	assert_int_equal(archive_pack(tree, 7, &archive, &e), 0);
	tree_free(tree);
	return archive;
}

static void the_order_of_additions_makes_no_difference(void **state)
{
	struct buffer one = packed((const char *const[]){ "usr/bin/a", "init" });
	struct buffer two = packed((const char *const[]){ "init", "usr/bin/a" });

	assert_int_equal(one.size, two.size);
	assert_memory_equal(one.data, two.data, one.size);
	assert_memory_equal(one.data, "070701", 6);
	buffer_done(&one);
	buffer_done(&two);
}

static void folders_come_before_what_is_in_them(void **state)
{
	struct tree *tree = tree_new();
	const struct tree_entry *const *entries;
	size_t count;

	put(tree, "/usr/lib/x/y", "text");
	entries = tree_entries(tree, &count);
	assert_int_equal(count, 4);
	assert_string_equal(entries[0]->path, "usr");
	assert_string_equal(entries[3]->path, "usr/lib/x/y");
	tree_free(tree);
}

static void what_is_there_stays(void **state)
{
	struct tree *tree = tree_new();
	struct buffer other = bytes("other");

	put(tree, "init", "first");
	assert_int_equal(tree_add_file(tree, PART_PROGRAMS, "/init", true, &other), -EEXIST);
	assert_non_null(other.data);
	buffer_done(&other);
	tree_free(tree);
}

static void xz_has_the_check_that_the_kernel_knows(void **state)
{
	struct buffer data = bytes("some text"), xz = { 0 };
	lzma_stream_flags flags;
	struct error e = ERROR_NONE;

	assert_int_equal(archive_compress(&data, COMPRESSION_XZ, 4, &xz, &e), 0);
	assert_int_equal(lzma_stream_header_decode(&flags, (const uint8_t *)xz.data), LZMA_OK);
	assert_int_equal(flags.check, LZMA_CHECK_CRC32);
	buffer_done(&data);
	buffer_done(&xz);
}

static void modules_are_told_by_their_folder(void **state)
{
	assert_int_equal(classes_of_module("kernel/drivers/ata/ahci.ko"), CLASS_STORAGE);
	assert_int_equal(classes_of_module("kernel/drivers/nvme/host/nvme.ko.xz"), CLASS_STORAGE);
	assert_int_equal(classes_of_module("kernel/drivers/nvme/host/nvme-tcp.ko"), CLASS_NET);
	assert_int_equal(classes_of_module("kernel/drivers/scsi/lpfc/lpfc.ko"), CLASS_SAN);
	assert_int_equal(classes_of_module("kernel/drivers/usb/gadget/libcomposite.ko"), 0);
	assert_int_equal(classes_of_module("kernel/drivers/mmc/core/mmc_core.ko"), CLASS_MMC);
	assert_int_equal(classes_of_module("kernel/drivers/gpu/drm/drm.ko"), 0);
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

static void write_below(const char *top, const char *path, const char *text)
{
	struct buffer contents = bytes(text);
	struct error e = ERROR_NONE;
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", top, path);
	for (char *slash = strchr(full + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	assert_int_equal(buffer_write(&contents, full, &e), 0);
	buffer_done(&contents);
}

/* An installed kernel's modules below @top, as depmod(8) leaves them. What is in the files does not
 * matter: depmod says that they are no modules, and lists them. */
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

/* What a process that is killed has made goes with it. */
static void a_folder_ends_with_its_process(void **state)
{
	struct child_folder folder;
	struct error e = ERROR_NONE;
	char path[sizeof(folder.path)];
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid = fork();
	if (!pid) {
		if (!child_folder_new(&folder, &e) && !access(folder.path, W_OK) &&
		    write(ends[1], folder.path, sizeof(folder.path)) > 0)
			raise(SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(read(ends[0], path, sizeof(path)), sizeof(path));
	assert_true(wait(&status) > 0); /* the one that removes it, which is ours by now */
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	close(ends[0]);
	close(ends[1]);
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

static void what_is_added_is_told_by_words(void **state)
{
	assert_true(contents_with_is_known(NULL));
	assert_true(contents_with_is_known("none"));
	assert_true(contents_with_is_known("mdadm"));
	assert_true(contents_with_is_known("mdadm,lvm"));
	assert_false(contents_with_is_known(""));
	assert_false(contents_with_is_known("lvm2"));
	assert_false(contents_with_is_known("lvm,"));
	assert_false(contents_with_is_known("lvm,cryptsetup"));
}

/* An image as kernel_from_files() finds it beside a folder of modules named 6.1.0-a. */
static int kernel_of(const struct buffer *image, struct error *e)
{
	char folder[] = "/tmp/test_mkboot.XXXXXX", path[64], modules[64];
	struct arena *arena = arena_new();
	struct kernel kernel;
	int r;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/vmlinuz", folder);
	snprintf(modules, sizeof(modules), "%s/6.1.0-a", folder);
	assert_int_equal(mkdir(modules, 0700), 0);
	assert_int_equal(buffer_write(image, path, e), 0);
	r = kernel_from_files(arena, path, modules, &kernel, e);
	assert_true(r || !strcmp(kernel.release, "6.1.0-a"));
	unlink(path);
	rmdir(modules);
	rmdir(folder);
	arena_free(arena);
	return r;
}

/* Offsets of Documentation/arch/x86/boot.rst: the magic, and where the version's text is. */
static struct buffer x86_image(const char *version)
{
	struct buffer image = { 0 };

	assert_int_equal(buffer_add(&image, "", 1), 0);
	assert_int_equal(buffer_align(&image, 0x300), 0);
	memcpy(image.data + 0x202, "HdrS", 4);
	image.data[0x20e] = 0x40;
	strcpy(image.data + 0x240, version);
	return image;
}

static void modules_of_another_kernel_are_refused(void **state)
{
	struct buffer same = x86_image("6.1.0-a (builder) #1 SMP");
	struct buffer other = x86_image("6.1.0-ab (builder) #1 SMP");
	struct buffer plain = bytes("...Linux version %s (...Linux version 6.1.0-b (builder)");
	struct buffer silent = bytes("a compressed image");
	struct error e = ERROR_NONE;

	assert_int_equal(kernel_of(&same, &e), 0);
	assert_int_equal(kernel_of(&silent, &e), 0);
	assert_int_equal(kernel_of(&other, &e), -EXDEV);
	assert_non_null(strstr(e.text, "6.1.0-ab"));
	assert_int_equal(kernel_of(&plain, &e), -EXDEV);
	assert_non_null(strstr(e.text, "is Linux 6.1.0-b,"));
	buffer_done(&same);
	buffer_done(&other);
	buffer_done(&plain);
	buffer_done(&silent);
}

/* Every kind of machine that this is built on has a loader and libc. */
static void needs_are_read_from_the_file(void **state)
{
	struct buffer self = { 0 };
	struct arena *arena = arena_new();
	struct error e = ERROR_NONE;
	struct needs needs;
	bool has_libc = false;

	assert_int_equal(buffer_read(&self, "/proc/self/exe", &e), 0);
	assert_int_equal(elf_needs(&self, arena, &needs), 0);
	assert_non_null(strstr(needs.loader, "/ld"));
	for (size_t i = 0; i < needs.count; i++)
		has_libc |= !strcmp(needs.libraries[i], "libc.so.6");
	assert_true(has_libc);
	buffer_done(&self);
	arena_free(arena);
}

static void a_cut_program_is_refused(void **state)
{
	struct buffer self = { 0 }, script = bytes("#!/bin/sh\nexit 0\n");
	struct arena *arena = arena_new();
	struct error e = ERROR_NONE;
	struct needs needs;

	assert_int_equal(elf_needs(&script, arena, &needs), -ENOEXEC);
	assert_int_equal(buffer_read(&self, "/proc/self/exe", &e), 0);
	self.size = 128;
	assert_int_equal(elf_needs(&self, arena, &needs), -EBADMSG);
	buffer_done(&self);
	buffer_done(&script);
	arena_free(arena);
}

static void a_trimmed_program_asks_for_the_same(void **state)
{
	struct buffer self = { 0 };
	struct arena *arena = arena_new();
	struct error e = ERROR_NONE;
	struct needs before, after;
	size_t size;

	assert_int_equal(buffer_read(&self, "/proc/self/exe", &e), 0);
	assert_int_equal(elf_needs(&self, arena, &before), 0);
	size = self.size;
	elf_trim(&self);
	assert_true(self.size < size);
	assert_int_equal(elf_needs(&self, arena, &after), 0);
	assert_string_equal(before.loader, after.loader);
	assert_int_equal(before.count, after.count);
	buffer_done(&self);
	arena_free(arena);
}

static void a_trimmed_program_runs(void **state)
{
	char folder[] = "/tmp/test_mkboot.XXXXXX", path[64];
	struct buffer program = { 0 };
	struct error e = ERROR_NONE;

	assert_int_equal(buffer_read(&program, "/bin/true", &e), 0);
	elf_trim(&program);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/true", folder);
	assert_int_equal(buffer_write(&program, path, &e), 0);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(system(path), 0);
	unlink(path);
	rmdir(folder);
	buffer_done(&program);
}

static void what_is_no_whole_program_is_not_trimmed(void **state)
{
	struct buffer script = bytes("#!/bin/sh\nexit 0\n"), self = { 0 };
	struct error e = ERROR_NONE;
	size_t size = script.size;

	elf_trim(&script);
	assert_int_equal(script.size, size);
	assert_int_equal(buffer_read(&self, "/proc/self/exe", &e), 0);
	self.size = size = 4096;
	elf_trim(&self);
	assert_int_equal(self.size, size);
	buffer_done(&script);
	buffer_done(&self);
}

static uint32_t big32(const char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static uint32_t xored(const char *at, size_t size)
{
	uint32_t sum = 0, word;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, at + i, sizeof(word));
		sum ^= word;
	}
	return sum;
}

/* Offsets as in skiboot's libflash/ffs.h: a header of 48 bytes, entries of 128. */
static void a_flash_has_a_table_and_the_kernel_where_it_says(void **state)
{
	struct buffer kernel = bytes("the kernel"), image = { 0 };
	struct error e = ERROR_NONE;
	const char *entry;

	assert_int_equal(flash_make(&kernel, &image, &e), 0);
	assert_int_equal(image.size, FLASH_SIZE);
	assert_memory_equal(image.data, "PART", 4);
	assert_int_equal(big32(image.data + 16), 3);
	assert_int_equal(xored(image.data, 48), 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(xored(image.data + 48 + 128 * i, 128), 0);
	entry = image.data + 48 + 128 * 2;
	assert_string_equal(entry, "BOOTKERNEL");
	assert_int_equal(big32(entry + 20) * big32(image.data + 20), BOOTKERNEL_SIZE);
	assert_int_equal(big32(entry + 40), kernel.size);
	assert_memory_equal(image.data + (size_t)big32(entry + 16) * 4096, "the kernel", 10);
	buffer_done(&kernel);
	buffer_done(&image);
}

static void a_kernel_too_large_for_its_partition_is_told(void **state)
{
	struct buffer kernel = { .size = BOOTKERNEL_SIZE + 1 }, image = { 0 };
	struct error e = ERROR_NONE;

	assert_int_equal(flash_make(&kernel, &image, &e), -EFBIG);
	assert_non_null(strstr(e.text, "--class"));
	assert_null(image.data);
}

/* bl 0x100 from 0 and from 8; the instruction between them is no call (AA = 1, `bla`). */
static void calls_of_one_function_become_alike(void **state)
{
	unsigned char code[] = { 0x01, 0x01, 0x00, 0x48, 0x03, 0x01,
				 0x00, 0x48, 0xf9, 0x00, 0x00, 0x48 };
	const unsigned char alike[] = { 0x01, 0x01, 0x00, 0x48, 0x03, 0x01,
					0x00, 0x48, 0x01, 0x01, 0x00, 0x48 };

	branches_convert(code, sizeof(code), BRANCHES_TO_TARGETS);
	assert_memory_equal(code, alike, sizeof(code));
}

/* With distances that wrap, words that only look like calls, and an end within a word. */
static void all_bytes_come_back_as_they_were(void **state)
{
	unsigned char code[4099], before[sizeof(code)];
	uint32_t random = 1;

	for (size_t i = 0; i < sizeof(code); i++) {
		random = random * 1103515245 + 12345;
		code[i] = i % 8 == 3 ? 0x48 + random % 4 : (unsigned char)(random >> 16);
	}
	memcpy(before, code, sizeof(code));
	branches_convert(code, sizeof(code), BRANCHES_TO_TARGETS);
	assert_memory_not_equal(code, before, sizeof(code));
	branches_convert(code, sizeof(code), BRANCHES_TO_DISTANCES);
	assert_memory_equal(code, before, sizeof(code));
}

struct small_kernel {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	char code[16];
};

static const struct small_kernel small = {
	.header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
		.e_machine = EM_PPC64,
		.e_entry = 0xc000000000000004,
		.e_phoff = offsetof(struct small_kernel, segment),
		.e_phnum = 1,
	},
	.segment = {
		.p_type = PT_LOAD,
		.p_offset = offsetof(struct small_kernel, code),
		.p_vaddr = 0xc000000000000000,
		.p_filesz = 16,
		.p_memsz = 32,
	},
	.code = "kernel's code.",
};

static struct buffer fake_wrapper(void)
{
	const struct wrapper_table table = { .magic = WRAPPER_MAGIC, .image_size = 256 };
	struct buffer b = { 0 };

	assert_int_equal(buffer_add(&b, "", 1), 0);
	assert_int_equal(buffer_align(&b, 256), 0);
	memcpy(b.data + WRAPPER_TABLE, &table, sizeof(table));
	return b;
}

static void skiboot_is_told_the_length_of_the_whole_file(void **state)
{
	struct buffer wrapper = fake_wrapper(), initrd = bytes("initrd"), file = { 0 };
	struct buffer kernel = { .data = (char *)(uintptr_t)&small, .size = sizeof(small) };
	const struct wrap_parts parts = { &wrapper, &kernel, &initrd, "console=hvc0" };
	struct wrapper_table table;
	uint64_t limit = UINT64_MAX;
	size_t in = 0, out = 0;
	struct error e = ERROR_NONE;
	Elf64_Ehdr header;
	char code[32];

	assert_int_equal(wrap(&parts, &file, &e), 0);
	memcpy(&header, file.data, sizeof(header));
	assert_int_equal(header.e_shoff + header.e_shnum * header.e_shentsize, file.size);
	memcpy(&table, file.data + 4096 + WRAPPER_TABLE, sizeof(table));
	assert_int_equal(table.kernel_entry, 4);
	assert_int_equal(table.initrd_offset % 65536, 0);
	assert_memory_equal(file.data + 4096 + table.initrd_offset, "initrd", table.initrd_size);
	assert_string_equal(file.data + 4096 + table.command_offset, "console=hvc0");
	assert_int_equal(lzma_stream_buffer_decode(
				 &limit, 0, NULL,
				 (const uint8_t *)file.data + 4096 + table.kernel_offset, &in,
				 table.kernel_size, (uint8_t *)code, &out, sizeof(code)),
			 LZMA_OK);
	assert_int_equal(out, 16);
	assert_memory_equal(code, small.code, 16);
	buffer_done(&wrapper);
	buffer_done(&initrd);
	buffer_done(&file);
}

static void only_a_kernel_for_the_machine_is_wrapped(void **state)
{
	struct small_kernel other = small;
	struct buffer wrapper = fake_wrapper(), initrd = bytes("initrd"), file = { 0 };
	struct buffer kernel = { .data = (char *)&other, .size = sizeof(other) };
	const struct wrap_parts parts = { &wrapper, &kernel, &initrd, NULL };
	struct error e = ERROR_NONE;

	other.segment.p_filesz = 17;
	assert_int_equal(wrap(&parts, &file, &e), -ENOEXEC);
	other = small;
	other.header.e_machine = EM_X86_64;
	assert_int_equal(wrap(&parts, &file, &e), -ENOEXEC);
	wrapper.data[WRAPPER_TABLE] = 'x';
	assert_int_equal(wrap(&parts, &file, &e), -ENOEXEC);
	assert_non_null(strstr(e.text, "openpower.bin"));
	buffer_done(&wrapper);
	buffer_done(&initrd);
	buffer_done(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_additions_makes_no_difference),
		cmocka_unit_test(folders_come_before_what_is_in_them),
		cmocka_unit_test(what_is_there_stays),
		cmocka_unit_test(xz_has_the_check_that_the_kernel_knows),
		cmocka_unit_test(modules_are_told_by_their_folder),
		cmocka_unit_test(a_boot_loader_has_no_use_for_graphics_and_sound),
		cmocka_unit_test(classes_are_words_between_commas),
		cmocka_unit_test(what_is_added_is_told_by_words),
		cmocka_unit_test(modules_of_another_kernel_are_refused),
		cmocka_unit_test(a_folder_ends_with_its_process),
		cmocka_unit_test(the_late_module_goes_in_where_it_is_installed),
		cmocka_unit_test(needs_are_read_from_the_file),
		cmocka_unit_test(a_cut_program_is_refused),
		cmocka_unit_test(a_trimmed_program_asks_for_the_same),
		cmocka_unit_test(a_trimmed_program_runs),
		cmocka_unit_test(what_is_no_whole_program_is_not_trimmed),
		cmocka_unit_test(calls_of_one_function_become_alike),
		cmocka_unit_test(all_bytes_come_back_as_they_were),
		cmocka_unit_test(a_flash_has_a_table_and_the_kernel_where_it_says),
		cmocka_unit_test(a_kernel_too_large_for_its_partition_is_told),
		cmocka_unit_test(skiboot_is_told_the_length_of_the_whole_file),
		cmocka_unit_test(only_a_kernel_for_the_machine_is_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
