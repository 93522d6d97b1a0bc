// SPDX-License-Identifier: GPL-2.0-or-later
/* What the menu's page on the machine says; see info.h. */
#include "boot/info.h"

#include "storage/disks.h"
#include "sys/lockdown.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTORS_PER_MIB 2048.0

/* One line of @path without blanks around it; "" where it is not there. */
static const char *read_line(const struct sysroot *root, const char *path, char *text, size_t size)
{
	ssize_t n = sysroot_read(root, path, text, size);

	if (n < 0)
		text[0] = '\0';
	for (n = n < 0 ? 0 : n; n > 0 && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	return text;
}

static void put(FILE *out, const char *name, const char *value)
{
	if (*value)
		fprintf(out, "%-10s %s\n", name, value);
}

/*
 * The machine.
 */

static void write_model(const struct sysroot *root, FILE *out)
{
	char vendor[128], name[128], text[320];

	read_line(root, "/sys/class/dmi/id/sys_vendor", vendor, sizeof(vendor));
	read_line(root, "/sys/class/dmi/id/product_name", name, sizeof(name));
	if (!*vendor && !*name)
		read_line(root, "/proc/device-tree/model", name, sizeof(name));
	snprintf(text, sizeof(text), "%s%s%s", vendor, *vendor && *name ? " " : "", name);
	put(out, "machine", text);
}

static void write_firmware(const struct sysroot *root, FILE *out)
{
	char bits[16], version[128], text[320];
	const char *kind = "BIOS, or what it calls so";

	read_line(root, "/sys/firmware/efi/fw_platform_size", bits, sizeof(bits));
	read_line(root, "/sys/class/dmi/id/bios_version", version, sizeof(version));
	if (sysroot_exists(root, "/sys/firmware/efi"))
		kind = "UEFI";
	else if (sysroot_exists(root, "/proc/device-tree/ibm,opal"))
		kind = "OpenPOWER (OPAL)";
	else if (sysroot_exists(root, "/proc/device-tree"))
		kind = "a device tree";
	snprintf(text, sizeof(text), "%s%s%s%s%s", kind, *bits ? ", bits: " : "", bits,
		 *version ? ", version " : "", version);
	put(out, "firmware", text);
}

/* The value of the first line that begins with @key, up to a colon: "model name : x". */
static const char *find_field(const char *text, const char *key, char *value, size_t size)
{
	value[0] = '\0';
	for (; text; text = strchr(text, '\n'), text += text != NULL) {
		const char *colon = strchr(text, ':');

		if (strncmp(text, key, strlen(key)) != 0 || !colon)
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		snprintf(value, size, "%.*s", (int)strcspn(colon, "\n"), colon);
		break;
	}
	return value;
}

static void write_processor(const struct sysroot *root, FILE *out)
{
	char name[128], online[64], text[256], *cpuinfo;

	if (sysroot_read_all(root, "/proc/cpuinfo", &cpuinfo) < 0)
		return;
	if (!*find_field(cpuinfo, "model name", name, sizeof(name)))
		find_field(cpuinfo, "cpu\t", name, sizeof(name));
	free(cpuinfo);
	read_line(root, "/sys/devices/system/cpu/online", online, sizeof(online));
	snprintf(text, sizeof(text), "%s%s%s%s", name, *name && *online ? ", " : "",
		 *online ? "CPUs " : "", online);
	put(out, "processor", text);
}

static void write_memory(const struct sysroot *root, FILE *out)
{
	char total[64], *meminfo;

	if (sysroot_read_all(root, "/proc/meminfo", &meminfo) < 0)
		return;
	find_field(meminfo, "MemTotal", total, sizeof(total));
	free(meminfo);
	if (*total)
		fprintf(out, "%-10s %.0f MiB\n", "memory", strtod(total, NULL) / 1024);
}

static void write_machine(const struct sysroot *root, FILE *out)
{
	enum lockdown lockdown = lockdown_read(root);
	char text[4096];

	write_model(root, out);
	write_firmware(root, out);
	write_processor(root, out);
	write_memory(root, out);
	put(out, "kernel", read_line(root, "/proc/sys/kernel/osrelease", text, sizeof(text)));
	put(out, "started by", read_line(root, "/proc/cmdline", text, sizeof(text)));
	if (lockdown != LOCKDOWN_UNKNOWN)
		put(out, "lockdown", lockdown_name(lockdown));
}

/*
 * Disks, and devices on the buses that have them.
 */

static void write_disk(const struct sysroot *root, const char *name, FILE *out)
{
	struct disk_facts disk;
	char path[PATH_MAX], model[128], mapped[128] = "";

	if (disk_look(root, name, &disk) < 0)
		return;
	snprintf(path, sizeof(path), "/sys/class/block/%s/device/model", name);
	read_line(root, path, model, sizeof(model));
	disk_mapped_name(root, name, mapped, sizeof(mapped));
	fprintf(out, "  %s%-14s %10.1f MiB  %s%s%s%s%s\n", disk.partition ? "  " : "", name,
		(double)disk.sectors / SECTORS_PER_MIB, disk_class_name(disk.class),
		*model ? "  " : "", model, *mapped ? "  " : "", mapped);
}

static void write_disks(const struct sysroot *root, FILE *out)
{
	char(*names)[DISK_NAME_SIZE];
	size_t count;

	if (disk_list(root, &names, &count) < 0)
		return;
	fputs("\ndisks\n", out);
	for (size_t i = 0; i < count; i++)
		write_disk(root, names[i], out);
	free(names);
}

static const char *driver_of(const struct sysroot *root, const char *device, char *text,
			     size_t size)
{
	char path[PATH_MAX], *slash;

	snprintf(path, sizeof(path), "%s/driver", device);
	if (sysroot_readlink(root, path, text, size) < 0)
		return "no driver";
	slash = strrchr(text, '/');
	return slash ? slash + 1 : text;
}

static void write_pci(const struct sysroot *root, const char *name, FILE *out)
{
	char device[NAME_MAX + 32], path[PATH_MAX], driver[256];
	unsigned long long class = 0, vendor = 0, id = 0;

	snprintf(device, sizeof(device), "/sys/bus/pci/devices/%s", name);
	snprintf(path, sizeof(path), "%s/class", device);
	sysroot_read_u64(root, path, &class);
	snprintf(path, sizeof(path), "%s/vendor", device);
	sysroot_read_u64(root, path, &vendor);
	snprintf(path, sizeof(path), "%s/device", device);
	sysroot_read_u64(root, path, &id);
	fprintf(out, "  %s  class %06llx  %04llx:%04llx  %s\n", name, class, vendor, id,
		driver_of(root, device, driver, sizeof(driver)));
}

/* Of interfaces, which have a colon in their names, nobody asks. */
static void write_usb(const struct sysroot *root, const char *name, FILE *out)
{
	char path[PATH_MAX], maker[128], product[128];

	if (strchr(name, ':'))
		return;
	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/manufacturer", name);
	read_line(root, path, maker, sizeof(maker));
	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/product", name);
	read_line(root, path, product, sizeof(product));
	fprintf(out, "  %-8s %s%s%s\n", name, maker, *maker ? " " : "", product);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void write_bus(const struct sysroot *root, const char *bus, const char *title,
		      void (*write_one)(const struct sysroot *, const char *, FILE *), FILE *out)
{
	char path[PATH_MAX];
	struct dirent **entries;
	int count, fd;

	snprintf(path, sizeof(path), "/sys/bus/%s/devices", bus);
	fd = sysroot_openat(root, path, O_RDONLY | O_DIRECTORY);
	count = fd < 0 ? -1 : scandirat(fd, ".", &entries, is_visible, by_name);
	if (fd >= 0)
		close(fd);
	if (count > 0)
		fprintf(out, "\n%s\n", title);
	for (int i = 0; i < count; i++) {
		write_one(root, entries[i]->d_name, out);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void info_write(const struct sysroot *root, FILE *out)
{
	write_machine(root, out);
	write_disks(root, out);
	write_bus(root, "pci", "PCI", write_pci, out);
	write_bus(root, "usb", "USB", write_usb, out);
}
