/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A GRUB 2 script as a tree (GRUB manual, "Writing full configuration files directly"): text in,
 * tree out, nothing run.
 *
 * What cannot be parsed becomes a GRUB_BROKEN node in its place, with what is left of it below: it
 * costs what GRUB reads at once, and reading goes on in the line behind (parse.c). All of a tree is in one arena.
 */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct fsroot;

/* A word is the parts of it in a row: "a$b"'c' is the text a, the variable b, the text c. */
struct grub_part {
	struct grub_part *next;
	const char *text; /* as it stands after unquoting; of a variable, its name */
	bool is_variable;
	bool is_quoted; /* its value is not split at blanks, and is a word even where it is empty */
};

struct grub_word {
	struct grub_word *next;
	struct grub_part *parts;
	const char *plain; /* the text of a word without quotes and variables; else NULL */
};

enum grub_kind {
	GRUB_COMMAND,  /* words, body: the block behind them, if there is one */
	GRUB_IF,       /* condition, body, otherwise */
	GRUB_FOR,      /* name, words, body */
	GRUB_WHILE,    /* condition, body, is_until */
	GRUB_FUNCTION, /* name, body */
	/*
	 * reason; body: what could be read of it, which GRUB knows nothing of. Where the text ended too
	 * early, otherwise: the lines behind its first, which GRUB does not see either.
	 */
	GRUB_BROKEN,
};

struct grub_script;

struct grub_node {
	struct grub_node *next;
	const struct grub_script *script;
	unsigned int line;
	enum grub_kind kind;
	bool begins_line; /* no other command is before it in its line */
	bool is_until;
	const char *name;
	const char *reason;
	struct grub_word *words;
	const char *block; /* of a command, the text of its body with brackets, to block_end */
	const char *block_end;
	struct grub_node *condition, *body, *otherwise;
};

struct grub_fault {
	unsigned int line;
	const char *reason;
};

struct grub_script {
	const struct fsroot *root; /* the file system that the file is on, for the caller's use */
	const char *path;
	bool is_string; /* of eval: what cannot be parsed ends it, and nothing around it */
	struct grub_node *first;
	struct grub_fault *faults; /* one for each broken node, in their order */
	size_t fault_count, fault_capacity;
};

/*
 * Parses @text. Blocks and compound commands may lie GRUB_DEPTH_MAX deep in each other; all that is
 * wrong is in the tree. @ret_script->root and ->path are left as they are. 0 or -ENOMEM.
 */
#define GRUB_DEPTH_MAX 64
int grub_parse(struct arena *arena, const char *text, struct grub_script *ret_script);

/* As GRUB runs strings (eval, the body of an entry): behind what cannot be parsed there is nothing. */
void grub_script_cut(struct grub_script *script);
