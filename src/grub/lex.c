// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB scripts cut into words; see lex.h. */
#include "grub/lex.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define SPECIAL "{}|&$;<> \t\r\n'\""

/* A word while it is read. */
struct builder {
	struct grub_lexer *lexer;
	struct grub_word *word;
	struct grub_part **end;
	const char *fault;
	bool is_plain;
	bool is_over; /* the fault ends the word, too */
};

static int add(struct builder *builder, const char *text, bool is_variable, bool is_quoted)
{
	struct grub_part *part = arena_alloc(builder->lexer->arena, sizeof(*part));

	if (!part || !text)
		return -ENOMEM;
	*part = (struct grub_part){
		.text = text,
		.is_variable = is_variable,
		.is_quoted = is_quoted,
	};
	*builder->end = part;
	builder->end = &part->next;
	return 0;
}

/*
 * "\x2d" is kept as it is, with its backslash: in names of devices it means a byte, and Fedora's
 * GRUB passes it on for that reason.
 */
static bool is_byte(const char *at)
{
	return at[0] == '\\' && at[1] == 'x' && isxdigit((unsigned char)at[2]) &&
	       isxdigit((unsigned char)at[3]);
}

/* A backslash joins this line with the next, and there is none. */
static bool is_cut(const char *at)
{
	return *at == '\\' && !at[1 + (at[1] == '\n')];
}

static int lex_cut(struct builder *builder, const char *at)
{
	builder->fault = "a backslash with no line behind it";
	builder->is_over = builder->lexer->is_quote_open = true;
	builder->lexer->at = at + strlen(at);
	return 0;
}

static int lex_bare(struct builder *builder)
{
	struct grub_lexer *lexer = builder->lexer;
	const char *start = lexer->at, *end = start;
	char *text, *to;

	while (*end && !strchr(SPECIAL, *end) && !is_cut(end))
		end += *end == '\\' && end[1] ? 2 : 1;
	if (is_cut(end))
		return lex_cut(builder, end);
	text = to = arena_alloc(lexer->arena, (size_t)(end - start) + 1);
	if (!text)
		return -ENOMEM;
	for (const char *from = start; from < end; from++) {
		if (*from == '\\')
			builder->is_plain = false;
		if (*from == '\\' && from[1] == '\n') {
			lexer->line++;
			from++;
			continue;
		}
		if (*from == '\\' && from + 1 < end && !is_byte(from))
			from++;
		*to++ = *from;
	}
	lexer->at = end;
	/* A line's end behind a backslash, alone, is no word. */
	return to == text ? 0 : add(builder, text, false, false);
}

static int lex_unclosed(struct builder *builder, const char *start)
{
	struct grub_lexer *lexer = builder->lexer;

	lexer->is_quote_open = builder->is_over = true;
	builder->fault = "a quote that is not closed";
	lexer->at = start + strlen(start);
	return 0;
}

/* The length of a quoted string up to its closing quote, or -1. */
static ptrdiff_t find_quote(const struct grub_lexer *lexer, char quote)
{
	const char *at = lexer->at;

	for (; *at && *at != quote; at++) {
		if (quote == '"' && *at == '\\' && at[1])
			at++;
	}
	return *at ? at - lexer->at : -1;
}

static void count_lines(struct grub_lexer *lexer, const char *end)
{
	for (; lexer->at < end; lexer->at++)
		lexer->line += *lexer->at == '\n';
}

static int lex_single(struct builder *builder)
{
	struct grub_lexer *lexer = builder->lexer;
	const char *start = ++lexer->at;
	ptrdiff_t length = find_quote(lexer, '\'');
	int r;

	if (length < 0)
		return lex_unclosed(builder, start);
	r = add(builder, arena_strndup(lexer->arena, start, (size_t)length), false, true);
	count_lines(lexer, start + length + 1);
	return r;
}

/* The length of a variable's name at @at: a word, a number, or one of ?#*@. 0: there is none. */
static size_t name_length(const char *at)
{
	size_t length = 0;

	if (*at && strchr("?#*@", *at))
		return 1;
	if (isdigit((unsigned char)*at))
		return strspn(at, "0123456789");
	while (isalnum((unsigned char)at[length]) || at[length] == '_')
		length++;
	return length;
}

static int lex_variable(struct builder *builder, bool is_quoted)
{
	struct grub_lexer *lexer = builder->lexer;
	const char *name = lexer->at + 1;
	bool is_braced = *name == '{';
	size_t length = name_length(name += is_braced);

	builder->is_plain = false;
	if (!length || (is_braced && name[length] != '}')) {
		builder->fault = "a $ without a variable's name behind it";
		builder->is_over = !is_quoted;
		lexer->at++;
		return 0;
	}
	lexer->at = name + length + is_braced;
	return add(builder, arena_strndup(lexer->arena, name, length), true, is_quoted);
}

/* Up to @end, the closing quote, or the next variable. */
static int lex_double_text(struct builder *builder, const char *end)
{
	struct grub_lexer *lexer = builder->lexer;
	char *text = arena_alloc(lexer->arena, (size_t)(end - lexer->at) + 1), *to = text;

	if (!text)
		return -ENOMEM;
	for (; lexer->at < end && *lexer->at != '$'; lexer->at++) {
		bool is_escape = *lexer->at == '\\' && strchr("$\\\"\n", lexer->at[1]);

		lexer->at += is_escape;
		lexer->line += *lexer->at == '\n';
		if (!is_escape || *lexer->at != '\n')
			*to++ = *lexer->at;
	}
	return add(builder, text, false, true);
}

static int lex_double(struct builder *builder)
{
	struct grub_lexer *lexer = builder->lexer;
	const char *start = ++lexer->at, *end;
	ptrdiff_t length = find_quote(lexer, '"');
	int r;

	if (length < 0)
		return lex_unclosed(builder, start);
	end = start + length;
	/* Also where it is empty: "" is a word. */
	do {
		r = lex_double_text(builder, end);
		if (!r && lexer->at < end)
			r = lex_variable(builder, true);
	} while (!r && lexer->at < end);
	if (!r)
		count_lines(lexer, end + 1);
	return r;
}

static int lex_piece(struct builder *builder)
{
	const char *at = builder->lexer->at;

	switch (*at) {
	case '\'':
		builder->is_plain = false;
		return lex_single(builder);
	case '"':
		builder->is_plain = false;
		return lex_double(builder);
	case '$':
		/* $"..." is to be translated; it is expanded like any other. */
		builder->lexer->at += at[1] == '"';
		builder->is_plain = false;
		return at[1] == '"' ? lex_double(builder) : lex_variable(builder, false);
	default:
		return lex_bare(builder);
	}
}

static int lex_word(struct grub_lexer *lexer, struct grub_token *token)
{
	struct builder builder = { .lexer = lexer, .is_plain = true };

	builder.word = arena_alloc(lexer->arena, sizeof(*builder.word));
	if (!builder.word)
		return -ENOMEM;
	builder.end = &builder.word->parts;
	while (*lexer->at && !strchr("{}|&;<> \t\r\n", *lexer->at) && !builder.is_over)
		if (lex_piece(&builder))
			return -ENOMEM;
	token->kind = builder.fault ? GRUB_TOKEN_BAD : GRUB_TOKEN_WORD;
	token->reason = builder.fault;
	token->word = builder.word;
	if (builder.is_plain && builder.word->parts)
		builder.word->plain = builder.word->parts->text;
	return 0;
}

/* A backslash before the line's end joins two lines. */
static void skip_blanks(struct grub_lexer *lexer)
{
	for (;;) {
		lexer->at += strspn(lexer->at, " \t\r");
		if (*lexer->at == '#')
			lexer->at += strcspn(lexer->at, "\n");
		if (lexer->at[0] != '\\' || lexer->at[1] != '\n' || is_cut(lexer->at))
			return;
		lexer->at += 2;
		lexer->line++;
	}
}

static int lex_mark(struct grub_lexer *lexer, struct grub_token *token, enum grub_token_kind kind)
{
	token->kind = kind;
	lexer->line += *lexer->at == '\n';
	lexer->at++;
	return 0;
}

static int lex_bad(struct grub_lexer *lexer, struct grub_token *token)
{
	size_t length = lexer->at[1] == lexer->at[0] ? 2 : 1;

	token->kind = GRUB_TOKEN_BAD;
	token->reason =
		arena_printf(lexer->arena, "GRUB's scripts have no %.*s", (int)length, lexer->at);
	lexer->at += length;
	return token->reason ? 0 : -ENOMEM;
}

int grub_lex(struct grub_lexer *lexer, struct grub_token *ret_token)
{
	skip_blanks(lexer);
	*ret_token = (struct grub_token){ .line = lexer->line };
	switch (*lexer->at) {
	case '\0':
		return 0;
	case '\n':
		return lex_mark(lexer, ret_token, GRUB_TOKEN_NEWLINE);
	case ';':
		if (lexer->at[1] == ';')
			return lex_bad(lexer, ret_token);
		return lex_mark(lexer, ret_token, GRUB_TOKEN_SEMICOLON);
	case '{':
		return lex_mark(lexer, ret_token, GRUB_TOKEN_OPEN);
	case '}':
		return lex_mark(lexer, ret_token, GRUB_TOKEN_CLOSE);
	case '|':
	case '&':
	case '<':
	case '>':
		return lex_bad(lexer, ret_token);
	default:
		return lex_word(lexer, ret_token);
	}
}

void grub_lex_skip_line(struct grub_lexer *lexer)
{
	lexer->at += strcspn(lexer->at, "\n");
	if (!*lexer->at)
		return;
	lexer->at++;
	lexer->line++;
}
