// SPDX-License-Identifier: GPL-2.0-or-later
/* systemd-boot's EFI variables; see efi_choice.h. */
#include "entry/efi_choice.h"

#include <errno.h>
#include <stdio.h>

#define VARIABLES  "/sys/firmware/efi/efivars"
#define VENDOR	   "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ATTRIBUTES 4 /* bytes before the value (Linux: Documentation/filesystems/efivarfs.rst) */
#define VALUE_MAX  1024

/*
 * The value is UTF-16, and ids are ASCII (Boot Loader Specification, "Type #1": names of files);
 * what is not makes no id. sysroot_read() cuts newlines at the end, which an id has not either.
 */
static int read_variable(struct entry_list *list, const struct sysroot *machine, const char *name,
			 const char **ret_value)
{
	char path[256], bytes[VALUE_MAX], text[VALUE_MAX / 2];
	size_t length = 0;
	ssize_t n;

	snprintf(path, sizeof(path), VARIABLES "/%s-" VENDOR, name);
	n = sysroot_read(machine, path, bytes, sizeof(bytes));
	for (ssize_t i = ATTRIBUTES; i + 1 < n && (bytes[i] || bytes[i + 1]); i += 2) {
		if (bytes[i + 1] || bytes[i] <= ' ' || bytes[i] > '~')
			return 0;
		text[length++] = bytes[i];
	}
	if (!length)
		return 0;
	*ret_value = arena_strndup(list->arena, text, length);
	return *ret_value ? 0 : -ENOMEM;
}

int efi_choice_read(struct entry_list *list, const struct sysroot *machine)
{
	if (read_variable(list, machine, "LoaderEntryLastBooted", &list->last_id) ||
	    read_variable(list, machine, "LoaderEntryDefault", &list->chosen_id))
		return -ENOMEM;
	return 0;
}
