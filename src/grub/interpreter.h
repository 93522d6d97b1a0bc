/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A GRUB configuration while it is read: its script is run, as far as it can be run without doing
 * anything, and what menus it makes becomes entries. Inside the files of this format only.
 *
 *   script.h   text -> tree (lex.c, parse.c)
 *   env.h      variables
 *   expand.c   words -> arguments
 *   test.c     [ ... ]
 *   run.c      the tree is run: if, loops, functions
 *   command.c  which commands there are; the others of this name do what they say
 *   volume.c   "(hd0,gpt2)/path" -> a file system and a path
 *   btrfs.c    the same, where SUSE's GRUB sees it otherwise
 *   menu.c     menus -> entries, and the default
 *   entry/grub.c  which file is the configuration
 *
 * Functions return 0 and below as everywhere; those that run commands return, above 0, that the
 * command was false, and -ENOMEM alone below: what else goes wrong is a fault of the script.
 */
#pragma once

#include "base/map.h"
#include "entry/entry.h"
#include "grub/env.h"
#include "grub/script.h"

/* What a hostile file may make of us. */
#define GRUB_FILE_MAX	 (1024 * 1024)	    /* bytes of a configuration file */
#define GRUB_FILES_MAX	 64		    /* read in all, one sourced again counting again */
#define GRUB_STEPS_MAX	 300000		    /* commands run in all */
#define GRUB_BODY_STEPS	 5000		    /* of these, of one menu entry */
#define GRUB_FILE_STEPS	 10		    /* what looking for a file counts as */
#define GRUB_MEMORY_MAX	 (64 * 1024 * 1024) /* bytes of all that is made while it runs */
#define GRUB_CALLS_MAX	 32		    /* functions, sources and submenus within each other */
#define GRUB_ENTRIES_MAX 2000
#define GRUB_VOLUMES_MAX 256

#define GRUB_FALSE	 1 /* the status of a command that is not true */

/* A file system as a script names it in brackets. */
struct grub_volume {
	const char *name;
	const struct fsroot *root; /* NULL: it is not there */
	const char *missing;	   /* then why: "the file system with UUID ... is not here" */
};

/* Of btrfs: a subvolume that is seen in a folder, too. */
struct grub_mount {
	const char *folder, *subvolume; /* the latter from the top of the file system */
};

/* An item of a menu. */
struct grub_item {
	struct grub_item *next;
	const char *title, *id; /* @id NULL: none was given */
	const char *version;
	const struct grub_node *body;
	struct grub_env *env; /* in which it is run, or upon which its own lies */
	char **arguments;     /* $1 ... of its body: the title first */
	size_t argument_count;
	const struct fsroot *root; /* the file that says so */
	const char *path;
	unsigned int line;
	bool is_submenu, is_hidden, is_unrestricted;
	const char *greyed; /* why it cannot be understood */

	/* Once it was run: one of these two, or none where there was no room. */
	struct entry *entry;
	struct grub_menu *menu;
};

struct grub_menu {
	struct grub_item *first, **end;
	struct grub_env *env; /* says default and timeout */
};

/* What the body of a menu entry made so far. */
struct grub_boot {
	struct entry *draft;	/* kernel, initrds, options, devicetree, greyed */
	const char *not_loaded; /* why there is no kernel, as far as is known */
};

struct grub {
	const struct entry_source *source;
	struct entry_list *list;
	struct arena *arena; /* of this run; what entries keep is in the list's */
	const char *place;   /* where its paths are looked for, too: one of entry_places[] */

	struct map *ids; /* of the entries made so far; used by menu.c */
	struct grub_env *env;
	struct grub_menu *menu;
	struct grub_boot *boot; /* NULL: no entry's body is being run */
	struct grub_volume *volumes;
	size_t volume_count, volume_capacity;
	struct grub_mount *mounts;
	size_t mount_count, mount_capacity;
	const struct grub_node **functions;
	size_t function_count, function_capacity;
	char **arguments; /* $1 ... */
	size_t argument_count;

	int status; /* $? */
	unsigned int steps, steps_max, files, calls, entries;
	size_t memory_before;	    /* of the list's arena, when we began */
	unsigned int loops, breaks; /* around us; how many of them are being left */
	bool has_wildcards;	    /* they are expanded: its module regexp is loaded */
	bool is_continue, is_returning, is_in_function, is_stopped;
};

/* @argv as main() has it: the command's name first, NULL last. */
typedef int (*grub_command_fn)(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* run.c */

/* Runs @node and what follows it. */
int grub_run(struct grub *g, const struct grub_node *node);

/*
 * What @node says is not understood: told as a problem, or, in the body of an entry, greys that and
 * ends it. GRUB_FALSE or -ENOMEM.
 */
int grub_fault(struct grub *g, const struct grub_node *node, const char *reason);

/* "file:line: reason", from the list's arena; "file: reason" for what has no line. NULL: no memory. */
const char *grub_message(struct grub *g, const char *path, unsigned int line, const char *reason);

/* As grub_fault(), and nothing more is run: a bound is reached. */
int grub_stop(struct grub *g, const struct grub_node *node, const char *reason);

/* Parses and runs @text, of the file @path of @root. */
int grub_run_text(struct grub *g, const struct fsroot *root, const char *path, const char *text);

/* Counts a step; GRUB_FALSE, after grub_stop(), when there were too many, or too much memory is used. */
int grub_step(struct grub *g, const struct grub_node *node);

/* Sets a variable for @node; beyond the bounds that stops the run. */
int grub_set(struct grub *g, const struct grub_node *node, const char *name, const char *value);

/* expand.c */

/* A text that grows at its end. */
struct grub_text {
	char *text; /* NULL: nothing yet */
	size_t length, capacity;
};

/* Puts @more at the end of @text, behind @between unless it is the first. 0 or -ENOMEM. */
int grub_text_add(struct grub *g, struct grub_text *text, const char *between, const char *more);

/* *@ret_argv ends with NULL. 0, -ENOMEM, or -E2BIG: more than any command line is. */
int grub_expand(struct grub *g, const struct grub_word *words, int *ret_argc, char ***ret_argv);

/* glob.c: the files that @text, a path with wildcards, means; 0 of them where there is none. 0,
 * -ENOMEM, or -E2BIG: more than any menu needs. */
int grub_glob(struct grub *g, const char *text, char ***ret_paths, size_t *ret_count);

/* regexp.c */
int grub_regexp(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* test.c */
int grub_test(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* command.c: NULL: GRUB has no such command, as far as is known. */
grub_command_fn grub_command_find(const char *name);

/* search.c: search, and search.fs_uuid and the like. */
int grub_search(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_search_short(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* file.c: source, configfile, load_env, eval */
int grub_source(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_configfile(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_load_env(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_eval(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* Runs the configuration @path of @root, unless its entries are in the list. */
int grub_run_config(struct grub *g, const struct fsroot *root, const char *path);

/*
 * boot.c: what loads and what does not.
 */

/* What a variable holds that is to have what only GRUB could tell: entries that use it are grey. */
#define GRUB_UNKNOWN "<unknown-to-kexit>"

int grub_linux(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_initrd(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_devicetree(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_no_linux(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_leave(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* menu.c */
int grub_menuentry(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* Adds the entries that @node, which is not understood, is about, greyed with @reason. */
int grub_menu_broken(struct grub *g, const struct grub_node *node, const char *reason);

/* A new item at the end of the menu that is being made, of the file of @script. NULL: no memory. */
struct grub_item *grub_menu_add(struct grub *g, const struct grub_script *script,
				unsigned int line);

/* Makes entries of all items, in submenus too, which have @menus around them. */
int grub_menu_settle(struct grub *g, struct grub_menu *menu);

/* The entry that $default or the like, of @menu, means. NULL: none. */
struct entry *grub_menu_find(const struct grub_menu *menu, const char *name);

/* grub_blscfg.c */
int grub_blscfg(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* volume.c */

/* The name, without brackets, by which a script is to call @root. NULL: no memory. */
const char *grub_volume_name(struct grub *g, const struct fsroot *root);

/* The name of a file system that is not there: @missing says which and why, and is kept. */
const char *grub_volume_missing(struct grub *g, const char *missing);

/*
 * The file system and the path on it that @text means ("(hd0,gpt2)/a", or "/a" on $root). 0,
 * -ENOMEM, or -ENOENT with *@ret_reason: why it means none.
 */
int grub_path(struct grub *g, const char *text, const struct fsroot **ret_root,
	      const char **ret_path, const char **ret_reason);

/*
 * What is behind the names of subvolumes in @path ("/@/boot/a", "/ROOT/debian@/boot/a"), where only
 * that is there: GRUB sees btrfs from its top and ZFS from its pool, and mounted is but a part of it.
 */
const char *grub_without_subvolume(const struct fsroot *root, const char *path);

/* btrfs.c */
int grub_btrfs_mount(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* True where paths on @root begin in a subvolume, by SUSE's variables. */
bool grub_btrfs_is_relative(const struct grub *g, const struct fsroot *root);

/* Then: the file system and path that *@ret_path means. 0 or -ENOMEM. */
int grub_btrfs_path(struct grub *g, const struct fsroot **ret_root, const char **ret_path);
