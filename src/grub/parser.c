// SPDX-License-Identifier: GPL-2.0-or-later
/* What a parser of GRUB scripts goes forward with; see parser.h. */
#include "grub/parser.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

void parser_next(struct parser *p)
{
	if (p->is_failed)
		return;
	p->previous = p->token.kind;
	p->token_start = p->lexer;
	if (!p->code)
		p->code = grub_lex(&p->lexer, &p->token);
	if (p->code || p->tokens++ >= GRUB_TOKENS_MAX)
		p->token = (struct grub_token){ .kind = GRUB_TOKEN_END, .line = p->lexer.line };
}

bool parser_is_word(const struct parser *p, const char *text)
{
	const struct grub_word *word = p->token.word;

	return p->token.kind == GRUB_TOKEN_WORD && word->plain && !strcmp(word->plain, text);
}

bool parser_is_among(const struct parser *p, const char *const *texts)
{
	for (; *texts; texts++)
		if (parser_is_word(p, *texts))
			return true;
	return false;
}

struct grub_node *grub_node_new(struct parser *p, enum grub_kind kind)
{
	struct grub_node *node = arena_alloc(p->arena, sizeof(*node));

	if (!node) {
		p->code = -ENOMEM;
		return NULL;
	}
	node->script = p->script;
	node->line = p->token.line;
	node->kind = kind;
	return node;
}

struct grub_node *grub_node_break(struct parser *p, struct grub_node *node, const char *reason)
{
	struct grub_script *script = p->script;

	if (!node)
		return NULL;
	node->kind = GRUB_BROKEN;
	node->reason = p->is_failed ? p->fault : reason;
	if (p->is_failed)
		return node;
	if (!reason || arena_grow(p->arena, &script->faults, &script->fault_capacity,
				  script->fault_count + 1, sizeof(struct grub_fault))) {
		p->code = -ENOMEM;
		return NULL;
	}
	p->is_failed = true;
	p->fault = reason;
	p->fault_token = p->token.kind;
	/* What lacks its end is told where it begins, all else where the word is that is too much. */
	p->fault_line = p->token.kind == GRUB_TOKEN_END ? node->line : p->token.line;
	p->token.kind = GRUB_TOKEN_END;
	script->faults[script->fault_count++] =
		(struct grub_fault){ .line = p->fault_line, .reason = reason };
	return node;
}

const char *parser_token_text(const struct parser *p)
{
	switch (p->token.kind) {
	case GRUB_TOKEN_END:
		return "the end of the file";
	case GRUB_TOKEN_NEWLINE:
		return "the end of the line";
	case GRUB_TOKEN_SEMICOLON:
		return "';'";
	case GRUB_TOKEN_OPEN:
		return "'{'";
	case GRUB_TOKEN_CLOSE:
		return "'}'";
	default:
		if (!p->token.word || !p->token.word->plain)
			return "a word";
		return arena_printf(p->arena, "'%s'", p->token.word->plain) ?: "a word";
	}
}

const char *parser_unexpected(struct parser *p)
{
	if (p->token.kind == GRUB_TOKEN_BAD)
		return p->token.reason;
	return arena_printf(p->arena, "%s is not expected here", parser_token_text(p));
}

bool grub_is_name(const struct grub_word *word)
{
	const char *c = word->plain;

	if (!c || isdigit((unsigned char)*c))
		return false;
	while (isalnum((unsigned char)*c) || *c == '_')
		c++;
	return !*c;
}

void parser_skip_newlines(struct parser *p)
{
	while (p->token.kind == GRUB_TOKEN_NEWLINE && !p->is_failed)
		parser_next(p);
}

bool parser_is_delimiter(const struct parser *p)
{
	return p->token.kind == GRUB_TOKEN_NEWLINE || p->token.kind == GRUB_TOKEN_SEMICOLON;
}

bool parser_take(struct parser *p, const char *text)
{
	if (!parser_is_word(p, text))
		return false;
	parser_next(p);
	return true;
}
