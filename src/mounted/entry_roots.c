// SPDX-License-Identifier: GPL-2.0-or-later
/* Boot entries below a root folder; see entry_roots.h. */
#include "mounted/entry_roots.h"
#include "base/log.h"
#include "entry/board.h"
#include "entry/efi_choice.h"
#include "format/read.h"
#include "image/devicetree.h"
#include "mounted/entry_volumes.h"
#include "sys/lockdown.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/*
 * Adds the folder @path of @parent as a file system of its own, if it is one: else its files belong
 * to @parent, whose readers look into such folders too.
 */
static int add_mount(struct entry_roots *roots, const struct fsroot *parent, const char *path)
{
	char *full;
	int code;

	if (fsroot_exists(parent, path) != -EXDEV)
		return 0;
	if (asprintf(&full, "%s%s", fsroot_path(parent), path) < 0)
		return -ENOMEM;
	code = fsroot_open(full, &roots->roots[roots->count]);
	free(full);
	/* Gone meanwhile, or not ours to enter. */
	if (code)
		return code == -ENOMEM ? code : 0;
	roots->count++;
	return 0;
}

static int open_roots(struct entry_roots *roots, const char *dir, struct error *e)
{
	struct fsroot *top, *boot;
	int code = fsroot_open(dir, &top);

	if (code)
		return error_set(e, code, "--root %s: the folder cannot be opened: %s", dir,
				 errno_text(code));
	code = add_mount(roots, top, "/boot");
	boot = roots->count ? roots->roots[0] : NULL;
	code = code ?: add_mount(roots, top, "/efi");
	code = code ?: boot ? add_mount(roots, boot, "/efi") : add_mount(roots, top, "/boot/efi");
	roots->roots[roots->count++] = top;
	for (size_t i = 0; i < roots->count; i++) {
		fsroot_device(roots->roots[i], &roots->places[i].device);
		roots->places[i].is_mount = fsroot_is_mount(roots->roots[i]);
	}
	return code ? error_set(e, code, "%s: %m", dir) : 0;
}

static const char *firmware_of(const struct sysroot *machine, const char *name)
{
	if (sysroot_exists(machine, "/sys/firmware/efi"))
		return "efi";
	return strncmp(name, "ppc", 3) ? "pc" : "ieee1275";
}

static int read_all(struct entry_roots *roots, const struct sysroot *machine)
{
	struct entry_source source = { .find = entry_volumes_find,
				       .uuid = entry_volumes_uuid,
				       .context = roots };
	struct utsname name;
	int code;

	roots->list = entry_list_new();
	if (!roots->list || uname(&name))
		return -ENOMEM;
	roots->list->machine = arena_strdup(roots->list->arena, name.machine);
	roots->list->is_locked_down = lockdown_read(machine) >= LOCKDOWN_INTEGRITY;
	source.firmware = firmware_of(machine, name.machine);
	roots->list->applies_overlays = devicetree_is_able();
	code = efi_choice_read(roots->list, machine) ?: entry_board_read(roots->list, machine);
	for (size_t i = 0; !code && i < roots->count; i++) {
		source.root = roots->roots[i];
		code = entry_list_read(roots->list, &source);
	}
	return code ?: entry_list_settle(roots->list);
}

int entry_roots_read(struct entry_roots *roots, const char *dir, const struct sysroot *machine,
		     struct error *e)
{
	int code;

	*roots = (struct entry_roots){ .machine = machine };
	code = open_roots(roots, dir, e);
	if (code)
		return code;
	code = read_all(roots, machine);
	return code ? error_set(e, code, "%s: the boot entries cannot be read: %m", dir) : 0;
}

void entry_roots_done(struct entry_roots *roots)
{
	entry_list_free(roots->list);
	for (size_t i = 0; i < roots->count; i++)
		fsroot_close(roots->roots[i]);
}

void entry_roots_print_problems(const struct entry_roots *roots)
{
	const struct entry_list *list = roots->list;

	for (size_t i = 0; i < list->problem_count; i++) {
		const struct entry_problem *problem = &list->problems[i];
		const char *root = fsroot_path(problem->root);

		if (problem->line)
			log_warning("%s%s:%u: %s", root, problem->path, problem->line,
				    problem->reason);
		else
			log_warning("%s%s: %s", root, problem->path, problem->reason);
	}
}

static struct entry *find_number(const struct entry_list *list, const char *text)
{
	unsigned long number;
	char *end;

	if (*text < '0' || *text > '9')
		return NULL;
	number = strtoul(text, &end, 10);
	return !*end && number && number <= list->count ? list->entries[number - 1] : NULL;
}

/* -EEXIST: several have it. */
static int find_title(const struct entry_list *list, const char *title, struct entry **ret_entry)
{
	struct entry *found = NULL;

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->entries[i]->title, title) != 0)
			continue;
		if (found)
			return -EEXIST;
		found = list->entries[i];
	}
	*ret_entry = found;
	return 0;
}

/* An id first: somebody may have called an entry "1". */
int entry_roots_find(const struct entry_roots *roots, const char *name, struct entry **ret_entry,
		     struct error *e)
{
	const struct entry_list *list = roots->list;
	struct entry *entry = entry_list_find(list, name) ?: find_number(list, name);
	const char *dir = fsroot_path(roots->roots[roots->count - 1]);

	if (!entry && find_title(list, name, &entry))
		return error_set(e, -EEXIST,
				 "several boot entries have the title '%s': give the id or the "
				 "number of one, which 'kexit entries --long%s%s' shows",
				 name, *dir ? " --root " : "", dir);
	if (!entry)
		return error_set(e, -ENOENT,
				 "no boot entry is called '%s': 'kexit entries --long%s%s' shows "
				 "their numbers, titles and ids",
				 name, *dir ? " --root " : "", dir);
	if (entry->greyed)
		return error_set(e, -EINVAL, "'%s' cannot be booted: %s", entry->id, entry->greyed);
	*ret_entry = entry;
	return 0;
}
