/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GRUB 2 scripts: run as far as that goes without doing anything, they give a menu, and each item of
 * it what its body would boot.
 *
 * The interpreter knows scripts, commands and GRUB's paths. Which file is a configuration, what is
 * set before it is run, which file systems there are and what becomes of a menu is its host's.
 *
 *   struct grub *g = grub_new(&host);
 *   grub_preset(g, "grub_platform", "efi");
 *   grub_run_script(g, root, "/boot/grub/grub.cfg");
 *   ... grub_menu(g) ...
 *   grub_free(g);
 */
#pragma once

#include "base/arena.h"
#include "grub/env.h"
#include "sys/fsroot.h"

#include <stdbool.h>
#include <stddef.h>

struct grub;
struct grub_host;
struct grub_node; /* a command in a script, for messages about it */

/* How a script names a file system. */
enum grub_volume_kind {
	GRUB_VOLUME_UUID,
	GRUB_VOLUME_LABEL,
	GRUB_VOLUME_FILE,   /* the first that has this path */
	GRUB_VOLUME_DEVICE, /* GRUB's words, without brackets: "hd0,gpt2" */
};

/*
 * A command's status: 0 for true, above for false, and -ENOMEM alone below: what else goes wrong is a
 * fault of the script. @argv as main() has it: the command's name first, NULL last.
 */
typedef int (*grub_command_fn)(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* GRUB's numbers of what went wrong, which a script may see in $?. */
enum {
	GRUB_FALSE = 1,
	GRUB_FILE_NOT_FOUND = 5,
	GRUB_BAD_NUMBER = 10,
	GRUB_NO_DEVICE = 12,
	GRUB_INVALID = 17,
	GRUB_BAD_ARGUMENT = 18,
	GRUB_BAD_MENU = 27,
};

struct grub_command {
	const char *name;
	grub_command_fn run;
};

/* Who has a script run. Pointers live as long as the interpreter, and what it made. */
struct grub_host {
	const struct fsroot *root; /* the file system of the script */
	/* All of the file system of which @root is a subvolume (btrfs); NULL: @root is all of it. */
	const struct fsroot *top;
	/* Where in its file system @root is, if that is known: "/root". NULL: at its top, or not known. */
	const char *subvolume;
	const char *firmware; /* as $grub_platform: "efi", "pc"; NULL: not known */
	const char *machine;  /* uname -m; NULL: not known */

	/* -ENOENT: it is not there, -ENXIO: which it is nobody here can tell; -ENOMEM. */
	int (*find)(const struct grub_host *host, enum grub_volume_kind kind, const char *name,
		    const struct fsroot **ret_root);

	/* The file of @root that a script there calls @path: from @arena, NULL when memory is short. */
	const char *(*locate)(const struct grub_host *host, struct arena *arena, const char *path);

	/*
	 * A text file into a buffer that the caller frees; where it is none, that is told, and
	 * *@ret_text is NULL. 0 or -ENOMEM.
	 */
	int (*read)(const struct grub_host *host, const struct fsroot *root, const char *path,
		    size_t limit, char **ret_text);

	/* What is wrong in a file; line 0: in all of it. 0 or -ENOMEM. */
	int (*tell)(const struct grub_host *host, const struct fsroot *root, const char *path,
		    unsigned int line, const char *reason);

	/* The UUID of the file system @root; NULL: it is not known. */
	const char *(*uuid)(const struct grub_host *host, const struct fsroot *root);

	/* Was the menu of this file made before, by another interpreter? */
	bool (*is_listed)(const struct grub_host *host, const struct fsroot *root,
			  const char *path);

	const struct grub_command *commands; /* of the host's own; ends with a NULL name */
	void *context;			     /* for the functions */
};

/* A text that grows at its end. */
struct grub_text {
	char *text; /* NULL: nothing yet */
	size_t length, capacity;
};

struct grub_file {
	const struct fsroot *root; /* NULL: there is no such file */
	const char *path;
};

/* What the body of an item would boot. */
struct grub_boot {
	struct grub_file kernel, devicetree;
	struct grub_file *initrds; /* loaded as one, in this order */
	size_t initrd_count, initrd_capacity;
	struct grub_text options; /* the command line */
	const char *greyed;	  /* why it cannot be booted: "file:line: ..."; NULL: it can */
	bool leads_away;	  /* and that by intent: it starts something else than Linux */
	const char *not_loaded;	  /* why there is no kernel, as far as is known */
};

/* An item of a menu. */
struct grub_item {
	struct grub_item *next;
	const char *title, *id; /* @id NULL: none was given */
	const char *version;	/* NULL: not said */
	const char *image;	/* on @root, what the host boots instead of @body; NULL: none */
	const struct grub_node *body;
	struct grub_env *env; /* in which it is run, or upon which its own lies */
	char **arguments;     /* $1 ... of its body: the title first */
	size_t argument_count;
	const struct fsroot *root; /* the file that says so */
	const char *path;
	unsigned int line;
	bool is_submenu, is_hidden, is_unrestricted;
	bool is_unseen;	    /* GRUB itself does not have it in its menu: no default, no number */
	const char *greyed; /* why it cannot be understood */

	/* Once it was run: one of these two, or none where there is nothing to choose. */
	struct grub_boot *boot;
	struct grub_menu *menu;

	void *made; /* the host's: what it made of it */
};

struct grub_menu {
	struct grub_item *first, **end;
	struct grub_env *env; /* says default and timeout */

	/* The script boots this before the menu is shown; or it leaves GRUB, and why. NULL: it does not. */
	struct grub_item *at_once;
	const char *left;
};

/* NULL when memory is short. Strings, menus and items are the interpreter's, and go with it. */
struct grub *grub_new(const struct grub_host *host);
void grub_free(struct grub *g);

/* Sets a variable and exports it, as GRUB's own program does before it runs a script. 0 or -ENOMEM. */
int grub_preset(struct grub *g, const char *name, const char *value);

/* Runs the configuration @path of @root, then the body of each item of its menu. 0 or -ENOMEM. */
int grub_run_script(struct grub *g, const struct fsroot *root, const char *path);

/* The menu that it made. */
const struct grub_menu *grub_menu(const struct grub *g);

/*
 * The item that @name means, as $fallback has them: no submenu, but an item of it. NULL: none. As
 * $default, the first where it means none.
 */
struct grub_item *grub_menu_find(const struct grub_menu *menu, const char *name);
struct grub_item *grub_menu_default(const struct grub_menu *menu, const char *name);

/*
 * For commands of the host.
 */

const struct grub_host *grub_host(const struct grub *g);

/* Where what the interpreter keeps comes from. */
struct arena *grub_arena(const struct grub *g);

/* NULL where it is not set. */
const char *grub_get(const struct grub *g, const char *name);

/* Sets a variable for @node; NULL unsets. Beyond the bounds that stops the run. */
int grub_set(struct grub *g, const struct grub_node *node, const char *name, const char *value);

/*
 * What @node says is not understood: told as a problem, or, in the body of an item, greys that.
 * GRUB_FALSE or -ENOMEM.
 */
int grub_fault(struct grub *g, const struct grub_node *node, const char *reason);

/* As grub_fault(), and nothing more is run: a bound is reached. */
int grub_stop(struct grub *g, const struct grub_node *node, const char *reason);

/* Counts a step; GRUB_FALSE, after grub_stop(), when there were too many, or too much memory is used. */
int grub_step(struct grub *g, const struct grub_node *node);

/*
 * The file system and the path on it that @text means ("(hd0,gpt2)/a", or "/a" on $root). 0,
 * -ENOMEM, or -ENOENT with *@ret_reason: why it means none.
 */
int grub_path(struct grub *g, const char *text, const struct fsroot **ret_root,
	      const char **ret_path, const char **ret_reason);

/* The name, without brackets, by which a script is to call @root. NULL: no memory. */
const char *grub_volume_name(struct grub *g, const struct fsroot *root);

/* Puts @more at the end of @text, behind @between unless it is the first. 0 or -ENOMEM. */
int grub_text_add(struct grub *g, struct grub_text *text, const char *between, const char *more);

/*
 * A new item at the end of the menu that is being made, whose body is @commands, on behalf of the
 * file @path of @root. 0, -ENOMEM, or GRUB_FALSE where the menu is full.
 */
int grub_menu_add(struct grub *g, const struct fsroot *root, const char *path, const char *commands,
		  struct grub_item **ret_item);
