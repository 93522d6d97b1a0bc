// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Functions of the kernel by name, the cheap source first.
 *
 * A module's type information is some KiB (Linux: Documentation/bpf/btf.rst); /proc/kallsyms makes
 * the kernel print every symbol that it has, a tenth of a second on a slow machine.
 */
#include "sys/symbol.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BTF_MAGIC 0xeb9f
#define BTF_MAX	  (16u << 20)

/* struct btf_header; offsets count from the header's end. */
struct btf_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_length;
	uint32_t type_offset, type_length;
	uint32_t string_offset, string_length;
};

/* The whole file; the caller frees it. */
static int read_bytes(int fd, char **ret_bytes, size_t *ret_size)
{
	struct stat st;
	size_t size = 0;
	char *bytes;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size <= 0 || st.st_size > BTF_MAX)
		return -EFBIG;
	bytes = malloc((size_t)st.st_size);
	if (!bytes)
		return -ENOMEM;
	do {
		n = read(fd, bytes + size, (size_t)st.st_size - size);
		if (n > 0)
			size += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0) {
		int code = -errno;

		free(bytes);
		return code;
	}
	*ret_bytes = bytes;
	*ret_size = size;
	return 0;
}

/* Strings follow each other, each with its NUL, the first of them empty. */
static bool has_string(const char *strings, size_t size, const char *wanted)
{
	size_t length = strlen(wanted) + 1;

	while (size >= length) {
		size_t used = strnlen(strings, size) + 1;

		if (used == length && !memcmp(strings, wanted, length))
			return true;
		if (used > size)
			return false;
		strings += used;
		size -= used;
	}
	return false;
}

/* Names of a module that no other has are in its own strings, whatever they name. */
static bool btf_names(const char *bytes, size_t size, const char *function)
{
	struct btf_header header;
	size_t start;

	if (size < sizeof(header))
		return false;
	memcpy(&header, bytes, sizeof(header));
	start = (size_t)header.header_length + header.string_offset;
	if (header.magic != BTF_MAGIC || start > size || header.string_length > size - start)
		return false;
	return has_string(bytes + start, header.string_length, function);
}

static bool module_names(const struct sysroot *root, const char *module, const char *function)
{
	char path[256], *bytes = NULL;
	bool found = false;
	size_t size = 0;
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", module);
	fd = sysroot_openat(root, path, O_RDONLY);
	if (fd < 0)
		return false;
	if (read_bytes(fd, &bytes, &size) == 0) {
		found = btf_names(bytes, size, function);
		free(bytes);
	}
	close(fd);
	return found;
}

/* "ffffffffc0123450 t name\t[module]"; what is built in has no brackets. */
static bool is_symbol(char *line, const char *module, const char *function)
{
	char *save, *name, *owner;
	size_t length = strlen(module);

	if (!strtok_r(line, " \t\n", &save) || !strtok_r(NULL, " \t\n", &save))
		return false;
	name = strtok_r(NULL, " \t\n", &save);
	if (!name || strcmp(name, function) != 0)
		return false;
	owner = strtok_r(NULL, " \t\n", &save);
	return !owner ||
	       (owner[0] == '[' && !strncmp(owner + 1, module, length) && owner[length + 1] == ']');
}

int kernel_function_find(const struct sysroot *root, const char *module, const char *function)
{
	char line[1024];
	int fd, found = 0;
	FILE *file;

	if (module_names(root, module, function))
		return 1;
	fd = sysroot_openat(root, "/proc/kallsyms", O_RDONLY);
	if (fd < 0)
		return fd;
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	while (!found && fgets(line, sizeof(line), file))
		if (strstr(line, function))
			found = is_symbol(line, module, function);
	if (!found && ferror(file))
		found = -EIO;
	fclose(file);
	return found;
}
