/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of a scan share while it runs. Private to src/graph; callers use scan.h.
 *
 * Every function here returns 0 or a negative errno that ends the scan, which in practice is
 * -ENOMEM: what vanished or could not be read is passed over or marked where it is met.
 */
#pragma once

#include "base/map.h"
#include "graph/graph.h"
#include "sys/root.h"

#define SCAN_PATH 1024 /* sysfs paths are far shorter; a longer one is passed over */
#define SCAN_TEXT 2048 /* any attribute a scan reads */

struct scanner {
	const struct sysroot *root;
	struct graph *graph;
	struct map *by_dev;   /* struct disk by "8:1" */
	struct map *by_alias; /* struct disk by "/dev/mapper/vg-root" */
	/* A captured tree's answers, by "vda1" or "vfio/12"; NULL for this machine. */
	struct map *answers;
	char *answers_text;
	/* Network disks and network file systems: "NBD nbd0", "nfs4 on /home". */
	const char **net_users;
	size_t net_user_count, net_user_capacity;
	bool net_uses_rdma;
	bool asks_again;  /* a recheck: EBUSY may be another worker's question */
	bool has_waiters; /* a device whose remove() waits for closes: sound, video, uio, vfio */
};

/* A class of /sys/class with more to it than a name for its owner's list. @path is below /sys;
 * @fd is the class' folder, @owner NULL for a virtual device. */
struct class_reader {
	const char *class;
	int (*read)(struct scanner *s, int fd, const char *name, const char *path,
		    struct device *owner);
};

int scanner_init(struct scanner *s, const struct sysroot *root, struct graph *graph);
void scanner_done(struct scanner *s);

/* scan_devices.c, scan_pci.c: what is bound, and every PCI function. */
int scan_devices(struct scanner *s);
int scan_pci_function(struct scanner *s, int fd, struct device *device);
int scan_pci_relations(struct scanner *s);

/* scan_classes.c: every class device, each to its reader. */
int scan_classes(struct scanner *s);
int scan_devlink(struct scanner *s, int fd, const char *name, const char *path,
		 struct device *owner);
int scan_block(struct scanner *s, int fd, const char *name, const char *path, struct device *owner);
int scan_net(struct scanner *s, int fd, const char *name, const char *path, struct device *owner);
int scan_watchdog(struct scanner *s, int fd, const char *name, const char *path,
		  struct device *owner);
int scan_graphics(struct scanner *s, int fd, const char *name, const char *path,
		  struct device *owner);
int scan_vtconsole(struct scanner *s, int fd, const char *name, const char *path,
		   struct device *owner);

/* scan_disks.c: once all are there, partitions, slaves and NVMe heads are tied together. */
int scan_disk_relations(struct scanner *s);

/* scan_claims.c: who answers EBUSY. claim_ask() returns 0 free, 1 busy, or a negative errno:
 * -ENOMEDIUM for an empty drive, -ENODATA when a captured tree does not tell. */
int scan_claims_load(struct scanner *s);
int claim_ask(const struct scanner *s, const struct disk *disk);
int claim_ask_vfio(const struct scanner *s, const char *group);
int scan_claims(struct scanner *s);
/* Why disk->claim is negative, for a person. */
void claim_describe(const struct disk *disk, char *words, size_t size);

/* scan_mounts.c: the words, from mountinfo, swaps and btrfs; and network file systems. */
int scan_mounts(struct scanner *s);
/* It carries a file system that has no disk: 9p, virtiofs. */
bool is_shared_folder(const struct device *device);

/* scan_disk_uses.c: from disks down to the devices that carry them. */
int scan_disk_uses(struct scanner *s);

/* scan_net.c: network disks put links in use. */
int scan_net_uses(struct scanner *s);
int net_user_add(struct scanner *s, const char *words);
int net_use_add(struct scanner *s, const struct netlink_if *link);

/* scan_uses.c. @only: just what concerns that device and those below it; NULL: all. */
int scan_vfio(struct scanner *s, struct device *device);
int scan_consoles(struct scanner *s, const struct device *only);
int scan_watchdog_use(struct scanner *s, struct watchdog *watchdog);
int scan_open_nodes(struct scanner *s, const struct device *only);
/* Its remove() waits until every process has closed its nodes. */
bool is_waited_for(const struct device *device);
int scan_uses(struct scanner *s);

/* scan_host.c: what kind of machine. */
int scan_host(struct scanner *s);

/* scan_attribute.c: "/devices/..." of a link that lies in a folder of /sys/class or /sys/bus: only text. NULL when
 * it points elsewhere ("module", "subsystem"). */
const char *link_device_path(const char *target);

/* A number of an attribute in the folder @fd; @otherwise when it is missing or no number. */
unsigned long long attribute_u64(int fd, const char *name, unsigned long long otherwise);
