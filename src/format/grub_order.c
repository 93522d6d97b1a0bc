// SPDX-License-Identifier: GPL-2.0-or-later
/* Orders of file names; see grub_order.h. */
#include "format/grub_order.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A stretch of a name. */
struct part {
	const char *at, *end;
};

static bool is_digit(const struct part *part)
{
	return part->at < part->end && isdigit((unsigned char)*part->at);
}

/* The digits at the start of both, compared as one number, and passed over. */
static int compare_numbers(struct part *a, struct part *b)
{
	size_t left, right;
	int order;

	while (a->at < a->end && *a->at == '0')
		a->at++;
	while (b->at < b->end && *b->at == '0')
		b->at++;
	for (left = 0; a->at + left < a->end && isdigit((unsigned char)a->at[left]);)
		left++;
	for (right = 0; b->at + right < b->end && isdigit((unsigned char)b->at[right]);)
		right++;
	order = left == right ? strncmp(a->at, b->at, left) : left < right ? -1 : 1;
	a->at += left;
	b->at += right;
	return order;
}

/*
 * rpm's.
 */

static bool counts(char c)
{
	return isalnum((unsigned char)c) || c == '~' || c == '+';
}

static void skip_marks(struct part *part)
{
	while (part->at < part->end && !counts(*part->at))
		part->at++;
}

static size_t letters(const struct part *part)
{
	size_t length = 0;

	while (part->at + length < part->end && isalpha((unsigned char)part->at[length]))
		length++;
	return length;
}

static int compare_letters(struct part *a, struct part *b)
{
	size_t left = letters(a), right = letters(b), both = left < right ? left : right;
	int order = strncmp(a->at, b->at, both);

	a->at += left;
	b->at += right;
	return order ?: left < right ? -1 : left > right;
}

/* "~" is older than the end, "+" newer than the end and older than all else. 2: neither begins so. */
static int compare_signs(struct part *a, struct part *b)
{
	static const char signs[] = "~+";

	for (const char *sign = signs; *sign; sign++) {
		bool left = a->at < a->end && *a->at == *sign;
		bool right = b->at < b->end && *b->at == *sign;

		if (left && right) {
			a->at++;
			b->at++;
			return 0;
		}
		if (*sign == '+' && left && b->at == b->end)
			return 1;
		if (*sign == '+' && right && a->at == a->end)
			return -1;
		if (left || right)
			return left ? -1 : 1;
	}
	return 2;
}

static int compare_versions(struct part a, struct part b)
{
	int order;

	while (a.at < a.end || b.at < b.end) {
		skip_marks(&a);
		skip_marks(&b);
		order = compare_signs(&a, &b);
		if (order == 0)
			continue;
		if (order != 2)
			return order;
		if (a.at == a.end || b.at == b.end)
			break;
		/* A number is newer than letters. */
		if (is_digit(&a) != is_digit(&b))
			return is_digit(&a) ? 1 : -1;
		order = is_digit(&a) ? compare_numbers(&a, &b) : compare_letters(&a, &b);
		if (order)
			return order;
	}
	return (a.at < a.end) - (b.at < b.end);
}

/* The part behind the last "-" of @whole, which ends before it then; false: there is none. */
static bool cut_last(struct part *whole, struct part *ret_last)
{
	const char *at = whole->end;

	while (at > whole->at && at[-1] != '-')
		at--;
	if (at == whole->at)
		return false;
	*ret_last = (struct part){ at, whole->end };
	whole->end = at - 1;
	return true;
}

/* "name-version-release", or fewer of them, from the front. */
static void split(const char *text, struct part *ret_parts)
{
	struct part name = { text, text + strlen(text) }, none = { text, text };
	struct part release = none, version = none;
	bool has_release = cut_last(&name, &release);
	bool has_version = has_release && cut_last(&name, &version);

	ret_parts[0] = name;
	ret_parts[1] = has_version ? version : release;
	ret_parts[2] = has_version ? release : none;
}

int grub_order_packages(const char *a, const char *b)
{
	struct part left[3], right[3];
	int order = 0;

	split(a, left);
	split(b, right);
	for (size_t i = 0; !order && i < 3; i++)
		order = compare_versions(left[i], right[i]);
	return order;
}

/*
 * filevercmp().
 */

/* Without the suffixes at its end: "(\.[A-Za-z~][A-Za-z0-9~]*)*". */
static size_t length_of_stem(const char *name)
{
	size_t stem = 0;
	bool is_open = false;

	for (size_t i = 0; name[i]; i++) {
		bool begins = name[i] == '.' &&
			      (isalpha((unsigned char)name[i + 1]) || name[i + 1] == '~');

		if (!is_open && begins)
			stem = i;
		is_open =
			begins || (is_open && (isalnum((unsigned char)name[i]) || name[i] == '~'));
		if (!is_open)
			stem = i + 1;
	}
	return stem;
}

static int weight(const struct part *part)
{
	unsigned char c = part->at < part->end ? (unsigned char)*part->at : 0;

	if (!c || isdigit(c))
		return 0;
	if (c == '~')
		return -1;
	return isalpha(c) ? c : c + 256;
}

static int compare_debian(struct part a, struct part b)
{
	int order;

	while (a.at < a.end || b.at < b.end) {
		while ((a.at < a.end && !is_digit(&a)) || (b.at < b.end && !is_digit(&b))) {
			if (weight(&a) != weight(&b))
				return weight(&a) - weight(&b);
			a.at += a.at < a.end;
			b.at += b.at < b.end;
		}
		order = compare_numbers(&a, &b);
		if (order)
			return order;
	}
	return 0;
}

int grub_order_files(const char *a, const char *b)
{
	size_t left = length_of_stem(a), right = length_of_stem(b);
	int order;

	if (!strcmp(a, b))
		return 0;
	order = compare_debian((struct part){ a, a + left }, (struct part){ b, b + right });
	if (!order)
		order = compare_debian((struct part){ a, a + strlen(a) },
				       (struct part){ b, b + strlen(b) });
	return order ?: strcmp(a, b);
}
