/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was made, and what it weighs: as a table, or as JSON (kexit-mkboot(8), --json). */
#pragma once

#include "mkboot/elf.h"
#include "mkboot/kernel.h"
#include "mkboot/tree.h"

#define OUTPUTS_MAX 8

struct output {
	const char *kind; /* "initramfs", "kernel", "uki", "bootkernel", "flash" */
	const char *path;
	size_t bytes;
};

struct manifest {
	const struct kernel *kernel;
	const struct arch *arch;
	struct tree *tree;
	size_t modules;	     /* how many */
	size_t packed_bytes; /* the initramfs */
	size_t cpio_bytes;   /* the same before its compression */
	struct output outputs[OUTPUTS_MAX];
	size_t output_count;
};

void manifest_add_output(struct manifest *m, const char *kind, const char *path, size_t bytes);

void manifest_print_text(const struct manifest *m);
void manifest_print_json(const struct manifest *m);
