// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a syslinux configuration boots when nobody types, and after how long; see internal.h.
 *
 * Three cases: U-Boot; a menu (menu.c32 or vesamenu.c32, com32/menu/readconfig.c); and syslinux
 * itself without one (syslinux.txt, "DEFAULT", "TIMEOUT", "PROMPT").
 */
#include "syslinux/internal.h"

#include <errno.h>
#include <string.h>

static int or_forever(int timeout)
{
	return timeout > 0 ? timeout : ENTRY_TIMEOUT_FOREVER;
}

/* One after the other. */
static int add_timeouts(int first, int second)
{
	if (first == ENTRY_TIMEOUT_FOREVER || second == ENTRY_TIMEOUT_FOREVER)
		return ENTRY_TIMEOUT_FOREVER;
	return first + second;
}

static int give(struct syslinux *s, struct syslinux_choice *choice, const char *directive)
{
	if (choice->rule || (!choice->entry && !choice->away))
		return 0;
	choice->rule = arena_printf(s->all->list->arena, "%s of %s", directive, s->path);
	return choice->rule ? 0 : -ENOMEM;
}

/*
 * Takes what was found, if it was. Where that is a menu of its own, its countdown comes after this one,
 * and who shows a menu first is not hidden by a second one.
 */
static int take_found(struct syslinux *s, const struct syslinux_choice *found,
		      const char *directive, struct syslinux_choice *choice)
{
	bool is_other = found->rule != NULL;

	choice->timeout = add_timeouts(choice->timeout, found->timeout);
	if (is_other)
		choice->is_menu_hidden = choice->timeout == 0 && found->is_menu_hidden;
	choice->entry = found->entry;
	choice->away = found->away;
	choice->rule = found->rule;
	return give(s, choice, directive);
}

static int choose_command(struct syslinux *s, const char *command, const char *directive,
			  struct syslinux_choice *choice)
{
	struct syslinux_choice found = { .timeout = 0 };
	int r = syslinux_command(s, command, &found);

	return r ?: take_found(s, &found, directive, choice);
}

static int choose_known(struct syslinux *s, const struct syslinux_known *known,
			const char *directive, struct syslinux_choice *choice)
{
	struct syslinux_choice found = { .timeout = 0 };
	int r = syslinux_take_known(s, known, "", &found);

	return r ?: take_found(s, &found, directive, choice);
}

/*
 * Without a line MENU at its top U-Boot shows none, and takes the default at once; PROMPT is passed
 * over. Without a default it boots the first label that it can.
 */
static int choose_of_u_boot(struct syslinux *s, struct syslinux_choice *choice)
{
	choice->timeout = s->has_menu ? or_forever(s->timeout) : 0;
	choice->is_menu_hidden = !s->has_menu;
	return s->default_name ? choose_command(s, s->default_name, "DEFAULT", choice) : 0;
}

/*
 * The menu shows the top one, or the one of MENU START. DEFAULT names a label of a menu where UI asks
 * for that menu, and is for the prompt else. What is not said is the first.
 */
static int choose_of_menu(struct syslinux *s, struct syslinux_choice *choice)
{
	const struct syslinux_menu *menu = &s->menus[s->start_menu];
	int timeout = s->timeout > 0 ? s->timeout : s->total_timeout;
	const struct syslinux_known *known =
		s->has_ui && s->default_name ? syslinux_find(s, s->default_name) : NULL;

	choice->timeout = or_forever(timeout);
	choice->is_menu_hidden = s->is_menu_hidden;
	if (s->ontimeout_name)
		return choose_command(s, s->ontimeout_name, "ONTIMEOUT", choice);
	if (known && known->is_selectable)
		return choose_known(s, known, "DEFAULT", choice);
	if (menu->chosen != SYSLINUX_NONE)
		return choose_known(s, &s->known[menu->chosen], "MENU DEFAULT", choice);
	if (menu->first != SYSLINUX_NONE)
		return choose_known(s, &s->known[menu->first], "the first label", choice);
	return 0;
}

/* TIMEOUT is the prompt's, which is there where PROMPT asks for it; without DEFAULT it stays. */
static int choose_of_prompt(struct syslinux *s, struct syslinux_choice *choice)
{
	bool is_asked = s->has_prompt || !s->default_name;

	choice->timeout = is_asked ? or_forever(s->timeout) : 0;
	choice->is_menu_hidden = !is_asked;
	if (is_asked && s->ontimeout_name)
		return choose_command(s, s->ontimeout_name, "ONTIMEOUT", choice);
	if (s->default_name)
		return choose_command(s, s->default_name, "DEFAULT", choice);
	choice->timeout = ENTRY_TIMEOUT_FOREVER;
	return 0;
}

/* "DEFAULT menu", and the label of that name starts menu.c32. */
static bool is_menu_by_label(const struct syslinux *s)
{
	const struct syslinux_known *known =
		s->default_name ? syslinux_find(s, s->default_name) : NULL;

	return known && known->is_menu && !known->config;
}

/* The configurations that its labels lead to, as submenus; without a menu here, in its place. */
static int read_others(struct syslinux *s)
{
	struct arena *arena = s->all->list->arena;
	int r = 0;

	for (size_t i = 0; !r && i < s->known_count; i++) {
		struct syslinux_choice choice = { .timeout = 0 };
		struct syslinux_known *known = &s->known[i];

		if (!known->config)
			continue;
		s->menu = known->menu;
		r = syslinux_read_other(s, known->config, known->folder, known->is_menu,
					s->has_menu ? known->title : NULL, &choice);
		if (r <= 0)
			continue;
		r = 0;
		known->choice = arena_alloc(arena, sizeof(choice));
		if (!known->choice)
			return -ENOMEM;
		*known->choice = choice;
	}
	return r;
}

/* The menu is in other files: what is here is what can be typed at the prompt. */
static int choose_of_files(struct syslinux *s, struct syslinux_choice *choice)
{
	int r;

	for (size_t i = 0; i < s->known_count; i++)
		if (s->known[i].entry)
			s->known[i].entry->is_hidden = true;
	s->menu = 0;
	r = syslinux_read_other(s, s->ui_files, s->folder, true, NULL, choice);
	return r > 0 ? 0 : r;
}

int syslinux_choose(struct syslinux *s, struct syslinux_choice *ret_choice)
{
	int r = read_others(s);

	s->menu = 0;
	if (r)
		return r;
	if (s->all->program == SYSLINUX_U_BOOT)
		return choose_of_u_boot(s, ret_choice);
	if (s->ui_files)
		return choose_of_files(s, ret_choice);
	if (s->has_menu || is_menu_by_label(s))
		return choose_of_menu(s, ret_choice);
	return choose_of_prompt(s, ret_choice);
}
