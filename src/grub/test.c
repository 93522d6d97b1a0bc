// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The expressions of GRUB's test and [ (GRUB manual, "test").
 *
 * They are GRUB's and not a shell's: terms in a row are all to be true, -a between them is for the
 * eye, -o binds less than that, and no term at all is true.
 */
#include "grub/interpreter.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct expression {
	struct grub *g;
	char **at;
	int left; /* arguments */
	int code; /* -ENOMEM */
};

/* As far as @text is a number: decimal, "0x..." or "0..."; no sign. */
static unsigned long number(const char *text)
{
	text += strspn(text, " \t\n\v\f\r");
	return isdigit((unsigned char)*text) ? strtoul(text, NULL, 0) : 0;
}

static long signed_number(const char *text)
{
	return *text == '-' ? -(long)number(text + 1) : (long)number(text);
}

/* Numbers behind what both begin with: vmlinuz-2 before vmlinuz-11. */
static int compare_behind_prefix(const char *a, const char *b)
{
	size_t i = 0;
	unsigned long left, right;

	while (a[i] && a[i] == b[i])
		i++;
	/* Also where all that they share is a number: GRUB then keeps its first digit out. */
	while (i > 1 && a[i - 1] >= '0' && a[i - 1] <= '9')
		i--;
	left = number(a + i);
	right = number(b + i);
	return (left > right) - (left < right);
}

/* 1, 0; -1: @operator is none. */
static int compare(const char *a, const char *operator, const char * b)
{
	int order = strcmp(a, b);

	if (!strcmp(operator, "=") || !strcmp(operator, "=="))
		return !order;
	if (!strcmp(operator, "!="))
		return order != 0;
	if (!strcmp(operator, "<"))
		return order < 0;
	if (!strcmp(operator, "<="))
		return order <= 0;
	if (!strcmp(operator, ">"))
		return order > 0;
	if (!strcmp(operator, ">="))
		return order >= 0;
	if (!strcmp(operator, "-eq"))
		return signed_number(a) == signed_number(b);
	if (!strcmp(operator, "-ne"))
		return signed_number(a) != signed_number(b);
	if (!strcmp(operator, "-lt"))
		return signed_number(a) < signed_number(b);
	if (!strcmp(operator, "-le"))
		return signed_number(a) <= signed_number(b);
	if (!strcmp(operator, "-gt"))
		return signed_number(a) > signed_number(b);
	if (!strcmp(operator, "-ge"))
		return signed_number(a) >= signed_number(b);
	if (!strcmp(operator, "-pgt"))
		return compare_behind_prefix(a, b) > 0;
	if (!strcmp(operator, "-plt"))
		return compare_behind_prefix(a, b) < 0;
	return -1;
}

static bool has_contents(const struct fsroot *root, const char *path)
{
	uint64_t bytes;
	int fd = fsroot_open_file(root, path, &bytes);

	if (fd < 0)
		return false;
	close(fd);
	return bytes > 0;
}

/* Where the file @name is; false: its file system is not here. */
static bool find(struct expression *e, const char *name, const struct fsroot **ret_root,
		 const char **ret_path)
{
	const char *reason;
	int r = grub_path(e->g, name, ret_root, ret_path, &reason);

	e->g->steps += GRUB_FILE_STEPS;
	if (r == -ENOMEM)
		e->code = r;
	return !r;
}

static int test_file(struct expression *e, char which, const char *name)
{
	const struct fsroot *root;
	const char *path;

	if (!find(e, name, &root, &path))
		return 0;
	switch (which) {
	case 'd':
		return fsroot_is_folder(root, path);
	case 'f':
		return fsroot_is_file(root, path);
	case 's':
		return has_contents(root, path);
	default:
		return !fsroot_exists(root, path);
	}
}

/* 1, 0; -1: @operator is none. */
static int test_one(struct expression *e, const char *operator, const char * text)
{
	if (operator[0] != '-' || !operator[1] || operator[2])
		return -1;
	switch (operator[1]) {
	case 'n':
		return *text != '\0';
	case 'z':
		return *text == '\0';
	case 'd':
	case 'e':
	case 'f':
	case 's':
		return test_file(e, operator[1], text);
	default:
		return -1;
	}
}

/* When @name was written; false: it is not there. */
static bool get_time(struct expression *e, const char *name, time_t *ret_time)
{
	const struct fsroot *root;
	const char *path;

	return find(e, name, &root, &path) && !fsroot_modified(root, path, ret_time);
}

/*
 * "a -nt b", "-ot", "-nt60" with seconds to be added to a's time. What is there is newer than what is
 * not. 1, 0; -1: @operator is none of these.
 */
static int compare_times(struct expression *e, const char *a, const char *operator, const char * b)
{
	bool is_newer = !strncmp(operator, "-nt", 3), has_a, has_b;
	time_t time_a = 0, time_b = 0;

	if (!is_newer && strncmp(operator, "-ot", 3) != 0)
		return -1;
	has_a = get_time(e, a, &time_a);
	has_b = get_time(e, b, &time_b);
	if (!has_a || !has_b)
		return is_newer ? has_a && !has_b : has_b && !has_a;
	if (__builtin_add_overflow(time_a, signed_number(operator+ 3), &time_a))
		return 0;
	return is_newer ? time_a > time_b : time_a < time_b;
}

static void skip(struct expression *e, int count)
{
	e->at += count;
	e->left -= count;
}

/* A term that is no bracket: 1 or 0. */
static int take_term(struct expression *e)
{
	int value = e->left >= 3 ? compare(e->at[0], e->at[1], e->at[2]) : -1;

	if (e->left >= 3 && value < 0)
		value = compare_times(e, e->at[0], e->at[1], e->at[2]);

	if (value >= 0) {
		skip(e, 3);
		return value;
	}
	value = e->left >= 2 ? test_one(e, e->at[0], e->at[1]) : -1;
	if (value >= 0) {
		skip(e, 2);
		return value;
	}
	return -1;
}

static bool take(struct expression *e, const char *text)
{
	if (!e->left || strcmp(*e->at, text) != 0)
		return false;
	skip(e, 1);
	return true;
}

static bool evaluate(struct expression *e, unsigned int depth)
{
	bool any = false, all = true, is_negated = false;

	while (e->left && !e->code) {
		int value = take_term(e);

		if (value < 0) {
			if (take(e, ")"))
				break;
			if (take(e, "!")) {
				is_negated = !is_negated;
				continue;
			}
			if (take(e, "-a"))
				continue;
			if (take(e, "-o")) {
				any |= all;
				all = true;
				continue;
			}
			if (depth < GRUB_DEPTH_MAX && take(e, "("))
				value = evaluate(e, depth + 1);
			else {
				value = **e->at != '\0';
				skip(e, 1);
			}
		}
		all = all && value != is_negated;
		is_negated = false;
	}
	return any || all;
}

int grub_test(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct expression e = { .g = g, .at = argv + 1, .left = argc - 1 };
	bool value;

	if (e.left && !strcmp(argv[argc - 1], "]"))
		e.left--;
	value = evaluate(&e, 0);
	if (e.code)
		return e.code;
	return value ? 0 : GRUB_FALSE;
}
