// SPDX-License-Identifier: GPL-2.0-or-later
/* Command lines, initrds, and which method is tried when. */
#include "image/cmdline.h"
#include "image/devicetree.h"
#include "image/identity.h"
#include "image/initrd.h"
#include "image/load.h"
#include "image/release.h"
#include "unit/fake/fake_dtb.h"
#include "unit/fake/fake_ops.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* The head of an ELF kernel for the machine that the test was built for. */
#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#elif defined(__powerpc64__)
#define MACHINE EM_PPC64
#else
#error name the ELF machine of this architecture
#endif
static const Elf64_Ehdr elf_kernel = {
	.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
	.e_type = ET_EXEC,
	.e_machine = MACHINE,
};

static struct fake *fake;
static struct error error;
static char kernel[PATH_MAX], initrd1[PATH_MAX], initrd2[PATH_MAX], dtb[PATH_MAX];
static const char *initrds[2] = { initrd1, initrd2 };

static int set_up(void **state)
{
	fake = fake_new(NULL, NULL);
	fake_file(fake, "/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 crashkernel=256M\n");
	fake_file(fake, "/sys/kernel/kexec_loaded", "0\n");
	fake_bytes(fake, "/vmlinuz", &elf_kernel, sizeof(elf_kernel));
	fake_file(fake, "/initrd1", "12345");
	fake_file(fake, "/initrd2", "abcd");
	fake_file(fake, "/dtb", "d");
	snprintf(kernel, sizeof(kernel), "%s/vmlinuz", fake->tree);
	snprintf(initrd1, sizeof(initrd1), "%s/initrd1", fake->tree);
	snprintf(initrd2, sizeof(initrd2), "%s/initrd2", fake->tree);
	snprintf(dtb, sizeof(dtb), "%s/dtb", fake->tree);
	error = (struct error)ERROR_NONE;
	return 0;
}

static int tear_down(void **state)
{
	fake_free(fake);
	return 0;
}

static void assert_says(const char *words)
{
	if (!strstr(error.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, error.text);
}

static void assert_cmdline(const char *current, const char *append, const char *expected)
{
	char *cmdline;

	if (current)
		fake_file(fake, "/proc/cmdline", current);
	assert_int_equal(cmdline_make(fake->sys.root, current != NULL, append, &cmdline, &error),
			 0);
	assert_string_equal(cmdline, expected);
	free(cmdline);
}

static void test_cmdline(void **state)
{
	assert_cmdline(NULL, NULL, "");
	assert_cmdline(NULL, "quiet", "quiet");
	assert_cmdline("BOOT_IMAGE=/vmlinuz root=/dev/sda1 crashkernel=256M\n", NULL,
		       "root=/dev/sda1 crashkernel=256M");
	assert_cmdline("root=/dev/sda1 BOOT_IMAGE=(hd0)/vmlinuz ro", "quiet",
		       "root=/dev/sda1 ro quiet");
}

static void test_cmdline_quotes_hold_words_together(void **state)
{
	assert_cmdline("dyndbg=\"file a.c +p; BOOT_IMAGE=x\" ro", NULL,
		       "dyndbg=\"file a.c +p; BOOT_IMAGE=x\" ro");
	assert_cmdline("BOOT_IMAGE=\"/a b\" ro", NULL, "ro");
}

static void test_append_stays_a_parameter(void **state)
{
	assert_cmdline("ro -- single", "quiet", "ro quiet -- single");
}

static void test_cmdline_is_one_line(void **state)
{
	char *cmdline = NULL;

	assert_int_equal(cmdline_make(fake->sys.root, false, "a\nb", &cmdline, &error), -EINVAL);
	assert_null(cmdline);
	assert_says("--append");
}

static void test_cmdline_limit(void **state)
{
	assert_int_equal(cmdline_check("12345", 5, "arm64 Image", &error), 0);
	assert_int_equal(cmdline_check("123456", 5, "arm64 Image", &error), -E2BIG);
	assert_string_equal(error.text, "the command line is 6 bytes long, and this arm64 Image "
					"takes 5: take 1 bytes away");
}

static void test_no_initrd_and_one(void **state)
{
	unsigned long long bytes;
	int fd;

	assert_int_equal(initrd_open(initrds, NULL, 0, NULL, &fd, &bytes, &error), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(initrd_open(initrds, NULL, 1, NULL, &fd, &bytes, &error), 0);
	assert_int_equal(bytes, 5);
	close(fd);
}

static void test_several_initrds_are_padded(void **state)
{
	unsigned long long bytes;
	char content[16];
	int fd;

	assert_int_equal(initrd_open(initrds, NULL, 2, NULL, &fd, &bytes, &error), 0);
	assert_int_equal(bytes, 12);
	assert_int_equal(pread(fd, content, sizeof(content), 0), 12);
	assert_memory_equal(content, "12345\0\0\0abcd", 12);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

/* What crosses the jump comes behind the last, aligned; without an initrd there is nothing to be behind. */
static void test_what_is_carried_comes_last(void **state)
{
	struct image_part last = { .fd = memfd_create("carried", MFD_CLOEXEC) };
	unsigned long long bytes;
	char content[16];
	int fd;

	assert_int_equal(write(last.fd, "last", 4), 4);
	assert_int_equal(initrd_open(initrds, NULL, 1, &last, &fd, &bytes, &error), 0);
	assert_int_equal(bytes, 12);
	assert_int_equal(pread(fd, content, sizeof(content), 0), 12);
	assert_memory_equal(content, "12345\0\0\0last", 12);
	close(fd);
	assert_int_equal(initrd_open(initrds, NULL, 0, &last, &fd, &bytes, &error), 0);
	assert_int_equal(fd, -1);
	close(last.fd);
}

static void test_a_kernel_has_an_identity(void **state)
{
	struct image_request request = { .kernel = initrd1 };
	char first[64], second[64];

	assert_int_equal(image_identity(&request, first, sizeof(first), &error), 0);
	/* FNV-1a of "12345". */
	assert_string_equal(first, "5-e575e8883c0f89f8");
	fake_file(fake, "/initrd1", "12346");
	assert_int_equal(image_identity(&request, second, sizeof(second), &error), 0);
	assert_string_not_equal(first, second);
}

/* A bzImage of 2 KiB whose header says where the version is. */
static void put_bzimage(const char *version, unsigned int at)
{
	unsigned char image[2048] = { 0 };

	memcpy(image + 0x202, "HdrS", 4);
	image[0x20e] = (unsigned char)(at - 0x200);
	image[0x20f] = (unsigned char)((at - 0x200) >> 8);
	if (at < sizeof(image))
		strcpy((char *)image + at, version);
	fake_bytes(fake, "/vmlinuz", image, sizeof(image));
}

static void test_a_bzimage_says_its_release(void **state)
{
	struct image_request request = { .kernel = kernel };
	char release[64];

	put_bzimage("6.12.57+deb13-amd64 (debian-kernel@lists.debian.org) #1 SMP", 0x500);
	assert_int_equal(image_release(&request, release, sizeof(release), &error), 0);
	assert_string_equal(release, "6.12.57+deb13-amd64");
}

/* A folder is looked for by that name. */
static void test_what_is_no_release_is_none(void **state)
{
	struct image_request request = { .kernel = kernel };
	char release[64] = "untouched";

	assert_int_equal(image_release(&request, release, sizeof(release), &error), -ENOTSUP);
	put_bzimage("../../etc", 0x500);
	assert_int_equal(image_release(&request, release, sizeof(release), &error), -ENOTSUP);
	put_bzimage("", 0x500);
	assert_int_equal(image_release(&request, release, sizeof(release), &error), -ENOTSUP);
	put_bzimage("", 0x900);
	assert_int_equal(image_release(&request, release, sizeof(release), &error), -ENOTSUP);
	assert_string_equal(release, "untouched");
}

static void test_missing_and_empty_initrd(void **state)
{
	const char *missing[] = { initrd1, "/nonexistent" };
	unsigned long long bytes;
	int fd = -2;

	assert_int_equal(initrd_open(missing, NULL, 2, NULL, &fd, &bytes, &error), -ENOENT);
	assert_says("/nonexistent: --initrd cannot be opened: ENOENT");
	fake_file(fake, "/initrd1", "");
	assert_int_equal(initrd_open(initrds, NULL, 1, NULL, &fd, &bytes, &error), -ENODATA);
	assert_says("is empty");
	assert_int_equal(fd, -2);
}

static struct image_request request(void)
{
	return (struct image_request){ .kernel = kernel, .append = "quiet" };
}

static void test_file_method_comes_first(void **state)
{
	struct image_request r = request();
	struct image_loaded loaded;

	assert_int_equal(image_load_describe(&fake->sys, &r, &loaded, &error), 0);
	assert_int_equal(fake_log_find(fake, "load 64 -1 0x4 quiet = 0"), 0);
	assert_int_equal(fake_log_count(fake, "run *"), 0);
	assert_string_equal(loaded.method, "kexec_file_load");
	assert_int_equal(loaded.cmdline_length, 5);
	assert_int_equal(loaded.initrd_bytes, 0);
}

static void test_initrds_reach_the_kernel(void **state)
{
	struct image_request r = request();

	r.initrds = initrds;
	r.initrd_count = 2;
	r.reuse_cmdline = true;
	assert_int_equal(image_load(&fake->sys, &r, &error), 0);
	assert_int_equal(
		fake_log_find(fake, "load 64 12 0 root=/dev/sda1 crashkernel=256M quiet = 0"), 0);
}

static void test_kernel_without_the_file_call(void **state)
{
	static const struct fake_fault faults[] = { { "load", NULL, FAKE_ERRNO, -ENOSYS },
						    { NULL, NULL, 0, 0 } };
	struct image_request r = request();
	struct image_loaded loaded;
	char line[3 * PATH_MAX];

	fake->faults = faults;
	r.initrds = initrds;
	r.initrd_count = 1;
	assert_int_equal(image_load_describe(&fake->sys, &r, &loaded, &error), 0);
	snprintf(line, sizeof(line), "run kexec -l -c --initrd=%s --command-line=quiet %s = 0",
		 initrd1, kernel);
	assert_int_equal(fake_log_find(fake, line), 1);
	assert_string_equal(loaded.method, "kexec_load (kexec-tools)");
}

static void test_joined_initrds_reach_kexec_tools(void **state)
{
	struct image_request r = request();

	r.method = IMAGE_METHOD_CLASSIC;
	r.initrds = initrds;
	r.initrd_count = 2;
	assert_int_equal(image_load(&fake->sys, &r, &error), 0);
	assert_int_equal(fake_log_find(fake, "run kexec -l -c --initrd=/proc/self/fd/* = 0"), 0);
}

/* An entry's tree is another one by the time that kexec-tools gets it, and so has no path. */
static void test_tree_of_an_entry_is_made(void **state)
{
	struct image_request r = request();
	size_t size;
	unsigned char *tree = FAKE_DTB("acme,board", "Acme", &size);

	fake_bytes(fake, "/dtb", tree, size);
	fake_bytes(fake, "/sys/firmware/fdt", tree, size);
	free(tree);
	r.dtb = dtb;
	r.is_board_tree = true;
#if defined(__x86_64__)
	assert_int_equal(image_check(fake->sys.root, &r, &error), -EINVAL);
#else
	assert_int_equal(image_load(&fake->sys, &r, &error), 0);
	assert_int_equal(fake_log_count(fake, devicetree_is_able()
						      ? "run kexec * --dtb=/proc/self/fd/* *"
						      : "run kexec * --dtb=*/dtb *"),
			 1);
	if (!devicetree_is_able())
		return;
	fake_file(fake, "/dtb", "no tree");
	assert_int_equal(image_load(&fake->sys, &r, &error), -EBADMSG);
	assert_says("/dtb: it is no whole device tree");
#endif
}

static void test_dtb_is_for_kexec_tools(void **state)
{
	struct image_request r = request();

	r.dtb = dtb;
#if defined(__x86_64__)
	assert_int_equal(image_load(&fake->sys, &r, &error), -EINVAL);
	assert_says("no device tree");
	assert_int_equal(fake_log_count(fake, "*"), 0);
#else
	assert_int_equal(image_load(&fake->sys, &r, &error), 0);
	assert_int_equal(fake_log_count(fake, "load *"), 0);
	assert_int_equal(fake_log_count(fake, "run kexec * --dtb=*/dtb *"), 1);
	r.method = IMAGE_METHOD_FILE;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EINVAL);
	assert_says("--method classic");
#endif
}

static void test_signature_is_not_gone_round(void **state)
{
	static const struct fake_fault faults[] = { { "load", NULL, FAKE_ERRNO, -EKEYREJECTED },
						    { NULL, NULL, 0, 0 } };
	struct image_request r = request();

	fake->faults = faults;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EKEYREJECTED);
	assert_says("EKEYREJECTED");
	assert_says("--method classic");
	assert_int_equal(fake_log_count(fake, "run *"), 0);
}

static void test_lockdown_says_what_is_needed(void **state)
{
	static const struct fake_fault faults[] = { { "load", NULL, FAKE_ERRNO, -ENODATA },
						    { NULL, NULL, 0, 0 } };
	struct image_request r = request();

	fake_file(fake, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	fake->faults = faults;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EPERM);
	assert_says("locked down (integrity)");
	assert_says("signed kernel");
	r.method = IMAGE_METHOD_CLASSIC;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EPERM);
	assert_says("--method file");
	assert_int_equal(fake_log_count(fake, "run *"), 0);
}

#if defined(__x86_64__)
static void test_long_line_goes_to_kexec_tools(void **state)
{
	static const struct fake_fault faults[] = { { "load", NULL, FAKE_ERRNO, -EINVAL },
						    { NULL, NULL, 0, 0 } };
	/* Protocol 2.15, 64-bit, 2047 bytes of command line. */
	unsigned char bzimage[0x240] = {
		[0x1f1] = 1,	[0x1fe] = 0x55, [0x1ff] = 0xaa, [0x202] = 'H',
		[0x203] = 'd',	[0x204] = 'r',	[0x205] = 'S',	[0x206] = 0x0f,
		[0x207] = 0x02, [0x236] = 1,	[0x238] = 0xff, [0x239] = 0x07,
	};
	struct image_request r = request();
	unsigned char whole[1024] = { 0 };
	char line[2018] = "";

	fake->faults = faults;
	fake_bytes(fake, "/vmlinuz", bzimage, sizeof(bzimage));
	assert_int_equal(image_load(&fake->sys, &r, &error), -ENODATA);
	assert_says("cut short");
	memcpy(whole, bzimage, sizeof(bzimage));
	fake_bytes(fake, "/vmlinuz", whole, sizeof(whole));
	assert_int_equal(image_load(&fake->sys, &r, &error), -EINVAL);
	memset(line, 'x', sizeof(line) - 1);
	r.append = line;
	assert_int_equal(image_load(&fake->sys, &r, &error), 0);
	r.method = IMAGE_METHOD_FILE;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EINVAL);
	assert_says("take 1 bytes away");
}
#endif

static void test_both_reasons_are_told(void **state)
{
	static const struct fake_fault faults[] = { { "load", NULL, FAKE_ERRNO, -ENOEXEC },
						    { "run", NULL, FAKE_ERRNO, -ENOENT },
						    { NULL, NULL, 0, 0 } };
	struct image_request r = request();

	fake->faults = faults;
	assert_int_equal(image_load(&fake->sys, &r, &error), -ENOENT);
	assert_says("kexec_file_load answered ENOEXEC");
	assert_says("install the package kexec-tools");
}

static void test_files_that_can_be_read_now_are_told(void **state)
{
	static const struct fake_fault faults[] = { { "load", NULL, FAKE_ERRNO, -EIO },
						    { NULL, NULL, 0, 0 } };
	struct image_request r = request();

	fake->faults = faults;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EIO);
	assert_says("/vmlinuz: kexec_file_load answered EIO");
	assert_says("try again");
}

static void test_kexec_tools_words_are_told(void **state)
{
	static const struct fake_fault faults[] = { { "run", NULL, FAKE_ERRNO, 255 },
						    { NULL, NULL, 0, 0 } };
	struct image_request r = request();

	fake->faults = faults;
	r.method = IMAGE_METHOD_CLASSIC;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EIO);
	assert_says("status 255 and said: kexec: fault injected");
}

static void test_loader_that_lies(void **state)
{
	static const struct fake_fault faults[] = { { "load", NULL, FAKE_PRETEND, 0 },
						    { NULL, NULL, 0, 0 } };
	struct image_request r = request();

	fake->faults = faults;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EIO);
	assert_says("kexec_loaded is 0");
}

static void test_nothing_is_loaded_that_was_refused(void **state)
{
	char longer[2100];
	struct image_request r = request();

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	r.append = longer;
	assert_int_equal(image_check(fake->sys.root, &r, &error), -E2BIG);
	assert_int_equal(image_load(&fake->sys, &r, &error), -E2BIG);
	r = request();
	r.kernel = "/nonexistent";
	assert_int_equal(image_load(&fake->sys, &r, &error), -ENOENT);
	assert_says("/nonexistent: the kernel cannot be opened");
	r.kernel = initrd1;
	assert_int_equal(image_load(&fake->sys, &r, &error), -ENOEXEC);
	assert_says("is not a kernel");
	r.kernel = fake->tree;
	assert_int_equal(image_load(&fake->sys, &r, &error), -EISDIR);
	assert_int_equal(fake_log_count(fake, "*"), 0);
}

static void test_unload(void **state)
{
	static const struct fake_fault faults[] = { { "unload", NULL, FAKE_ERRNO, -EBUSY },
						    { NULL, NULL, 0, 0 } };

	assert_int_equal(image_unload(&fake->sys, &error), 0);
	assert_int_equal(fake_log_find(fake, "unload = 0"), 0);
	fake->faults = faults;
	assert_int_equal(image_unload(&fake->sys, &error), -EBUSY);
	assert_says("try again");
}

static void test_method_words(void **state)
{
	enum image_method method = IMAGE_METHOD_AUTO;

	assert_int_equal(image_method_parse("classic", &method), 0);
	assert_int_equal(method, IMAGE_METHOD_CLASSIC);
	assert_int_equal(image_method_parse("fast", &method), -EINVAL);
	assert_int_equal(method, IMAGE_METHOD_CLASSIC);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_cmdline),
		TEST(test_cmdline_quotes_hold_words_together),
		TEST(test_append_stays_a_parameter),
		TEST(test_cmdline_is_one_line),
		TEST(test_cmdline_limit),
		TEST(test_no_initrd_and_one),
		TEST(test_several_initrds_are_padded),
		TEST(test_what_is_carried_comes_last),
		TEST(test_a_kernel_has_an_identity),
		TEST(test_a_bzimage_says_its_release),
		TEST(test_what_is_no_release_is_none),
		TEST(test_missing_and_empty_initrd),
		TEST(test_file_method_comes_first),
		TEST(test_initrds_reach_the_kernel),
		TEST(test_kernel_without_the_file_call),
		TEST(test_joined_initrds_reach_kexec_tools),
		TEST(test_dtb_is_for_kexec_tools),
		TEST(test_tree_of_an_entry_is_made),
		TEST(test_signature_is_not_gone_round),
		TEST(test_lockdown_says_what_is_needed),
#if defined(__x86_64__)
		TEST(test_long_line_goes_to_kexec_tools),
#endif
		TEST(test_both_reasons_are_told),
		TEST(test_files_that_can_be_read_now_are_told),
		TEST(test_kexec_tools_words_are_told),
		TEST(test_loader_that_lies),
		TEST(test_nothing_is_loaded_that_was_refused),
		TEST(test_unload),
		TEST(test_method_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
