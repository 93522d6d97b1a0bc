/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of a few files in a temporary folder, made by a test and read by scan().
 *
 * Paths of devices are below /sys, as in struct device. Every disk that is added is free unless
 * claims_are() says otherwise.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "graph/scan.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree {
	char dir[64];
	struct sysroot *root;
	struct graph *graph;
};

static void make_folders(char *path)
{
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
}

static void put_mode(const struct tree *t, const char *path, const char *text, const char *mode)
{
	char full[1024];
	FILE *file;

	snprintf(full, sizeof(full), "%s%s", t->dir, path);
	make_folders(full);
	file = fopen(full, mode);
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static inline void put(const struct tree *t, const char *path, const char *text)
{
	put_mode(t, path, text, "w");
}

static inline void put_in(const struct tree *t, const char *path, const char *name,
			  const char *text)
{
	char full[1024];

	snprintf(full, sizeof(full), "/sys%s/%s", path, name);
	put(t, full, text);
}

/* A link at @path to @target, both below the root, written as sysfs does: relative. */
static inline void put_link(const struct tree *t, const char *path, const char *target)
{
	char full[1024], text[1024] = "";

	snprintf(full, sizeof(full), "%s%s", t->dir, path);
	make_folders(full);
	/* Up to the /sys folder, which both lie in. */
	for (const char *at = strchr(path + 1, '/'); (at = strchr(at + 1, '/'));)
		strcat(text, "../");
	strncat(text, strchr(target + 1, '/') + 1, sizeof(text) - strlen(text) - 1);
	assert_int_equal(symlink(text, full), 0);
}

static inline void put_link_in(const struct tree *t, const char *path, const char *name,
			       const char *target)
{
	char from[512], to[512];

	snprintf(from, sizeof(from), "/sys%s/%s", path, name);
	snprintf(to, sizeof(to), "/sys%s", target);
	put_link(t, from, to);
}

static inline const char *last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* A device on @bus; @driver NULL: not bound. */
static inline void put_device(const struct tree *t, const char *path, const char *bus,
			      const char *driver)
{
	char from[512], to[512];

	put_in(t, path, "modalias", bus);
	snprintf(from, sizeof(from), "/sys/bus/%s/devices/%s", bus, last_part(path));
	snprintf(to, sizeof(to), "/sys%s", path);
	put_link(t, from, to);
	if (!driver)
		return;
	snprintf(from, sizeof(from), "/sys/bus/%s/drivers/%s/%s", bus, driver, last_part(path));
	put_link(t, from, to);
	snprintf(from, sizeof(from), "/sys/bus/%s/drivers/%s/unbind", bus, driver);
	put(t, from, "");
	snprintf(from, sizeof(from), "/sys%s/driver", path);
	snprintf(to, sizeof(to), "/sys/bus/%s/drivers/%s", bus, driver);
	put_link(t, from, to);
}

static inline void put_pci(const struct tree *t, const char *path, const char *modalias,
			   const char *driver)
{
	put_device(t, path, "pci", driver);
	put_in(t, path, "modalias", modalias);
}

static inline void put_class(const struct tree *t, const char *class, const char *path)
{
	char from[512], to[512];

	snprintf(from, sizeof(from), "/sys/class/%s/%s", class, last_part(path));
	snprintf(to, sizeof(to), "/sys%s", path);
	put_link(t, from, to);
}

static inline void claims_are(const struct tree *t, const char *text)
{
	put(t, "/kexit-capture/claims", text);
}

/* A block device at @path with the number @dev; @partition as well if its parent is a disk. */
static inline void put_disk(const struct tree *t, const char *path, const char *dev)
{
	char claim[128];

	put_in(t, path, "dev", dev);
	put_in(t, path, "size", "2048");
	put_in(t, path, "ro", "0");
	put_class(t, "block", path);
	snprintf(claim, sizeof(claim), "%s free\n", last_part(path));
	put_mode(t, "/kexit-capture/claims", claim, "a");
}

static inline void put_partition(const struct tree *t, const char *path, const char *dev)
{
	put_in(t, path, "partition", "1");
	put_disk(t, path, dev);
}

static inline void put_slave(const struct tree *t, const char *path, const char *slave)
{
	char name[256];

	snprintf(name, sizeof(name), "slaves/%s", last_part(slave));
	put_link_in(t, path, name, slave);
}

/* A virtio disk and its devices; returns the path of the virtio device, which owns the disk. */
#define VIRTIO_DISK(t, slot, n, name, dev)                                                         \
	(put_pci(t, "/devices/pci0000:00/0000:00:0" slot ".0",                                     \
		 "pci:v00001AF4d00001042sv00001AF4sd00001100bc01sc00i00", "virtio-pci"),           \
	 put_device(t, "/devices/pci0000:00/0000:00:0" slot ".0/virtio" n, "virtio",               \
		    "virtio_blk"),                                                                 \
	 put_disk(t, "/devices/pci0000:00/0000:00:0" slot ".0/virtio" n "/block/" name, dev),      \
	 "/devices/pci0000:00/0000:00:0" slot ".0/virtio" n)

static inline void scan_tree(struct tree *t)
{
	struct error e = ERROR_NONE;

	if (!t->root)
		assert_int_equal(sysroot_open(t->dir, &t->root), 0);
	graph_free(t->graph);
	t->graph = NULL;
	assert_int_equal(scan(t->root, &t->graph, &e), 0);
}

static inline struct device *device_at(const struct tree *t, const char *path)
{
	struct device *device = graph_find(t->graph, path);

	if (!device)
		fail_msg("no device %s", path);
	return device;
}

static inline void assert_used(const struct tree *t, const char *path, enum use_kind kind,
			       const char *words)
{
	const struct use *use = device_at(t, path)->uses;

	for (; use; use = use->next)
		if (use->kind == kind && !strcmp(use->words, words))
			return;
	for (use = device_at(t, path)->uses; use; use = use->next)
		print_message("%s: %s: %s\n", path, use_kind_name(use->kind), use->words);
	fail_msg("%s is not used as %s: %s", path, use_kind_name(kind), words);
}

static inline void assert_unused(const struct tree *t, const char *path)
{
	const struct use *use = device_at(t, path)->uses;

	if (use)
		fail_msg("%s is used: %s", path, use->words);
}

static int setup_tree(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	strcpy(t->dir, "/tmp/kexit-scan-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	put(t, "/sys/bus/.keep", "");
	put(t, "/sys/class/.keep", "");
	put(t, "/proc/self/mountinfo", "");
	*state = t;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int teardown_tree(void **state)
{
	struct tree *t = *state;

	graph_free(t->graph);
	sysroot_close(t->root);
	nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(t);
	return 0;
}

#define TREE_TEST(f) cmocka_unit_test_setup_teardown(f, setup_tree, teardown_tree)
