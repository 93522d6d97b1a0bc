// SPDX-License-Identifier: GPL-2.0-or-later
/* A device under way: its kind, its counters, and the record; see release_signs.h. */
#include "run/release_signs.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* A controller with a thousand disks has more folders below it than are worth a look a second. */
#define FOLDERS_LIMIT 2000
#define DEPTH_LIMIT   8

static void add(uint64_t *sum, const char *text)
{
	for (; *text; text++)
		*sum = (*sum ^ (unsigned char)*text) * 0x100000001b3;
}

static void add_file(uint64_t *sum, const struct sysroot *root, const char *path)
{
	char text[4096];

	if (sysroot_read(root, path, text, sizeof(text)) > 0)
		add(sum, text);
}

/* Documentation/ABI/testing/sysfs-bus-pci, msi_irqs; sysfs-kernel-irq, per_cpu_count. */
static void add_interrupts(uint64_t *sum, const struct sysroot *root, const struct device *device)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys%s/msi_irqs", device->path);
	dir = sysroot_opendir(root, path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/irq/%s/per_cpu_count", entry->d_name);
		add(sum, entry->d_name);
		add_file(sum, root, path);
	}
	if (dir)
		closedir(dir);
}

static void add_provided(uint64_t *sum, const struct sysroot *root, const struct device *device)
{
	static const char *const formats[] = {
		"/sys/class/block/%s/stat",
		"/sys/class/net/%s/statistics/rx_packets",
		"/sys/class/net/%s/statistics/tx_packets",
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < device->provide_count; i++)
		for (size_t j = 0; j < sizeof(formats) / sizeof(formats[0]); j++) {
			/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): of the list above */
			snprintf(path, sizeof(path), formats[j], device->provides[i]);
			add_file(sum, root, path);
		}
}

/* Folders, and the links to virtual functions. */
static size_t count_entries(const struct sysroot *root, const char *folder, unsigned int depth,
			    size_t most)
{
	DIR *dir = depth < DEPTH_LIMIT ? sysroot_opendir(root, folder) : NULL;
	struct dirent *entry;
	size_t count = 0;

	while (dir && count < most && (entry = readdir(dir))) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		if (entry->d_type == DT_LNK)
			count += !strncmp(entry->d_name, "virtfn", 6);
		if (entry->d_type != DT_DIR || snprintf(path, sizeof(path), "%s/%s", folder,
							entry->d_name) >= (int)sizeof(path))
			continue;
		count += 1 + count_entries(root, path, depth + 1, most - count);
	}
	if (dir)
		closedir(dir);
	return count;
}

static void add_devices(uint64_t *sum, const struct sysroot *root, const struct device *device)
{
	add_interrupts(sum, root, device);
	add_provided(sum, root, device);
	for (const struct device *child = device->child; child; child = child->sibling)
		add_devices(sum, root, child);
}

uint64_t release_counters(const struct sysroot *root, const struct device *device)
{
	uint64_t sum = 0xcbf29ce484222325;
	char text[PATH_MAX];
	size_t count;

	add_devices(&sum, root, device);
	snprintf(text, sizeof(text), "/sys%s", device->path);
	count = count_entries(root, text, 0, FOLDERS_LIMIT);
	snprintf(text, sizeof(text), "%zu", count);
	add(&sum, text);
	return sum;
}

static bool is_of_network(const struct device *device)
{
	if (device_has_class(device, "net") ||
	    (device->pci && device->pci->class_code >> 16 == 0x02))
		return true;
	for (const struct device *child = device->child; child; child = child->sibling)
		if (is_of_network(child))
			return true;
	return false;
}

const char *release_kind(const struct device *device)
{
	return is_of_network(device) ? "net" : device->driver;
}

json_t *release_signs_json(const struct signs *signs)
{
	json_t *seen = json_array();

	for (unsigned int sign = SIGN_CPU; sign <= SIGN_QUEUE; sign <<= 1)
		if (signs->seen & sign)
			json_array_append_new(seen, json_string(sign_name((enum sign)sign)));
	return json_pack("{s:o, s:f, s:f, s:i, s:b, s:s}", "seen", seen, "still_ms",
			 signs->still_ms, "cpu_ms", signs->cpu_ms, "others", (int)signs->others,
			 "proven", signs->is_proven, "where", signs->where);
}
