// SPDX-License-Identifier: GPL-2.0-or-later
/* Version order; see version.h. Locale plays no part: only ASCII counts. */
#include "entry/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "_", "+", anything that is not ASCII: separates what is before it from what is behind. */
static const char *skip_others(const char *s)
{
	while (*s && !is_digit(*s) && !is_letter(*s) && !strchr("-.~^", *s))
		s++;
	return s;
}

static int compare_lengths(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_numbers(const char **a, const char **b)
{
	size_t length_a = 0, length_b = 0;
	int order = is_digit(**a) - is_digit(**b);

	if (order)
		return order; /* any number is newer than none */
	while (**a == '0')
		++*a;
	while (**b == '0')
		++*b;
	while (is_digit((*a)[length_a]))
		length_a++;
	while (is_digit((*b)[length_b]))
		length_b++;
	order = compare_lengths(length_a, length_b);
	if (!order)
		order = memcmp(*a, *b, length_a);
	*a += length_a;
	*b += length_b;
	return order;
}

static int compare_words(const char **a, const char **b)
{
	size_t length_a = 0, length_b = 0, shorter;
	int order;

	while (is_letter((*a)[length_a]))
		length_a++;
	while (is_letter((*b)[length_b]))
		length_b++;
	shorter = length_a < length_b ? length_a : length_b;
	order = memcmp(*a, *b, shorter);
	if (!order)
		order = compare_lengths(length_a, length_b);
	*a += length_a;
	*b += length_b;
	return order;
}

/* The one that has @mark next is lower; where both have it, it is passed over. */
static int compare_mark(char mark, const char **a, const char **b)
{
	if (**a != mark || **b != mark)
		return (**b == mark) - (**a == mark);
	++*a;
	++*b;
	return 0;
}

/* From the strongest to the weakest. "~" comes before the end of a string is looked at. */
static int compare_marks(const char **a, const char **b)
{
	static const char weaker[] = "-^.";
	int order = compare_mark('~', a, b);

	if (order)
		return order;
	if (!**a || !**b)
		return (**a != '\0') - (**b != '\0');
	for (size_t i = 0; !order && weaker[i]; i++)
		order = compare_mark(weaker[i], a, b);
	return order;
}

int version_compare(const char *a, const char *b)
{
	int order = 0;

	a = a ?: "";
	b = b ?: "";
	while (!order) {
		a = skip_others(a);
		b = skip_others(b);
		if (!*a && !*b)
			return 0;
		order = compare_marks(&a, &b);
		if (order)
			break;
		if (is_digit(*a) || is_digit(*b))
			order = compare_numbers(&a, &b);
		else
			order = compare_words(&a, &b);
	}
	return order;
}
