// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands of syslinux, as they are typed at its prompt and as DEFAULT has them; see internal.h. */
#include "place/lines.h"
#include "syslinux/internal.h"

#include <errno.h>
#include <string.h>

const struct syslinux_known *syslinux_find(const struct syslinux *s, const char *command)
{
	bool is_whole = s->all->program == SYSLINUX_U_BOOT;
	size_t length = is_whole ? strlen(command) : strcspn(command, " \t");

	for (size_t i = 0; i < s->known_count; i++)
		if (!strncmp(s->known[i].name, command, length) && !s->known[i].name[length])
			return &s->known[i];
	return NULL;
}

/* @entry once more, with @words behind its command line. */
static int add_twin(struct syslinux *s, const struct entry *entry, const char *command,
		    const char *words, struct entry **ret_entry)
{
	struct entry_list *list = s->all->list;
	const char *initrd = NULL;
	struct entry *twin =
		entry_list_add(list, s->all->source, ENTRY_SYSLINUX, entry->path, entry->line);
	int r = 0;

	if (!twin)
		return -ENOMEM;
	*twin = *entry;
	twin->options = NULL;
	twin->options_length = twin->options_capacity = 0;
	twin->initrds = NULL;
	twin->initrd_count = twin->initrd_capacity = 0;
	twin->id = arena_strdup(list->arena, command);
	twin->title = arena_printf(list->arena, "%s (%s)", entry->title ?: entry->id, words);
	twin->is_hidden = false;
	r = twin->id && twin->title ? entry_add_options(list, twin, entry->options ?: "") : -ENOMEM;
	r = r ?: syslinux_add_words(s, twin, words, &initrd);
	for (size_t i = 0; !r && !initrd && i < entry->initrd_count; i++)
		r = entry_add_initrd(list, twin, entry->initrds[i].root, entry->initrds[i].path);
	if (!r && initrd)
		r = syslinux_add_initrds(s, twin, initrd);
	*ret_entry = twin;
	return r;
}

int syslinux_take_known(struct syslinux *s, const struct syslinux_known *known, const char *words,
			struct syslinux_choice *choice)
{
	const char *command = known->name;
	int left = SYSLINUX_DEPTH_MAX;

	for (; known && known->target && left--; known = syslinux_find(s, known->target))
		words = "";
	if (!known || known->target)
		return 0;
	if (known->choice) {
		const char *rule = choice->rule;

		*choice = *known->choice;
		choice->rule = choice->rule ?: rule;
		return 0;
	}
	choice->entry = known->entry;
	if (!*words || !known->entry || s->all->program == SYSLINUX_U_BOOT)
		return 0;
	command = arena_printf(s->all->list->arena, "%s %s", command, words);
	return command ? add_twin(s, known->entry, command, words, &choice->entry) : -ENOMEM;
}

int syslinux_command(struct syslinux *s, const char *command, struct syslinux_choice *ret_choice)
{
	const struct syslinux_known *known = syslinux_find(s, command);
	struct arena *arena = s->all->list->arena;
	char *words, *kernel;
	const char *path;

	if (known) {
		command += strlen(known->name);
		return syslinux_take_known(s, known, command + strspn(command, " \t"), ret_choice);
	}
	words = arena_strdup(arena, command);
	kernel = words ? lines_word(&words) : NULL;
	path = kernel ? syslinux_path(s, kernel) : NULL;
	if (!path)
		return words ? 0 : -ENOMEM;
	if (s->all->program == SYSLINUX_U_BOOT || s->is_implicit_forbidden)
		return 0;
	if (syslinux_is_program(s, kernel) || *kernel == '.') {
		ret_choice->away =
			arena_printf(arena, "'%s', a program for syslinux and no kernel", command);
		return ret_choice->away ? 0 : -ENOMEM;
	}
	if (!fsroot_is_file(s->all->source->root, path))
		return 0;
	s->label = (struct syslinux_label){ .name = arena_strdup(arena, command), .path = s->path };
	/* APPEND for all labels is for labels. */
	s->label.append = words;
	if (!s->label.name || syslinux_add_entry(s, kernel, "", true, &ret_choice->entry))
		return -ENOMEM;
	s->label = (struct syslinux_label){ .name = NULL };
	return 0;
}
