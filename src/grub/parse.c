// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB scripts as a tree; see script.h.
 *
 * The grammar is GRUB's own (GRUB manual, "Shell-like scripting"): a block or a branch has at least
 * one command, functions are not within anything, and there is no pipe, no && and no case. What is
 * against it is told and kept as a broken node, and reading goes on behind it: at the next line, or
 * where the construct around it ends.
 */
#include "grub/parser.h"

#include <errno.h>
#include <string.h>

static struct grub_node *parse_commands(struct parser *p);

/* The rest of the line is not understood. */
static struct grub_node *parse_broken(struct parser *p)
{
	struct grub_node *node =
		grub_node_break(p, grub_node_new(p, GRUB_COMMAND), parser_unexpected(p));

	parser_next(p);
	parser_skip_line(p);
	return node;
}

static void enter_block(struct parser *p, struct parser *ret_around, bool is_in_entry)
{
	*ret_around = *p;
	p->blocks++;
	p->ifs = p->loops = 0;
	p->is_in_entry = is_in_entry;
}

static void leave_block(struct parser *p, const struct parser *around)
{
	p->blocks = around->blocks;
	p->ifs = around->ifs;
	p->loops = around->loops;
	p->is_in_entry = around->is_in_entry;
}

/* From "{" to behind "}", as the body of @node. */
static struct grub_node *parse_block(struct parser *p, struct grub_node *node, bool is_in_entry)
{
	struct parser around;

	enter_block(p, &around, is_in_entry);
	parser_next(p);
	node->body = parse_commands(p);
	leave_block(p, &around);
	p->is_closed_alone =
		p->previous == GRUB_TOKEN_NEWLINE || p->previous == GRUB_TOKEN_SEMICOLON;
	if (p->token.kind == GRUB_TOKEN_CLOSE)
		parser_next(p);
	else {
		p->is_block_open = true;
		return grub_node_break(p, node, "its '{' is not closed");
	}
	return node->body ? node
			  : grub_node_break(p, node, "there is no command between '{' and '}'");
}

static struct grub_word *parse_words(struct parser *p)
{
	struct grub_word *first = NULL, **end = &first;

	while (p->token.kind == GRUB_TOKEN_WORD) {
		*end = p->token.word;
		end = &p->token.word->next;
		parser_next(p);
	}
	return first;
}

static bool has_plain_name(const struct grub_word *word, const char *name)
{
	return word && word->plain && !strcmp(word->plain, name);
}

static struct grub_node *parse_simple(struct parser *p)
{
	struct grub_node *node = grub_node_new(p, GRUB_COMMAND);

	if (!node)
		return NULL;
	node->words = parse_words(p);
	if (p->token.kind == GRUB_TOKEN_OPEN)
		return parse_block(p, node, !has_plain_name(node->words, "submenu"));
	if (parser_is_delimiter(p) || p->token.kind == GRUB_TOKEN_END ||
	    p->token.kind == GRUB_TOKEN_CLOSE)
		return node;
	node = grub_node_break(p, node, parser_unexpected(p));
	parser_skip_line(p);
	return node;
}

/* What must be there is not: the construct that began as @node is broken. */
static struct grub_node *lacks(struct parser *p, struct grub_node *node, const char *text)
{
	return grub_node_break(
		p, node,
		arena_printf(p->arena, "it has no '%s' before %s", text, parser_token_text(p)));
}

/* Whether a broken condition holds is not to be known: what depends on it is broken for its reason. */
static void check_condition(struct grub_node *node)
{
	const struct grub_node *inner = node->condition;

	while (inner && inner->kind != GRUB_BROKEN)
		inner = inner->next;
	if (!inner || node->kind == GRUB_BROKEN)
		return;
	node->kind = GRUB_BROKEN;
	node->line = inner->line;
	node->reason = inner->reason;
}

/* From behind "if" or "elif" to behind the commands of its branch. */
static bool parse_branch(struct parser *p, struct grub_node *node)
{
	node->condition = parse_commands(p);
	check_condition(node);
	if (!parser_take(p, "then")) {
		lacks(p, node, "then");
		return false;
	}
	node->body = parse_commands(p);
	if (!node->condition || !node->body)
		grub_node_break(p, node, "there is no command in its condition or behind 'then'");
	return true;
}

/* An "elif" is an if within the else of the one before. Where it breaks, all do: one "fi" ends them. */
static struct grub_node *parse_if(struct parser *p)
{
	struct grub_node *first = grub_node_new(p, GRUB_IF), *last = first;
	bool is_whole;

	if (!first)
		return NULL;
	p->ifs++;
	parser_next(p);
	is_whole = parse_branch(p, last);
	while (is_whole && parser_is_word(p, "elif")) {
		last->otherwise = grub_node_new(p, GRUB_IF);
		if (!last->otherwise)
			return NULL;
		last = last->otherwise;
		parser_next(p);
		is_whole = parse_branch(p, last);
	}
	if (is_whole && parser_take(p, "else")) {
		last->otherwise = parse_commands(p);
		if (!last->otherwise)
			grub_node_break(p, first, "there is no command behind 'else'");
	}
	p->ifs--;
	return parser_take(p, "fi") ? first : lacks(p, first, "fi");
}

static struct grub_node *parse_loop_body(struct parser *p, struct grub_node *node)
{
	if (!parser_take(p, "do"))
		return lacks(p, node, "do");
	node->body = parse_commands(p);
	if (!node->body)
		grub_node_break(p, node, "there is no command behind 'do'");
	return parser_take(p, "done") ? node : lacks(p, node, "done");
}

static struct grub_node *parse_while(struct parser *p, bool is_until)
{
	struct grub_node *node = grub_node_new(p, GRUB_WHILE);

	if (!node)
		return NULL;
	node->is_until = is_until;
	parser_next(p);
	p->loops++;
	node->condition = parse_commands(p);
	check_condition(node);
	if (!node->condition)
		grub_node_break(p, node, "it has no condition");
	node = parse_loop_body(p, node);
	p->loops--;
	return node;
}

static struct grub_node *parse_for(struct parser *p)
{
	struct grub_node *node = grub_node_new(p, GRUB_FOR);

	if (!node)
		return NULL;
	parser_next(p);
	if (p->token.kind == GRUB_TOKEN_WORD && grub_is_name(p->token.word)) {
		node->name = p->token.word->plain;
		parser_next(p);
	} else
		grub_node_break(p, node, "'for' without a variable's name");
	if (!parser_take(p, "in"))
		grub_node_break(p, node, "'for' without 'in'");
	node->words = parse_words(p);
	if (!parser_is_delimiter(p))
		grub_node_break(p, node, parser_unexpected(p));
	else
		parser_next(p);
	parser_skip_newlines(p);
	p->loops++;
	node = parse_loop_body(p, node);
	p->loops--;
	return node;
}

static struct grub_node *parse_function(struct parser *p)
{
	struct grub_node *node = grub_node_new(p, GRUB_FUNCTION);
	bool is_inner = p->blocks || p->ifs || p->loops;

	if (!node)
		return NULL;
	parser_next(p);
	if (p->token.kind == GRUB_TOKEN_WORD && grub_is_name(p->token.word)) {
		node->name = p->token.word->plain;
		parser_next(p);
	} else
		grub_node_break(p, node, "'function' without a name");
	parser_skip_newlines(p);
	if (p->token.kind != GRUB_TOKEN_OPEN)
		return lacks(p, node, "{");
	node = parse_block(p, node, true);
	if (!p->is_closed_alone)
		grub_node_break(p, node, "no end of a line and no ';' before its '}'");
	return is_inner ? grub_node_break(p, node, "a function within something else") : node;
}

static struct grub_node *parse_command(struct parser *p)
{
	static const char *const reserved[] = { "case", "esac", "select", "in", "[[", "]]", NULL };

	if (p->token.kind != GRUB_TOKEN_WORD || parser_is_among(p, reserved))
		return parse_broken(p);
	if (parser_is_word(p, "if"))
		return parse_if(p);
	if (parser_is_word(p, "for"))
		return parse_for(p);
	if (parser_is_word(p, "while") || parser_is_word(p, "until"))
		return parse_while(p, parser_is_word(p, "until"));
	if (parser_is_word(p, "function"))
		return parse_function(p);
	return parse_simple(p);
}

static struct grub_node *parse_deeper(struct parser *p)
{
	struct grub_node *node;

	if (p->depth == GRUB_DEPTH_MAX) {
		node = grub_node_break(p, grub_node_new(p, GRUB_COMMAND),
				       "too many blocks in each other");
		parser_skip_line(p);
		return node;
	}
	p->depth++;
	node = parse_command(p);
	p->depth--;
	return node;
}

/* Does the next token end the commands of the construct that we are in? */
static bool is_end(const struct parser *p)
{
	static const char *const of_if[] = { "then", "elif", "else", "fi", NULL };
	static const char *const of_loop[] = { "do", "done", NULL };

	if (p->token.kind == GRUB_TOKEN_END)
		return true;
	if (p->blocks && p->token.kind == GRUB_TOKEN_CLOSE)
		return true;
	if (p->ends_blocks_at_entry && p->is_in_entry && parser_is_entry_word(p))
		return true;
	return (p->ifs && parser_is_among(p, of_if)) || (p->loops && parser_is_among(p, of_loop));
}

/* One of these that ends nothing. */
static bool is_stray(const struct parser *p)
{
	static const char *const words[] = { "then", "elif", "else", "fi", "do", "done", NULL };

	return p->token.kind == GRUB_TOKEN_CLOSE || parser_is_among(p, words);
}

static struct grub_node *parse_one(struct parser *p)
{
	return is_stray(p) ? parse_broken(p) : parse_deeper(p);
}

/* Behind a command there is an end of it; else the rest of the line is broken. */
static struct grub_node *parse_delimiter(struct parser *p)
{
	if (parser_is_delimiter(p)) {
		parser_next(p);
		return NULL;
	}
	/* The block before was ended by this. */
	if (p->ends_blocks_at_entry && parser_is_entry_word(p))
		return NULL;
	if (!is_end(p))
		return parse_broken(p);
	if (p->token.kind != GRUB_TOKEN_WORD)
		return NULL;
	return grub_node_break(p, grub_node_new(p, GRUB_COMMAND), parser_unexpected(p));
}

/* All commands up to the end of what is around them; NULL: there is none. */
static struct grub_node *parse_commands(struct parser *p)
{
	struct grub_node *first = NULL, **end = &first;

	for (parser_skip_newlines(p); !is_end(p); parser_skip_newlines(p)) {
		*end = parse_one(p);
		if (!*end)
			return NULL;
		end = &(*end)->next;
		*end = parse_delimiter(p);
		if (*end)
			end = &(*end)->next;
	}
	return first;
}

static int parse(struct parser *p, struct arena *arena, const char *text,
		 struct grub_script *script)
{
	bool ends_blocks = p->ends_blocks_at_entry, ends_quotes = p->lexer.ends_quotes_with_line;

	script->first = NULL;
	script->faults = NULL;
	script->fault_count = script->fault_capacity = 0;
	*p = (struct parser){
		.arena = arena,
		.script = script,
		.ends_blocks_at_entry = ends_blocks,
		.lexer = { .arena = arena,
			   .at = text,
			   .line = 1,
			   .ends_quotes_with_line = ends_quotes },
	};
	parser_next(p);
	script->first = parse_commands(p);
	if (!p->code && p->tokens > GRUB_TOKENS_MAX)
		grub_node_break(p, grub_node_new(p, GRUB_COMMAND),
				"too long: the rest is not read");
	return p->code;
}

/* GRUB does not see carriage returns. */
static char *copy_text(struct arena *arena, const char *text)
{
	char *copy = arena_alloc(arena, strlen(text) + 1), *to = copy;

	if (!copy)
		return NULL;
	for (; *text; text++)
		if (*text != '\r')
			*to++ = *text;
	return copy;
}

int grub_parse(struct arena *arena, const char *text, struct grub_script *ret_script)
{
	struct parser p = { .code = 0 };
	const char *copy = copy_text(arena, text);
	int r = copy ? parse(&p, arena, copy, ret_script) : -ENOMEM;

	if (!r && p.lexer.is_quote_open) {
		p.lexer.ends_quotes_with_line = true;
		r = parse(&p, arena, copy, ret_script);
	}
	if (!r && p.is_block_open) {
		p.ends_blocks_at_entry = true;
		r = parse(&p, arena, copy, ret_script);
	}
	return r;
}
