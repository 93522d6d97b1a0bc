// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a device node that somebody holds to the disk or the device behind it, and whether that
 * counts: the kernel does not tell who has a device open, and O_EXCL only who has claimed it. A
 * virtual machine's raw disk, a database, a tape drive are claimed by nobody.
 */
#include "base/error.h"
#include "graph/scanner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

struct node {
	struct disk *disk;
	struct device *device;	/* owner of a character device */
	const char *vfio_group; /* "12" */
	bool is_vfio;
	bool needs_writing; /* only who writes to it uses it */
};

/*
 * Classes that have no nodes, or whose drivers hang up on who has them open and lose nothing by it.
 * Any other counts: what is not known may be waited for in remove(), as sound, video, uio, i2c,
 * dvb, hfi1 and VFIO are.
 */
static const char *const free_classes[] = {
	"ata_device",
	"ata_link",
	"ata_port",
	"backlight",
	"bdi",
	"block",
	"devlink",
	"dma",
	"drm",
	"enclosure",
	"extcon",
	"fc_host",
	"fc_remote",
	"fc_vports",
	"gpio",
	"graphics",
	"hidraw",
	"hwmon",
	"hwrng",
	"ieee80211",
	"infiniband",
	"infiniband_cm",
	"infiniband_mad",
	"input",
	"iommu",
	"ipmi",
	"iscsi_host",
	"leds",
	"mdio_bus",
	"mei",
	"mmc_host",
	"nd",
	"net",
	"nvme",
	"pci_bus",
	"pci_epc",
	"phy",
	"power_supply",
	"pps",
	"ptp",
	"pwm",
	"rc",
	"regulator",
	"remoteproc",
	"rfkill",
	"rtc",
	"sas_device",
	"sas_end_device",
	"sas_expander",
	"sas_host",
	"sas_phy",
	"sas_port",
	"scsi_device",
	"scsi_disk",
	"scsi_host",
	"spi_host",
	"spi_transport",
	"thermal",
	"tpm",
	"tpmrm",
	"tty",
	"typec",
	"udc",
	"usbmisc",
	"virtio-ports",
	"vtconsole",
	"watchdog",
};

/* A monitor reads them; whoever works with them writes. */
static const char *const written_classes[] = { "bsg", "nvme-generic", "scsi_generic", "usb" };

/* Whose verbs are taken from a process that still has them (disassociate_ucontext). For the others
 * remove() waits until it has closed them. */
static const char *const letting_go[] = { "bnxt_en", "hns3",	  "ionic",
					  "mana",    "mlx4_core", "mlx5_core" };

#define IS_LISTED(word, list) is_listed(word, list, sizeof(list) / sizeof((list)[0]))

static bool is_listed(const char *word, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], word))
			return true;
	return false;
}

static bool is_free(const char *class, const struct device *device)
{
	if (!strcmp(class, "infiniband_verbs"))
		return device->driver && IS_LISTED(device->driver, letting_go);
	return IS_LISTED(class, free_classes);
}

/* A character device of @class at @path below /sys. */
static void fill(struct scanner *s, struct node *node, const char *class, const char *path)
{
	struct device *device;

	if (!strcmp(class, "vfio")) {
		node->vfio_group = arena_strdup(s->graph->arena, strrchr(path, '/') + 1);
		return;
	}
	device = graph_owner(s->graph, path);
	if (!device || is_free(class, device))
		return;
	node->device = device;
	node->is_vfio = !strcmp(class, "vfio-dev");
	node->needs_writing = IS_LISTED(class, written_classes);
}

static void find_by_number(struct scanner *s, struct node *node, const char *number)
{
	char link[SCAN_PATH], path[SCAN_PATH], class[SCAN_PATH];
	const char *slash;

	snprintf(link, sizeof(link), "/sys/dev/char/%s", number);
	if (sysroot_resolve(s->root, link, path, sizeof(path)) < 4)
		return;
	snprintf(link, sizeof(link), "%.1000s/subsystem", path);
	if (sysroot_readlink(s->root, link, class, sizeof(class)) < 0)
		return;
	slash = strrchr(class, '/');
	fill(s, node, slash ? slash + 1 : class, path + 4);
}

/* "/dev/dvb/adapter0/frontend0" is "dvb0.frontend0"; all others have the node's last name. */
static void class_name(const char *node, char *name, size_t size)
{
	unsigned int adapter;
	char part[64];

	if (sscanf(node, "/dev/dvb/adapter%u/%63s", &adapter, part) == 2)
		snprintf(name, size, "dvb%u.%s", adapter, part);
	else
		snprintf(name, size, "%.255s", strrchr(node, '/') + 1);
}

static void find_by_name(struct scanner *s, struct node *node, const char *file)
{
	char name[300], link[SCAN_PATH], path[SCAN_PATH];
	struct dirent *entry;
	DIR *dir;

	node->disk = map_get(s->graph->by_disk, file + strlen("/dev/"));
	if (!node->disk)
		node->disk = map_get(s->graph->by_alias, file);
	if (node->disk)
		return;
	class_name(file, name, sizeof(name));
	if (!strncmp(file, "/dev/vfio/", 10) && strncmp(file, "/dev/vfio/devices/", 18) != 0)
		node->vfio_group = arena_strdup(s->graph->arena, name);
	dir = node->vfio_group ? NULL : sysroot_opendir(s->root, "/sys/class");
	while (dir && !node->device && (entry = readdir(dir))) {
		snprintf(link, sizeof(link), "/sys/class/%s/%s", entry->d_name, name);
		if (sysroot_resolve(s->root, link, path, sizeof(path)) > 4)
			fill(s, node, entry->d_name, path + 4);
	}
	if (dir)
		closedir(dir);
}

/* Open for writing? What fdinfo does not tell is taken for it. */
static bool is_writing(struct scanner *s, const struct node_holder *holder)
{
	char path[96], text[SCAN_TEXT];
	unsigned int flags;
	const char *at;

	if (!holder->fd)
		return holder->writes;
	snprintf(path, sizeof(path), "/proc/%.20s/fdinfo/%.20s", holder->pid, holder->fd);
	if (sysroot_read(s->root, path, text, sizeof(text)) < 0)
		return true;
	at = strstr(text, "flags:");
	if (!at || sscanf(at, "flags: %o", &flags) != 1)
		return true;
	/* O_RDONLY is 0 on every architecture. */
	return (flags & 3) != 0;
}

/* "process 42 (qemu-system-x86) holds /dev/nvme1n1"; of another name in a container, with both. */
static const char *held_words(struct scanner *s, const struct node_holder *holder,
			      const struct disk *disk)
{
	const char *who = holder->target ?: process_name(s, holder->pid);

	if (!who)
		return NULL;
	if (holder->target)
		return arena_printf(s->graph->arena, "%s serves %s", who, holder->node);
	if (disk && strcmp(strrchr(holder->node, '/') + 1, disk->name) != 0)
		return arena_printf(s->graph->arena, "%s holds %.200s, which is %s", who,
				    holder->node, disk->title);
	return arena_printf(s->graph->arena, "%s holds %.200s", who, holder->node);
}

/* Whoever has mounted it is told alone; a target that serves it, beside the process. */
static int use_disk(struct scanner *s, struct disk *disk, const struct node_holder *holder)
{
	const char *words;

	if (disk->words && disk->use != USE_EXPORT)
		return 0;
	words = held_words(s, holder, disk);
	if (words && disk->words)
		words = arena_printf(s->graph->arena, "%s; %s", words, disk->words);
	if (!words)
		return -ENOMEM;
	disk->use = USE_OPEN;
	disk->words = words;
	return 0;
}

static int use_node(struct scanner *s, const struct node *node, const struct node_holder *holder)
{
	bool needs_writing = node->needs_writing || node->disk;
	const char *words;

	if (!node->disk && !node->device && !node->vfio_group)
		return 0;
	if (holder->pid && process_is_own(s, holder->pid))
		return 0;
	if (needs_writing && !holder->target && !is_writing(s, holder))
		return 0;
	if (node->disk)
		return use_disk(s, node->disk, holder);
	words = held_words(s, holder, NULL);
	if (!words)
		return -ENOMEM;
	s->vfio_held += node->is_vfio || node->vfio_group;
	if (node->vfio_group)
		return vfio_group_held(s, node->vfio_group, words);
	return graph_add_use(s->graph, node->device,
			     holder->target  ? USE_EXPORT
			     : node->is_vfio ? USE_VFIO
					     : USE_OPEN,
			     words);
}

/* Every number is looked up once, however many processes have /dev/dri open. */
static struct node *node_at(struct scanner *s, const char *key)
{
	struct node *node = map_get(s->nodes, key);
	const char *copy;

	if (node)
		return node;
	node = arena_alloc(s->graph->arena, sizeof(*node));
	copy = arena_strdup(s->graph->arena, key);
	if (!node || !copy || map_put(s->nodes, copy, node))
		return NULL;
	if (key[0] == '/')
		find_by_name(s, node, key);
	else if (key[0] == 'b')
		node->disk = map_get(s->graph->by_number, key + 1);
	else
		find_by_number(s, node, key + 1);
	return node;
}

int node_held(struct scanner *s, const struct node_holder *holder, bool is_block, dev_t number)
{
	struct node *node;
	char key[32];

	snprintf(key, sizeof(key), "%c%u:%u", is_block ? 'b' : 'c', major(number), minor(number));
	node = node_at(s, key);
	return node ? use_node(s, node, holder) : -ENOMEM;
}

int node_held_by_name(struct scanner *s, const struct node_holder *holder)
{
	struct node *node = node_at(s, holder->node);

	return node ? use_node(s, node, holder) : -ENOMEM;
}

bool is_resource(const char *path)
{
	const char *name = strrchr(path, '/');

	return !strncmp(path, "/sys/devices/", 13) && name &&
	       !strncmp(name, "/resource", strlen("/resource"));
}

int resource_held(struct scanner *s, const struct node_holder *holder)
{
	const char *path = holder->node + strlen("/sys"), *name = strrchr(path, '/');
	struct device *device = map_get_n(s->graph->by_path, path, (size_t)(name - path));
	char words[300];
	const char *who;

	if (!device || process_is_own(s, holder->pid))
		return 0;
	who = process_name(s, holder->pid);
	if (!who)
		return -ENOMEM;
	snprintf(words, sizeof(words), "%s holds %s of %s", who, name + 1, device->name);
	return graph_add_use(s->graph, device, USE_OPEN, words);
}

static bool may_be_held(const struct device *device)
{
	if (is_vfio(device))
		return true;
	for (size_t i = device->pci ? 1 : 0; i < device->class_count; i++)
		if (!is_free(device->classes[i], device))
			return true;
	return false;
}

/* What is known to be used needs no such words. */
int nodes_unseen(struct scanner *s)
{
	struct graph *graph = s->graph;
	char words[SCAN_PATH];
	int code = 0;

	if (!s->unseen)
		return 0;
	snprintf(words, sizeof(words), "whether a process has it open could not be asked: %s",
		 s->unseen);
	for (size_t i = 0; i < graph->device_count && !code; i++)
		if (!graph->devices[i]->uses && may_be_held(graph->devices[i]))
			code = graph_add_use(graph, graph->devices[i], USE_UNKNOWN, words);
	for (size_t i = 0; i < graph->disk_count && !code; i++) {
		const struct disk *disk = graph->disks[i];

		if (!disk->is_partition && !disk->is_empty)
			for (size_t j = 0; j < disk->owner_count && !code; j++)
				if (!disk->owners[j]->uses)
					code = graph_add_use(graph, disk->owners[j], USE_UNKNOWN,
							     words);
	}
	return code;
}
