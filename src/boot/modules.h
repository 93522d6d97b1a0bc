/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drivers for what is there: from a modalias to modules, through libkmod, which knows aliases,
 * soft dependencies and what modprobe.d(5) forbids. The only file that links it.
 *
 * Each load runs in a child: a driver whose probe hangs keeps its own child and nothing else.
 */
#pragma once

#include "base/error.h"
#include "loop/loop.h"

#include <stdbool.h>

struct modules;

/* @idle is called when the last load that was under way has ended. -ENOENT: the image has no modules,
 * which is no error where all drivers are built in. */
int modules_new(struct loop *loop, void (*idle)(void *context), void *context,
		struct modules **ret_modules, struct error *e);
void modules_free(struct modules *modules);

/* Loads what drives @modalias, unless it was asked for before. Returns at once. */
void modules_request(struct modules *modules, const char *modalias);

/* While true, requests are dropped: nothing may bind while devices are released. */
void modules_hold(struct modules *modules, bool held);

/* How many loads are under way. */
size_t modules_loading(const struct modules *modules);

/* Loads @name (a module or an alias such as "fs-ext4") and waits for it. Only in a child. 0, or a
 * negative errno, -ENOENT for what is not in the image and not in the kernel. */
int modules_load(const char *name);

/* In this program as the kernel's modprobe: loads the last of @argv. An exit status. */
int modules_serve_kernel(int argc, char *argv[]);
