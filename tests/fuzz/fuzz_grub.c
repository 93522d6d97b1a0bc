// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a grub.cfg: read to its end, with a reason for each entry that cannot be booted.
 *
 * libFuzzer's entry point, which keeps the file in memory (/dev/shm; a folder stays behind). By hand,
 * from the top folder:
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -iquote src \
 *     tests/fuzz/fuzz_grub.c src/{entry,format}/[a-z]*.c src/grub/[a-z]*.c src/base/[a-z]*.c src/sys/{folder,fsroot*,root}.c -o \
 *     fuzz_grub
 *   ./fuzz_grub -max_total_time=120 -timeout=10 -dict=tests/fuzz/grub.dict CORPUS
 */
#include "format/formats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static char folder[] = "/dev/shm/fuzz_grub.XXXXXX";

static void write_file(const char *name, const void *data, size_t size)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/boot/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

static void make_folder(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (mkdir(path, 0700))
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char block[] = "# GRUB Environment Block\nsaved_entry=a\nx=b c\n####";
	static const char snippet[] = "title A\nlinux /boot/vmlinuz\noptions $x\n";

	if (!mkdtemp(folder))
		abort();
	make_folder("boot");
	make_folder("boot/grub");
	make_folder("boot/loader");
	make_folder("boot/loader/entries");
	write_file("vmlinuz", "kernel", 6);
	write_file("grub/grubenv", block, strlen(block));
	write_file("loader/entries/a.conf", snippet, strlen(snippet));
	return 0;
}

static int find(const struct entry_source *source, enum entry_volume kind, const char *name,
		const struct fsroot **ret_root)
{
	*ret_root = source->root;
	return *name == 'x' ? -ENOENT : 0;
}

static void check(const struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = list->entries[i];

		if (!entry->id || !entry->title || !entry->path)
			abort();
		if (!entry->greyed && (!entry->kernel.root || entry->kernel.path[0] != '/'))
			abort();
	}
	if (list->preferred && list->preferred->greyed)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_source source = { .find = find };
	struct entry_list *list = entry_list_new();
	struct fsroot *root;

	write_file("grub/grub.cfg", data, size);
	if (!list || fsroot_open(folder, &root))
		abort();
	source.root = root;
	if (grub_read(&source, list) || entry_list_settle(list))
		abort();
	check(list);
	entry_list_free(list);
	fsroot_close(root);
	return 0;
}
