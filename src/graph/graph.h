/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine as kexit sees it: devices, the disks and network links they provide, who uses them,
 * and which must go before which. Types and look-ups only; scan.h fills it from sysfs.
 *
 * Ownership: everything in a graph, strings included, lives in the graph's arena and goes with
 * graph_free(). Nothing here points outside. Nodes are found by pointer; `id` is the index in the
 * graph's array, stable for its life and of no meaning outside.
 *
 * An edge says "`first` goes before `then`": child before parent, consumer before supplier, holder
 * before what it holds, VF before PF. It is its own struct, with its kind, since a cycle is broken
 * at its weakest kind and the reason is told to a person.
 *
 * What nothing is decided by, and is only told, is not read by a scan: scan_details() fills it.
 */
#pragma once

#include "base/arena.h"
#include "base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Weakest first: where a cycle is broken. */
enum edge_kind {
	EDGE_LINK_SOFT, /* a device link that only keeps runtime PM or sync_state in order */
	EDGE_SUPPLIER,	/* a managed device link: unbinding `then` would unbind `first` as well */
	EDGE_HOLDER,	/* `first` is a disk that lives on a disk or a network link of `then` */
	EDGE_VF,	/* `first` is a virtual function of the physical function `then` */
	EDGE_PARENT,	/* `first` lies below `then` in the sysfs tree */
};

struct edge {
	struct device *first;
	struct device *then;
	enum edge_kind kind;
	bool broken; /* taken out by the plan to end a cycle */
};

enum use_kind {
	USE_MOUNT,    /* a file system on one of its disks is mounted */
	USE_SWAP,     /* swap on one of its disks */
	USE_CLAIMED,  /* O_EXCL says busy, and nothing else says why */
	USE_HELD,     /* dm, md, loop or another holder sits on one of its disks */
	USE_EXPORT,   /* a target in the kernel (nvmet, LIO, rnbd) serves it to other machines */
	USE_NETDISK,  /* a network disk or file system may go through its link */
	USE_NETNS,    /* a link of it is in another network namespace, where a container has it */
	USE_VFIO,     /* a virtual machine or the like drives it through VFIO */
	USE_CONSOLE,  /* an active console */
	USE_WATCHDOG, /* a running watchdog */
	USE_OPEN,     /* a process holds one of its nodes, or has one of its BARs mapped */
	USE_UNKNOWN,  /* whether it is used could not be asked; treated as used */
};

struct use {
	enum use_kind kind;
	const char *words; /* "ext4 on / through nvme0n1p2", one clause for a person */
	struct use *next;
};

enum pci_reset {
	PCI_RESET_FUNCTION = 1 << 0,	/* the `reset` attribute is there */
	PCI_RESET_SUBORDINATE = 1 << 1, /* a bridge with `reset_subordinate` */
};

struct pci_facts {
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class_code; /* 24 bits: base class, sub-class, interface */
	uint16_t command;    /* PCIe 6.0 7.5.1.1.3; valid if has_config */
	uint8_t header_type; /* 0 endpoint, 1 bridge; bit 7 cut off */
	bool has_config;
	bool is_vf;
	unsigned int numvfs;	   /* sriov_numvfs of a PF */
	const char *reset_methods; /* as the kernel prints them, "flr bus", or NULL */
	unsigned int resets;	   /* enum pci_reset */
	const char *power_state;   /* "D0", "D3hot", "unknown", or NULL */
	struct device *bridge;	   /* the bridge above, or NULL on a root bus */
	struct device *pf;	   /* of a VF, else NULL */
	bool is_boot_display; /* the display the console is on: boot_vga, or a framebuffer in use */

	/* Of scan_details(). */
	const char *iommu_group; /* "12" or NULL */
	const char *label;	 /* SMBIOS or ACPI: an onboard device, or NULL */
};

/* A sysfs device bound to a driver, or a PCI function whether bound or not. */
struct device {
	uint32_t id;
	const char *path;     /* below /sys: "/devices/pci0000:00/0000:00:1f.2" */
	const char *name;     /* last part of path: "0000:00:1f.2" */
	const char *bus;      /* "pci", "platform", "usb", ... */
	const char *driver;   /* NULL: no driver is bound */
	const char *modalias; /* NULL where the bus has none */
	/*
	 * What it is, for rules and for people: "pci:010802" for a PCI function, then each sysfs
	 * class that a class device directly owned by it is in ("net", "nvme", "watchdog").
	 */
	const char **classes;
	size_t class_count, class_capacity;
	const char **provides; /* names of its disks, links, ...: "nvme0n1", "eth0" */
	size_t provide_count, provide_capacity;
	bool can_unbind;		/* the driver has an unbind attribute */
	bool is_locked;			/* its lock is held; not of a scan, but of run/probes.h */
	struct device *parent;		/* nearest device of the graph above it, or NULL */
	struct device *child, *sibling; /* first child; next child of the same parent */
	struct device *last_child;	/* where the next one is appended */
	struct pci_facts *pci;		/* NULL unless a PCI function */
	struct use *uses;		/* NULL: not in use */
};

/* A block device: a whole disk, a partition, or a virtual one (dm, md, loop, nbd, an NVMe head). */
struct disk {
	const char *name; /* "nvme0n1p2" as in /sys/class/block */
	const char *path; /* below /sys */
	unsigned int major, minor;
	bool is_partition;
	bool is_read_only;     /* of scan_details() */
	bool is_empty;	       /* no medium, or size 0 */
	bool is_network;       /* its data goes through a network link */
	const char *transport; /* of a disk of the network: "iSCSI", "NVMe-oF"; else NULL */
	struct disk *whole;    /* of a partition: its disk; else itself */
	bool is_asked;	       /* claim is an answer; a plan does not ask */
	int claim;	       /* O_EXCL: 0 free, 1 busy, negative errno: could not be asked */
	const char *
		words; /* what uses it directly: "ext4 on /", "swap", "held by dm-0 (vg-root)", or NULL */
	enum use_kind use; /* of words */
	const char
		*title; /* its name with what a person calls it: "dm-0 (vg-root)"; else the name */
	bool is_member; /* of a file system on several disks, which words is about */
	bool is_held;	/* another disk has it among its slaves */
	bool is_path;	/* that other one is a multipath map: this is one way to its disk */
	bool is_suspended; /* a dm device that holds back all I/O, a flush as well */
	bool is_multipath; /* a dm map that picks one of its slaves, all of them the same disk */
	/* Devices that carry it: one for a local disk, one for each controller of an NVMe
	 * subsystem's head; none for a virtual disk (its slaves carry it). */
	struct device **owners;
	size_t owner_count, owner_capacity;
	struct disk **slaves; /* what it holds: the disks below a dm, md, loop */
	size_t slave_count, slave_capacity;
	unsigned int part_count; /* of a whole disk: its partitions, */
	unsigned int part_busy;	 /* those that are claimed, */
	unsigned int part_told;	 /* and those of which it is known who uses them */
	/* scsi_disk folder with manage_*start_stop, or NULL: "/sys/class/scsi_disk/0:0:0:0". */
	const char *scsi_disk;
};

/* A network interface. */
struct netlink_if {
	const char *name;
	unsigned int index;
	const char *path;     /* below /sys */
	struct device *owner; /* NULL for a virtual one */
	bool is_up;	      /* IFF_UP */
	bool has_carrier;     /* of scan_details() */
	const char *master;   /* bridge, bond or team it is a port of, or NULL */
	const char **uppers;  /* every interface above it: master and VLANs */
	size_t upper_count, upper_capacity;
};

/* A virtual console bound to a framebuffer ("(M) frame buffer device"). */
struct fbcon {
	const char *vtcon; /* "vtcon1" */
	const char *path;  /* "/sys/class/vtconsole/vtcon1" */
	bool is_bound;
};

/* A framebuffer and the device that draws it. */
struct framebuffer {
	const char *name;     /* "fb0" */
	struct device *owner; /* or NULL */
};

struct watchdog {
	const char *name; /* "watchdog0" */
	struct device *owner;
	bool is_running;
	bool is_nowayout;
	unsigned int timeout; /* seconds */
};

struct graph {
	struct arena *arena;
	struct map *by_path;   /* struct device by its path below /sys */
	struct map *by_disk;   /* struct disk by name, */
	struct map *by_number; /* by "8:1" */
	struct map *by_alias;  /* and by "/dev/mapper/vg-root" */
	struct map *words;     /* graph_word()'s, by themselves */
	struct device **devices;
	size_t device_count, device_capacity;
	struct edge *edges; /* EDGE_PARENT is not stored: it is device->parent */
	size_t edge_count, edge_capacity;
	struct disk **disks;
	size_t disk_count, disk_capacity;
	struct netlink_if **links;
	size_t link_count, link_capacity;
	struct fbcon *fbcons;
	size_t fbcon_count, fbcon_capacity;
	struct framebuffer *framebuffers;
	size_t framebuffer_count, framebuffer_capacity;
	struct watchdog *watchdogs;
	size_t watchdog_count, watchdog_capacity;
	const char **buses; /* buses with a drivers_autoprobe attribute */
	size_t bus_count, bus_capacity;
	const char **host; /* what kind of machine, for rules: "bmc", "initramfs" */
	size_t host_count, host_capacity;
	/* Network disks and network file systems: "NBD nbd0", "nfs4 on /home". */
	const char **net_users;
	size_t net_user_count, net_user_capacity;
	bool net_uses_rdma;
	/* When who uses what was looked at last, and how long that took: milliseconds of
	 * CLOCK_MONOTONIC. */
	double looked_ms, look_cost_ms;
	pid_t pid; /* of the process that scanned: what its children hold is its own asking */
};

struct graph *graph_new(void);
void graph_free(struct graph *graph);

/* The device with the path @path below /sys, or NULL. */
struct device *graph_find(const struct graph *graph, const char *path);

/* The device that @path (below /sys, of a class device or anything else) is or lies below: its
 * owner. NULL when no device of the graph is above it. */
struct device *graph_owner(const struct graph *graph, const char *path);

/*
 * The device a person means by @name: a path below /sys, a kernel name ("0000:00:1f.2"), a PCI
 * address without its domain ("00:1f.2"), or a name it provides ("nvme0n1", "eth0"). NULL: none.
 */
struct device *graph_lookup(const struct graph *graph, const char *name);

/* @s as a string of the graph, of which there is one: for what many devices have in common. */
const char *graph_word(struct graph *graph, const char *s);

/* Builders for scan and for tests. All return NULL or -ENOMEM when memory is short; strings are
 * copied into the arena. graph_add_device() also links it below its parent; parents may come later
 * (call graph_link_parents() once all are there). */
struct device *graph_add_device(struct graph *graph, const char *path, const char *bus);
void graph_link_parents(struct graph *graph);
int graph_add_edge(struct graph *graph, struct device *first, struct device *then,
		   enum edge_kind kind);
struct disk *graph_add_disk(struct graph *graph, const char *name);
struct netlink_if *graph_add_link(struct graph *graph, const char *name);
int graph_add_use(struct graph *graph, struct device *device, enum use_kind kind,
		  const char *words);
int graph_add_string(struct graph *graph, const char ***list, size_t *count, size_t *capacity,
		     const char *s);
int device_add_class(struct graph *graph, struct device *device, const char *name);

bool device_has_class(const struct device *device, const char *name);
/* Where network links come and go; all other devices that have one show it, or are left. */
bool device_may_have_links(const struct device *device);
/* True if @device is @above or lies below it. */
bool device_is_within(const struct device *device, const struct device *above);
const char *use_kind_name(enum use_kind kind);
const char *edge_kind_name(enum edge_kind kind);
