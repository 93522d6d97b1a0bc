// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of kexit.bootdevs=; see bootdevs.h. */
#include "offer/bootdevs.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct word {
	const char *text;
	size_t length;
};

/* The word at *@at, which moves behind it; false: there is none left. */
static bool next(const char **at, struct word *word)
{
	if (!**at)
		return false;
	word->text = *at;
	word->length = strcspn(*at, ",");
	*at += word->length;
	*at += **at == ',';
	return true;
}

static bool is(const struct word *word, const char *text)
{
	return word->length == strlen(text) && !strncmp(word->text, text, word->length);
}

/* Behind the "=" of "UUID=x"; NULL: it is no such word. */
static const char *value_of(const struct word *word, const char *key)
{
	size_t length = strlen(key);

	if (word->length <= length || strncmp(word->text, key, length) != 0)
		return NULL;
	return word->text + length;
}

static bool is_class(const struct word *word, enum disk_class class)
{
	return is(word, disk_class_name(class));
}

static bool is_known(const struct word *word)
{
	if (is(word, "any") || value_of(word, "UUID=") || value_of(word, "LABEL="))
		return true;
	for (int class = 0; class < DISK_CLASSES; class ++)
		if (is_class(word, (enum disk_class) class))
			return true;
	return false;
}

/* As they are written, UUIDs in either case: those of FAT are in large letters. */
static bool may_be(const char *fact, const char *value, size_t length, bool any_case)
{
	if (!fact)
		return true;
	if (strlen(fact) != length)
		return false;
	return any_case ? !strncasecmp(fact, value, length) : !strncmp(fact, value, length);
}

static bool means(const struct word *word, const struct bootdevs_facts *facts)
{
	const char *uuid = value_of(word, "UUID="), *label = value_of(word, "LABEL=");

	if (uuid)
		return may_be(facts->uuid, uuid, word->length - strlen("UUID="), true);
	if (label)
		return may_be(facts->label, label, word->length - strlen("LABEL="), false);
	if (is(word, "any") || is_class(word, facts->class))
		return true;
	return is(word, "removable") && facts->class != DISK_FIXED;
}

int bootdevs_check(const char *words)
{
	struct word word;

	while (next(&words, &word))
		if (!is_known(&word))
			return -EINVAL;
	return 0;
}

unsigned int bootdevs_rank(const char *words, const struct bootdevs_facts *facts)
{
	unsigned int rank = 0;
	struct word word;

	for (; next(&words, &word); rank++)
		if (means(&word, facts))
			return rank;
	return rank;
}

unsigned int bootdevs_count(const char *words)
{
	unsigned int count = 0;
	struct word word;

	while (next(&words, &word))
		count++;
	return count;
}
