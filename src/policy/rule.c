// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The rule language, from text to struct rule. kexit-policy(5) describes it.
 *
 * Rule files are read as root right before a machine is taken down, so nothing is guessed: an
 * unknown word ends the parse with its file and line.
 */
#include "policy/rule.h"

#include "base/duration.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX       (1024 * 1024) /* of one file */
#define LINE_MAX_BYTES 4096	     /* of one physical line, and of one value */

struct parser {
	struct policy *policy;
	struct arena *arena;
	const char *name;
	const char *at, *end;
	unsigned int line;
	struct error *e;
	/* The word being read. */
	char key[32];
	char value[LINE_MAX_BYTES + 1];
};

#define fail(p, ...) fail_at((p), (p)->line, __VA_ARGS__)

static int __attribute__((format(printf, 3, 4)))
fail_at(struct parser *p, unsigned int line, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return error_set(p->e, -EINVAL, "%s:%u: %s", p->name, line, what);
}

/*
 * Text.
 */

/* utf8_length() of bytes that need not end in NUL. */
static size_t character_length(const char *s, size_t left)
{
	char bytes[5] = "";

	memcpy(bytes, s, left < 4 ? left : 4);
	return utf8_length(bytes);
}

/* Checked once for the whole text, so that the parser below sees characters only. */
static int check_text(struct parser *p)
{
	const char *line_start = p->at;
	unsigned int line = 1;

	if (p->end - p->at > TEXT_MAX)
		return error_set(p->e, -EINVAL, "%s: larger than %d bytes", p->name, TEXT_MAX);
	for (const char *s = p->at; s < p->end;) {
		unsigned char c = (unsigned char)*s;
		size_t length = character_length(s, (size_t)(p->end - s));

		if (c == '\r')
			return fail_at(p, line, "carriage return; lines end in a newline alone");
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return fail_at(p, line, "control character 0x%02x", c);
		if (length == 0)
			return fail_at(p, line, "not UTF-8 (byte 0x%02x)", c);
		s += length;
		if (c == '\n') {
			line++;
			line_start = s;
		} else if (s - line_start > LINE_MAX_BYTES) {
			return fail_at(p, line, "line is longer than %d bytes", LINE_MAX_BYTES);
		}
	}
	return 0;
}

static bool at_end(const struct parser *p)
{
	return p->at == p->end;
}

/* A backslash right before the end of a line. */
static bool at_continuation(const struct parser *p)
{
	return p->end - p->at >= 2 && p->at[0] == '\\' && p->at[1] == '\n';
}

static void skip_continuation(struct parser *p)
{
	p->at += 2;
	p->line++;
}

/* Blanks, continued line ends and a comment; stops at a word, at a newline or at the end. */
static void skip_blanks(struct parser *p)
{
	while (!at_end(p)) {
		if (*p->at == ' ' || *p->at == '\t')
			p->at++;
		else if (at_continuation(p))
			skip_continuation(p);
		else
			break;
	}
	if (!at_end(p) && *p->at == '#')
		while (!at_end(p) && *p->at != '\n')
			p->at++;
}

static bool at_word_end(const struct parser *p)
{
	return at_end(p) || *p->at == ' ' || *p->at == '\t' || *p->at == '\n' || at_continuation(p);
}

/*
 * Words: key=value.
 */

static int read_key(struct parser *p)
{
	size_t length = 0;

	while (!at_word_end(p) && *p->at != '=') {
		if (length == sizeof(p->key) - 1)
			return fail(p, "expected key=value, found \"%.*s...\"", (int)length,
				    p->key);
		p->key[length++] = *p->at++;
	}
	p->key[length] = '\0';
	if (at_end(p) || *p->at != '=')
		return fail(p, "expected key=value, found \"%s\"", p->key);
	if (length == 0)
		return fail(p, "a key is missing before \"=\"");
	p->at++;
	return 0;
}

static int append(struct parser *p, size_t *length, char c)
{
	if (*length == LINE_MAX_BYTES)
		return fail(p, "the value of \"%s\" is longer than %d bytes", p->key,
			    LINE_MAX_BYTES);
	p->value[(*length)++] = c;
	return 0;
}

/* After the opening quote. A backslash takes the next character as it is. */
static int read_quoted(struct parser *p, size_t *length)
{
	unsigned int start = p->line;

	for (;;) {
		if (at_end(p) || *p->at == '\n')
			return fail_at(p, start, "the value of \"%s\" has no closing quote",
				       p->key);
		if (*p->at == '"') {
			p->at++;
			return 0;
		}
		if (at_continuation(p)) {
			skip_continuation(p);
			continue;
		}
		if (*p->at == '\\' && p->end - p->at >= 2)
			p->at++;
		if (append(p, length, *p->at++) < 0)
			return -EINVAL;
	}
}

static int read_value(struct parser *p)
{
	size_t length = 0;

	if (!at_end(p) && *p->at == '"') {
		p->at++;
		if (read_quoted(p, &length) < 0)
			return -EINVAL;
		if (!at_word_end(p))
			return fail(p, "no space after the closing quote of \"%s\"", p->key);
	} else {
		for (; !at_word_end(p); p->at++) {
			if (*p->at == '"')
				return fail(p, "a quote inside the value of \"%s\"", p->key);
			if (append(p, &length, *p->at) < 0)
				return -EINVAL;
		}
	}
	p->value[length] = '\0';
	if (length == 0)
		return fail(p, "\"%s\" has no value", p->key);
	return 0;
}

/*
 * What each key does with its value.
 */

struct name {
	const char *text;
	int value;
};

static const struct name actions[] = {
	{ "release", ACTION_RELEASE },
	{ "leave", ACTION_LEAVE },
	{ "shutdown", ACTION_SHUTDOWN },
	{ "follow", ACTION_FOLLOW },
	{ NULL, 0 },
};

static const struct name resets[] = {
	{ "auto", RESET_AUTO },
	{ "live", RESET_LIVE },
	{ "none", RESET_NONE },
	{ "always", RESET_ALWAYS },
	{ NULL, 0 },
};

static const struct name phases[] = {
	{ "net", PHASE_NET },	    { "bus", PHASE_BUS },   { "storage", PHASE_STORAGE },
	{ "engine", PHASE_ENGINE }, { "last", PHASE_LAST }, { NULL, 0 },
};

static const struct name verifies[] = {
	{ "check", VERIFY_CHECK },
	{ "waive", VERIFY_WAIVE },
	{ NULL, 0 },
};

static int name_of(const struct name *names, const char *text)
{
	for (; names->text; names++)
		if (!strcmp(names->text, text))
			return names->value;
	return 0;
}

static const char *text_of(const struct name *names, int value)
{
	for (; names->text; names++)
		if (names->value == value)
			return names->text;
	return "unset";
}

static int again(struct parser *p)
{
	return fail(p, "\"%s\" is given twice in one rule", p->key);
}

/* One of @names; the message lists them, since that is what is looked up next. */
static int read_name(struct parser *p, const struct name *names, int *ret_value)
{
	char known[128] = "";
	int value = name_of(names, p->value);

	if (*ret_value)
		return again(p);
	if (value) {
		*ret_value = value;
		return 0;
	}
	for (const struct name *n = names; n->text; n++) {
		size_t used = strlen(known);

		snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "", n->text);
	}
	return fail(p, "%s=%s is unknown; there are %s", p->key, p->value, known);
}

static int read_deadline(struct parser *p, unsigned int *ret_ms)
{
	unsigned int ms;

	if (*ret_ms)
		return again(p);
	if (duration_parse(p->value, &ms) < 0)
		return fail(p, "deadline=%s is no time from 1ms to 60min; write 500ms, 10s or 2min",
			    p->value);
	*ret_ms = ms;
	return 0;
}

static int read_text(struct parser *p, const char **ret_text)
{
	if (*ret_text)
		return again(p);
	*ret_text = arena_strdup(p->arena, p->value);
	return *ret_text ? 0 : -ENOMEM;
}

/* Alternatives between "|". */
static int read_globs(struct parser *p, struct glob_list *list)
{
	char *text;

	if (list->count)
		return again(p);
	text = arena_strdup(p->arena, p->value);
	if (!text)
		return -ENOMEM;
	for (char *next; text; text = next) {
		struct glob glob;

		next = strchr(text, '|');
		if (next)
			*next++ = '\0';
		if (!*text)
			return fail(p, "%s=%s has an empty alternative", p->key, p->value);
		if (glob_init(&glob, text) < 0)
			return fail(p,
				    "%s=%s is no glob: \"[\" without \"]\", or \"\\\" at its end",
				    p->key, p->value);
		if (arena_grow(p->arena, &list->items, &list->capacity, list->count + 1,
			       sizeof(glob)))
			return -ENOMEM;
		list->items[list->count++] = glob;
	}
	return 0;
}

static bool is_symbol_name(const char *text)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

	return *text && !text[strspn(text, letters)];
}

/* "ahci:ahci_shutdown_one". */
static int read_symbol(struct parser *p, struct symbol **ret_symbol)
{
	struct symbol *symbol;
	char *text, *colon;

	if (*ret_symbol)
		return again(p);
	text = arena_strdup(p->arena, p->value);
	symbol = arena_alloc(p->arena, sizeof(*symbol));
	if (!text || !symbol)
		return -ENOMEM;
	colon = strchr(text, ':');
	if (colon)
		*colon = '\0';
	if (!colon || !is_symbol_name(text) || !is_symbol_name(colon + 1))
		return fail(
			p,
			"symbol=%s is none; write MODULE:FUNCTION, such as ahci:ahci_shutdown_one",
			p->value);
	*symbol = (struct symbol){ .module = text, .function = colon + 1 };
	*ret_symbol = symbol;
	return 0;
}

static const char *const match_names[MATCH_KEYS] = {
	[MATCH_BUS] = "bus",   [MATCH_DRIVER] = "driver",     [MATCH_CLASS] = "class",
	[MATCH_PATH] = "path", [MATCH_MODALIAS] = "modalias", [MATCH_HOST] = "host",
};

static int apply_word(struct parser *p, struct rule *rule)
{
	int value = 0, r;

	for (unsigned int i = 0; i < MATCH_KEYS; i++)
		if (!strcmp(p->key, match_names[i]))
			return read_globs(p, &rule->match[i]);
	if (!strcmp(p->key, "symbol"))
		return read_symbol(p, &rule->symbol);
	if (!strcmp(p->key, "deadline"))
		return read_deadline(p, &rule->deadline_ms);
	if (!strcmp(p->key, "warn"))
		return read_text(p, &rule->warn);
	if (!strcmp(p->key, "reason"))
		return read_text(p, &rule->reason);
	if (!strcmp(p->key, "source"))
		return read_text(p, &rule->source);
	if (!strcmp(p->key, "action")) {
		value = (int)rule->action;
		r = read_name(p, actions, &value);
		rule->action = (enum action)value;
	} else if (!strcmp(p->key, "reset")) {
		value = (int)rule->reset;
		r = read_name(p, resets, &value);
		rule->reset = (enum reset_choice)value;
	} else if (!strcmp(p->key, "phase")) {
		value = (int)rule->phase;
		r = read_name(p, phases, &value);
		rule->phase = (enum phase)value;
	} else if (!strcmp(p->key, "verify")) {
		value = (int)rule->verify;
		r = read_name(p, verifies, &value);
		rule->verify = (unsigned int)value;
	} else {
		return fail(p, "unknown key \"%s\"", p->key);
	}
	return r;
}

/*
 * Rules.
 */

/* @line: where the rule starts, since what is missing has no line of its own. */
static int check_rule(struct parser *p, const struct rule *rule, unsigned int line)
{
	bool sets = rule->action || rule->reset || rule->phase || rule->verify || rule->deadline_ms;
	bool matches = false;

	for (unsigned int i = 0; i < MATCH_KEYS; i++)
		matches |= rule->match[i].count > 0;
	if (!matches)
		return fail_at(p, line,
			       "the rule matches nothing: give bus, driver, class, path, modalias "
			       "or host");
	if (!sets && !rule->warn)
		return fail_at(p, line,
			       "the rule sets nothing: give action, reset, deadline, phase, verify "
			       "or warn");
	if (sets && !rule->reason)
		return fail_at(p, line, "the rule has no reason=\"...\"");
	return 0;
}

/* One rule, at its first word; ends at its newline. */
static int parse_rule(struct parser *p, enum authority authority)
{
	struct rule *rule = policy_add_rule(p->policy);
	unsigned int line = p->line;
	int r;

	if (!rule)
		return -ENOMEM;
	rule->authority = authority;
	rule->origin = arena_printf(p->arena, "%s:%u", p->name, line);
	if (!rule->origin)
		return -ENOMEM;
	while (!at_end(p) && *p->at != '\n') {
		r = read_key(p);
		if (r == 0)
			r = read_value(p);
		if (r == 0)
			r = apply_word(p, rule);
		if (r < 0)
			return r;
		skip_blanks(p);
	}
	return check_rule(p, rule, line);
}

int rule_parse(struct policy *policy, enum authority authority, const char *name, const char *text,
	       size_t length, struct error *e)
{
	struct parser p = {
		.policy = policy,
		.arena = policy->arena,
		.name = name,
		.at = text,
		.end = text + length,
		.line = 1,
		.e = e,
	};
	int r = check_text(&p);

	while (r == 0) {
		skip_blanks(&p);
		if (at_end(&p))
			return 0;
		if (*p.at == '\n') {
			p.at++;
			p.line++;
			continue;
		}
		r = parse_rule(&p, authority);
	}
	if (r == -ENOMEM)
		return error_set(e, r, "%s:%u: %m", name, p.line);
	return r;
}

const char *action_name(enum action action)
{
	return text_of(actions, (int)action);
}

const char *reset_choice_name(enum reset_choice reset)
{
	return text_of(resets, (int)reset);
}

const char *phase_name(enum phase phase)
{
	return text_of(phases, (int)phase);
}
