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

#include <sys/types.h>

#define SCAN_PATH 1024 /* sysfs paths are far shorter; a longer one is passed over */
#define SCAN_TEXT 2048 /* any attribute a scan reads */

struct scanner {
	const struct sysroot *root;
	struct graph *graph;
	/* A captured tree's answers, by "vda1" or "vfio/12"; NULL for this machine. */
	struct map *answers;
	char *answers_text;
	bool may_claim;	  /* disks and VFIO groups may be opened exclusively */
	bool asks_again;  /* a recheck: EBUSY may be another worker's question */
	bool knows_disks; /* all disks were read once: one that is met now came later */

	/* While processes are looked at; see scan_processes.c. */
	struct map *nodes;	    /* struct node by "c116:2" or by its name */
	struct map *namespaces;	    /* mount namespaces that were read, by "mnt:[4026531841]" */
	const char **remote_points; /* mount points of network file systems, in any namespace */
	size_t remote_count, remote_capacity;
	size_t vfio_held;	 /* nodes of VFIO that were met */
	const char *unseen;	 /* why not every process could be looked at, or NULL */
	const char *vfio_holder; /* "process 42 (qemu)" with a VFIO device that is not told */
	const char *perf_holder; /* ... with a performance counter */
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
/* Disks that came since the last look, and loop devices that got a file since. */
int scan_disks_new(struct scanner *s);

/* scan_claims.c: who answers EBUSY. claim_ask() returns 0 free, 1 busy, or a negative errno:
 * -ENOMEDIUM for an empty drive, -ENODATA when a captured tree does not tell. */
int scan_claims_load(struct scanner *s);
int claim_ask(const struct scanner *s, const struct disk *disk);
int claim_ask_vfio(const struct scanner *s, const char *group);
/* Asks all disks, where the scan may: a captured tree's answers cost nobody anything. */
int scan_claims(struct scanner *s);
/* Why disk->claim is negative, for a person. */
void claim_describe(const struct disk *disk, char *words, size_t size);

/* scan_look.c: everything that changes while a machine runs, for all devices at once. */
int scan_look(struct scanner *s);
/* The last look is recent enough for another device to rely on: for who makes a worker, ... */
bool look_is_fresh(const struct scanner *s);
/* ... and for that worker, which may have to wait for its turn on a busy machine: twice as long. */
bool look_will_do(const struct scanner *s);

/* scan_mounts.c: the words, from mountinfo, swaps and btrfs; and network file systems. */
int scan_mounts(struct scanner *s);
/* The mounts of process @pid's namespace, whose own words come first. @who: "process 42 (sh)". */
int scan_mounts_of(struct scanner *s, const char *pid, const char *who);
/* scan_filesystems.c: those that are mounted and that no mountinfo shows. */
int scan_filesystems(struct scanner *s);

/* scan_exports.c: what targets in the kernel serve. */
int scan_exports(struct scanner *s);

/* scan_disk_uses.c: from disks down to the devices that carry them. */
int scan_disk_uses(struct scanner *s);

/* scan_net.c: network disks put links in use. */
int scan_net_users(struct scanner *s);
int scan_net_uses(struct scanner *s);
int scan_net_order(struct scanner *s);
int scan_net_edges(struct scanner *s);
int net_user_add(struct scanner *s, const char *words);
int net_use_add(struct scanner *s, const struct netlink_if *link);
/* scan_netns.c: links that cannot be seen. @only: that device and those below it; NULL: all. */
int scan_netns(struct scanner *s, const struct device *only);

/* scan_processes.c: every process once, with its descriptors and its namespaces. */
int scan_processes(struct scanner *s);
/* scan_process.c: "process 42 (qemu-system-x86)"; NULL when memory is short. */
const char *process_name(struct scanner *s, const char *pid);
/* One of this run, which holds what it asks about. */
bool process_is_own(const struct scanner *s, const char *pid);

/* scan_maps.c: their mappings, which stay when the descriptor is closed. */
int scan_maps(struct scanner *s);

/* scan_nodes.c: who holds a device node, or a BAR. */
struct node_holder {
	const char *pid;    /* NULL: @target does */
	const char *node;   /* as the process opened it: "/dev/nst0" */
	const char *fd;	    /* its number, which tells whether it is open for writing, */
	bool writes;	    /* or, where it is NULL, this does */
	const char *target; /* "LIO" */
};
/* By the number of the node; */
int node_held(struct scanner *s, const struct node_holder *holder, bool is_block, dev_t number);
/* by its name alone, as in a captured tree; */
int node_held_by_name(struct scanner *s, const struct node_holder *holder);
/* a BAR of a PCI function: "/sys/devices/pci0000:00/0000:00:06.0/resource4". */
bool is_resource(const char *path);
int resource_held(struct scanner *s, const struct node_holder *holder);
/* What cannot be known, when not every process could be looked at. */
int nodes_unseen(struct scanner *s);

/* scan_vfio.c. */
bool is_vfio(const struct device *device);
int vfio_group_held(struct scanner *s, const char *group, const char *words);
/* A device that a process has and that was not found: any that has no user yet. */
int scan_vfio_unnamed(struct scanner *s);
/* Asks the group of @device, where the scan may. */
int scan_vfio_claim(struct scanner *s, struct device *device);
int scan_vfio_claims(struct scanner *s);

/* scan_uses.c. */
int scan_watchdog_use(struct scanner *s, struct watchdog *watchdog);
int scan_uses(struct scanner *s);
int scan_displays(struct scanner *s);

/* scan_host.c: what kind of machine. */
int scan_host(struct scanner *s);

/* scan_attribute.c: "/devices/..." of a link that lies in a folder of /sys/class or /sys/bus: only
 * text. NULL when it points elsewhere ("module", "subsystem"). */
const char *link_device_path(const char *target);

/* A number of an attribute in the folder @fd; @otherwise when it is missing or no number. */
unsigned long long attribute_u64(int fd, const char *name, unsigned long long otherwise);

/* A string attribute, a word of @graph; NULL where it is missing or empty. 0 or -ENOMEM. */
int attribute_string(struct graph *graph, int fd, const char *name, const char **ret);
