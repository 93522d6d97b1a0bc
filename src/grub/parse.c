// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB scripts as a tree; see script.h.
 *
 * The grammar is GRUB's own (GRUB manual, "Shell-like scripting"): a block or a branch has at least
 * one command, functions are not within anything, and there is no pipe, no && and no case.
 *
 * GRUB reads line by line: as many lines as what begins in the first of them takes are parsed, then
 * run. A word that cannot stand where it does costs these lines, all that is on them, and the next
 * line begins anew, be it within what was begun (script/parser.y, "script: error"). So it is here: what
 * those lines had is kept below a broken node, and nothing of it is run.
 */
#include "grub/parser.h"

#include <errno.h>
#include <string.h>

#define LOST_MAX 32

static struct grub_node *parse_commands(struct parser *p);
static struct grub_node *parse_script(struct parser *p);

/* The next word has no place here. */
static struct grub_node *parse_broken(struct parser *p)
{
	return grub_node_break(p, grub_node_new(p, GRUB_COMMAND), parser_unexpected(p));
}

static void enter_block(struct parser *p, struct parser *ret_around)
{
	*ret_around = *p;
	p->blocks++;
	p->ifs = p->loops = 0;
}

static void leave_block(struct parser *p, const struct parser *around)
{
	p->blocks = around->blocks;
	p->ifs = around->ifs;
	p->loops = around->loops;
}

/* From "{" to behind "}", as the body of @node; that of a function ends with an end of a command. */
static struct grub_node *parse_block(struct parser *p, struct grub_node *node)
{
	struct parser around;

	enter_block(p, &around);
	node->block = p->lexer.at - 1;
	parser_next(p);
	node->body = parse_commands(p);
	leave_block(p, &around);
	if (p->token.kind != GRUB_TOKEN_CLOSE)
		return grub_node_break(p, node, "its '{' is not closed");
	if (!node->body)
		return grub_node_break(p, node, "there is no command between '{' and '}'");
	if (node->kind == GRUB_FUNCTION && p->previous != GRUB_TOKEN_NEWLINE &&
	    p->previous != GRUB_TOKEN_SEMICOLON)
		return grub_node_break(p, node, "no end of a line and no ';' before its '}'");
	node->block_end = p->lexer.at;
	parser_next(p);
	return node;
}

/* Two that GRUB's lexer knows and its grammar has no place for. */
static bool is_forbidden(const struct parser *p)
{
	static const char *const words[] = { "[[", "]]", NULL };

	return parser_is_among(p, words);
}

static struct grub_word *parse_words(struct parser *p)
{
	struct grub_word *first = NULL, **end = &first;

	while (p->token.kind == GRUB_TOKEN_WORD && !is_forbidden(p)) {
		*end = p->token.word;
		end = &p->token.word->next;
		parser_next(p);
	}
	return first;
}

static struct grub_node *parse_simple(struct parser *p)
{
	struct grub_node *node = grub_node_new(p, GRUB_COMMAND);

	if (!node)
		return NULL;
	node->words = parse_words(p);
	if (p->token.kind == GRUB_TOKEN_OPEN)
		return parse_block(p, node);
	if (parser_is_delimiter(p) || p->token.kind == GRUB_TOKEN_END ||
	    p->token.kind == GRUB_TOKEN_CLOSE)
		return node;
	return grub_node_break(p, node, parser_unexpected(p));
}

/* What must be there is not: the construct that began as @node is broken. */
static struct grub_node *lacks(struct parser *p, struct grub_node *node, const char *text)
{
	return grub_node_break(
		p, node,
		arena_printf(p->arena, "it has no '%s' before %s", text, parser_token_text(p)));
}

/* Commands that must be there, before the word that ends them. */
static struct grub_node *parse_some(struct parser *p, struct grub_node *node, const char *reason)
{
	struct grub_node *first = parse_commands(p);

	if (!first)
		grub_node_break(p, node, reason);
	return first;
}

/* From behind "if" or "elif" to behind the commands of its branch. */
static bool parse_branch(struct parser *p, struct grub_node *node)
{
	node->condition = parse_some(p, node, "it has no condition");
	if (!parser_take(p, "then")) {
		lacks(p, node, "then");
		return false;
	}
	node->body = parse_some(p, node, "there is no command behind 'then'");
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
		last->otherwise = parse_some(p, first, "there is no command behind 'else'");
	}
	p->ifs--;
	return parser_take(p, "fi") ? first : lacks(p, first, "fi");
}

static struct grub_node *parse_loop_body(struct parser *p, struct grub_node *node)
{
	if (!parser_take(p, "do"))
		return lacks(p, node, "do");
	node->body = parse_some(p, node, "there is no command behind 'do'");
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
	node->condition = parse_some(p, node, "it has no condition");
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

	if (!node)
		return NULL;
	if (p->blocks || p->ifs || p->loops)
		return grub_node_break(p, node, "a function within something else");
	parser_next(p);
	if (p->token.kind == GRUB_TOKEN_WORD && grub_is_name(p->token.word)) {
		node->name = p->token.word->plain;
		parser_next(p);
	} else
		grub_node_break(p, node, "'function' without a name");
	parser_skip_newlines(p);
	if (p->token.kind != GRUB_TOKEN_OPEN)
		return lacks(p, node, "{");
	return parse_block(p, node);
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

	if (p->depth == GRUB_DEPTH_MAX)
		return grub_node_break(p, grub_node_new(p, GRUB_COMMAND),
				       "too many blocks in each other");
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
		bool begins_line = !first || p->previous == GRUB_TOKEN_NEWLINE;

		*end = parse_one(p);
		if (!*end)
			return NULL;
		(*end)->begins_line = begins_line;
		end = &(*end)->next;
		*end = parse_delimiter(p);
		if (*end)
			end = &(*end)->next;
	}
	return first;
}

/* What GRUB parses at once: to the end of the line in which all that was begun has ended. */
static struct grub_node *parse_lines(struct parser *p)
{
	struct grub_node *first = NULL, **end = &first;

	do {
		*end = parse_one(p);
		if (!*end)
			return first;
		(*end)->begins_line = *end == first;
		end = &(*end)->next;
		*end = parse_delimiter(p);
		if (*end)
			end = &(*end)->next;
	} while (!p->is_failed && p->previous != GRUB_TOKEN_NEWLINE &&
		 p->token.kind != GRUB_TOKEN_NEWLINE && p->token.kind != GRUB_TOKEN_END);
	return first;
}

/*
 * What cannot be parsed, with @parts of it. Where the end of the text came too early GRUB takes nothing
 * of all that follows; what it would be, were there only the first line missing, is its "otherwise".
 */
static struct grub_node *fail_lines(struct parser *p, struct grub_node *parts,
				    const struct grub_lexer *before)
{
	struct grub_node *node = grub_node_new(p, GRUB_BROKEN);
	bool is_lost = p->fault_token == GRUB_TOKEN_END || p->lexer.is_quote_open;

	if (!node)
		return NULL;
	node->line = p->fault_line;
	node->begins_line = true;
	node->reason = p->fault;
	node->body = parts;
	if (is_lost && ++p->lost < LOST_MAX)
		p->lexer = *before;
	if (is_lost || p->fault_token != GRUB_TOKEN_NEWLINE)
		grub_lex_skip_line(&p->lexer);
	p->is_failed = false;
	p->blocks = p->ifs = p->loops = p->depth = 0;
	parser_next(p);
	if (is_lost)
		node->otherwise = parse_script(p);
	return node;
}

static struct grub_node *parse_script(struct parser *p)
{
	struct grub_node *first = NULL, **end = &first;

	for (parser_skip_newlines(p); p->token.kind != GRUB_TOKEN_END && !p->code;
	     parser_skip_newlines(p)) {
		struct grub_lexer before = p->token_start;
		struct grub_node *lines = parse_lines(p);

		*end = p->is_failed ? fail_lines(p, lines, &before) : lines;
		while (*end)
			end = &(*end)->next;
	}
	return first;
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
	const char *copy = copy_text(arena, text);
	struct parser p = {
		.arena = arena,
		.script = ret_script,
		.lexer = { .arena = arena, .at = copy, .line = 1 },
	};

	if (!copy)
		return -ENOMEM;
	ret_script->faults = NULL;
	ret_script->fault_count = ret_script->fault_capacity = 0;
	parser_next(&p);
	ret_script->first = parse_script(&p);
	if (!p.code && p.tokens > GRUB_TOKENS_MAX)
		grub_node_break(&p, grub_node_new(&p, GRUB_COMMAND),
				"too long: the rest is not read");
	return p.code;
}

void grub_script_cut(struct grub_script *script)
{
	for (struct grub_node *node = script->first; node; node = node->next)
		if (node->kind == GRUB_BROKEN)
			node->next = node->otherwise = NULL;
}
