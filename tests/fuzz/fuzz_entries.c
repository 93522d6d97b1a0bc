// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a file of a boot loader: entries or problems, and nothing outside of the file.
 *
 * The first byte says which file it is; the rest is its contents. libFuzzer's entry point, which
 * keeps the file in memory (/dev/shm). By hand, from the top folder:
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -iquote src \
 *     tests/fuzz/fuzz_entries.c \
 *     $(find src/entry src/format -name '*.c' | grep -v -e grub -e read.c -e /image.c -e foreign.c) \
 *     src/sys/{folder,fsroot,fsroot_walk,root}.c \
 *     src/base/{arena,error,map,utf8}.c -o fuzz_entries
 *   ./fuzz_entries -max_total_time=60 -max_len=8192 CORPUS
 */
#include "format/formats.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const struct {
	const char *path;
	int (*read)(const struct entry_source *source, struct entry_list *list);
} files[] = {
	{ "loader/entries/a+3-1.conf", bls_read },
	{ "loader/loader.conf", bls_read },
	{ "extlinux.conf", syslinux_read },
	{ "EFI/Linux/a.efi", uki_read },
	{ "extlinux/extlinux.conf", syslinux_read },
	{ "isolinux/isolinux.cfg", syslinux_read },
	{ "syslinux/syslinux.cfg", syslinux_read },
	{ "petitboot.conf", petitboot_read },
	{ "kboot.conf", kboot_read },
	{ "yaboot.conf", yaboot_read },
};

static struct entry_source source;
static int folder_fd;

/* Each input is the one file of this folder while it is tried. Empty folders stay behind. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char folder[] = "/dev/shm/fuzz-entries-XXXXXX";
	struct fsroot *root;

	(void)argc;
	(void)argv;
	if (!mkdtemp(folder))
		abort();
	folder_fd = open(folder, O_PATH | O_DIRECTORY);
	if (mkdirat(folder_fd, "loader", 0700) || mkdirat(folder_fd, "loader/entries", 0700) ||
	    mkdirat(folder_fd, "EFI", 0700) || mkdirat(folder_fd, "EFI/Linux", 0700) ||
	    mkdirat(folder_fd, "extlinux", 0700) || mkdirat(folder_fd, "isolinux", 0700) ||
	    mkdirat(folder_fd, "syslinux", 0700) || fsroot_open(folder, &root))
		abort();
	source.root = root;
	return 0;
}

static void put(const char *path, const void *data, size_t size)
{
	int fd = openat(folder_fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* A section must lie in the file, whatever the headers said. */
static void check_file(const struct entry_file *file, size_t size)
{
	if (file->root && file->length &&
	    (file->offset > size || file->length > size - file->offset))
		abort();
}

static void check(const struct entry_list *list, size_t size)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = list->entries[i];

		if (!entry->id || !entry->title || entry->title[strcspn(entry->title, "\n\033")])
			abort();
		if (!entry->greyed && !entry->kernel.root)
			abort();
		check_file(&entry->kernel, size);
		for (size_t k = 0; k < entry->initrd_count; k++)
			check_file(&entry->initrds[k], size);
	}
	for (size_t i = 0; i < list->problem_count; i++)
		if (!list->problems[i].reason[0])
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new();
	size_t which;

	if (!size || !list) {
		entry_list_free(list);
		return 0;
	}
	which = data[0] % (sizeof(files) / sizeof(files[0]));
	put(files[which].path, data + 1, size - 1);
	list->machine = "x86_64";
	list->is_locked_down = data[0] & 0x80;
	if (files[which].read(&source, list) || entry_list_settle(list))
		abort();
	check(list, size - 1);
	entry_list_free(list);
	unlinkat(folder_fd, files[which].path, 0);
	return 0;
}
