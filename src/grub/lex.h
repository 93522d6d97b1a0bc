/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GRUB scripts cut into words (GRUB manual, "Quoting" and "Variable expansion"). For its parser. */
#pragma once

#include "grub/script.h"

enum grub_token_kind {
	GRUB_TOKEN_END,
	GRUB_TOKEN_NEWLINE,
	GRUB_TOKEN_SEMICOLON,
	GRUB_TOKEN_OPEN,  /* { */
	GRUB_TOKEN_CLOSE, /* } */
	GRUB_TOKEN_WORD,
	GRUB_TOKEN_BAD, /* what no script may have there: reason */
};

struct grub_token {
	enum grub_token_kind kind;
	unsigned int line;
	struct grub_word *word;
	const char *reason;
};

struct grub_lexer {
	struct arena *arena;
	const char *at;
	unsigned int line;
	bool is_quote_open; /* the end of the text was met within a quote */
};

/* The next token. 0 or -ENOMEM. */
int grub_lex(struct grub_lexer *lexer, struct grub_token *ret_token);

/* To the start of the next line. */
void grub_lex_skip_line(struct grub_lexer *lexer);
