/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A GRUB script while it is parsed: the next token, and nodes. Inside parse.c and parser.c. */
#pragma once

#include "grub/lex.h"

#define GRUB_TOKENS_MAX 300000

struct parser {
	struct arena *arena;
	struct grub_script *script;
	struct grub_lexer lexer;
	struct grub_token token;       /* the next one */
	enum grub_token_kind previous; /* of the one before */
	int code;		       /* -ENOMEM; all that is read is then the end */
	unsigned int tokens, depth;

	/* What is open around us, up to the innermost block: whose closing word may come. */
	unsigned int blocks, ifs, loops;

	struct grub_lexer token_start; /* before the next token was read */
	/* A word has no place where it is: nothing more is read of what began before it. */
	bool is_failed;
	unsigned int fault_line, lost;
	enum grub_token_kind fault_token;
	const char *fault;
};

void parser_next(struct parser *p);
void parser_skip_newlines(struct parser *p);

/* Is the next token the bare word @text; one of @texts, which end with NULL? */
bool parser_is_word(const struct parser *p, const char *text);
bool parser_is_among(const struct parser *p, const char *const *texts);
bool parser_is_delimiter(const struct parser *p);

/* Takes the word @text; false where there is another. */
bool parser_take(struct parser *p, const char *text);

/* For messages: the next token, and that it is not expected. The second may be NULL: no memory. */
const char *parser_token_text(const struct parser *p);
const char *parser_unexpected(struct parser *p);

/* May a variable or a function be called that? */
bool grub_is_name(const struct grub_word *word);

/* NULL when memory is short. */
struct grub_node *grub_node_new(struct parser *p, enum grub_kind kind);

/*
 * @node (may be NULL) is broken, for the next token; all that is read is then the end. Only the first
 * reason counts.
 */
struct grub_node *grub_node_break(struct parser *p, struct grub_node *node, const char *reason);
