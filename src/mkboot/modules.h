/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel modules into a tree: those of some classes, those that a machine's devices ask for, and
 * what these depend on; with indexes of just them, which is what libkmod and modprobe read.
 */
#pragma once

#include "base/error.h"
#include "mkboot/kernel.h"
#include "mkboot/tree.h"

struct modules;

/* Reads the indexes of @kernel's modules. The caller owns *@ret_modules. */
int modules_open(const struct kernel *kernel, struct modules **ret_modules, struct error *e);
void modules_close(struct modules *modules);

/* All of the classes @classes (classes.h), with what they need. */
int modules_want_classes(struct modules *modules, unsigned int classes, struct error *e);

/*
 * What modprobe(8) would load for @alias ("pci:v00001AF4d..."), but for what classes_has_no_use_for()
 * says; none is no failure.
 */
int modules_want_alias(struct modules *modules, const char *alias, struct error *e);

/* kexit_late.ko (kexit_late(4)), if it is installed for this kernel: the jump is safer with it. */
int modules_want_late(struct modules *modules, struct error *e);

/* Into usr/lib/modules/RELEASE: uncompressed, as the whole is compressed better than its parts. */
int modules_add(struct modules *modules, struct tree *tree, struct error *e);

size_t modules_count(const struct modules *modules);
