/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs of an installed system into a tree, each with every shared library it needs, at the
 * paths where its loader looks for them: the system may be another machine's, of any architecture.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "mkboot/elf.h"
#include "mkboot/tree.h"
#include "sys/fsroot.h"

struct programs {
	struct tree *tree;
	struct fsroot *root; /* the installed system */
	struct arena *arena;
	const struct arch *arch;       /* NULL before the first program: all must agree */
	unsigned int stand_ins_wanted; /* bits: places in stand_ins[] */
	const char *loader; /* their dynamic linker; NULL before the first one needs it */
};

/* Whatever is added must be of the architecture that the system's program @name has, if it has it. */
void programs_learn_arch(struct programs *p, const char *name);

/*
 * The program @name of the system, looked for in /usr/sbin, /usr/bin, /sbin and /bin, becomes
 * /usr/sbin/@name. -ENOENT: it is not installed; @e says so, and in which package it would be.
 */
int programs_add(struct programs *p, const char *name, const char *package, struct error *e);

/* The file @from of this machine becomes @to; its libraries still come from the system. */
int programs_add_file(struct programs *p, const char *from, const char *to, struct error *e);

/* The library as the loader would find it. *@ret, which must be empty, is untouched on failure. */
int programs_read_library(struct programs *p, const char *name, struct buffer *ret,
			  struct error *e);

/* A library that is loaded by name at run time (dlopen). -ENOENT as above. */
int programs_add_library(struct programs *p, const char *name, struct error *e);
