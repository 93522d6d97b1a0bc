/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A GRUB script while it is run; grub.h is what others see of it. Inside this room only.
 *
 *   script.h   text -> tree (lex.c, parse.c)
 *   env.h      variables
 *   expand.c   words -> arguments
 *   test.c     [ ... ]
 *   run.c      the tree is run: if, loops, functions
 *   command.c  which commands there are; the others of this name do what they say
 *   volume.c   "(hd0,gpt2)/path" -> a file system and a path
 *   btrfs.c    the same, where SUSE's GRUB sees it otherwise
 *   menu.c     menus: their items, what the bodies of these would boot
 *
 * run.c, command.c and what defines commands that run scripts (file.c, menu.c) call each other in a
 * circle, which is the nature of an interpreter: a command is run, and runs commands.
 *
 * Functions return 0 and below as everywhere; those that run commands return, above 0, that the
 * command was false (grub.h).
 */
#pragma once

#include "grub/grub.h"
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

struct grub {
	const struct grub_host *host;
	struct arena *arena; /* of all that is made */
	struct grub_env *env;
	struct grub_menu top, *menu; /* the outermost; the one that is being made */
	struct grub_boot *boot;	     /* NULL: no entry's body is being run */
	struct grub_boot *outside;   /* then: what was loaded; NULL: nothing */
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
	unsigned int loops, breaks; /* around us; how many of them are being left */
	bool is_unseen;		    /* GRUB does not come to what is being run */
	bool has_wildcards;	    /* they are expanded: its module regexp is loaded */
	bool is_continue, is_returning, is_in_function, is_stopped;
};

/* run.c */

/* Runs @node and what follows it. */
int grub_run(struct grub *g, const struct grub_node *node);
int grub_run_lines(struct grub *g, const struct grub_node *node);

/* "file:line: reason"; "file: reason" for what has no line. NULL: no memory. */
const char *grub_message(struct grub *g, const char *path, unsigned int line, const char *reason);

/* Parses and runs @text, of the file @path of @root; as a string, up to what cannot be parsed. */
int grub_run_text(struct grub *g, const struct fsroot *root, const char *path, const char *text);
int grub_run_string(struct grub *g, const struct fsroot *root, const char *path, const char *text);

/* expand.c */

/* *@ret_argv ends with NULL. 0, -ENOMEM, or -E2BIG: more than any command line is. */
int grub_expand(struct grub *g, const struct grub_word *words, int *ret_argc, char ***ret_argv);

/* glob.c: the files that @text, a path with wildcards, means; 0 of them where there is none. 0,
 * -ENOMEM, or -E2BIG: more than any menu needs. */
int grub_glob(struct grub *g, const char *text, char ***ret_paths, size_t *ret_count);

/* regexp.c */
int grub_regexp(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* test.c */
int grub_test(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* command.c: NULL: there is no such command, as far as is known. */
grub_command_fn grub_command_find(const struct grub *g, const char *name);

/* search.c: search, and search.fs_uuid and the like. */
int grub_search(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_search_short(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* file.c: source, configfile, load_env, eval */
int grub_source(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_configfile(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_load_env(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_eval(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* Runs the configuration @path of @root, unless its menu is known. */
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
int grub_boot(struct grub *g, const struct grub_node *node, int argc, char **argv);
int grub_leave(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* menu.c */
int grub_menuentry(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* Adds the items that @node, which is not understood, is about, greyed with @reason. */
int grub_menu_broken(struct grub *g, const struct grub_node *node, const char *reason);

/* @boot is booted by the script itself, at once: an item for it. 0 or -ENOMEM. */
int grub_menu_boot(struct grub *g, const struct grub_node *node, struct grub_boot *boot);

/* Runs the bodies of all items, in submenus too. 0 or -ENOMEM. */
int grub_menu_settle(struct grub *g, struct grub_menu *menu);

/* Was anything of this file settled? Then it was read in its own right, or led to twice. */
bool grub_menu_has(const struct grub_menu *menu, const struct fsroot *root, const char *path);

/* volume.c */

/* The name of a file system that is not there: @missing says which and why, and is kept. */
const char *grub_volume_missing(struct grub *g, const char *missing);

/* The image file @path is a device called @name: there is none of that name any more, if there was. */
int grub_volume_image(struct grub *g, const char *name, const char *path);

/* probe.c */
int grub_probe(struct grub *g, const struct grub_node *node, int argc, char **argv);

/* btrfs.c */
/*
 * What is behind the names of subvolumes in @path ("/@/boot/a", "/ROOT/debian@/boot/a"), where only
 * that is there: GRUB sees btrfs from its top and ZFS from its pool, and mounted is but a part of it.
 */
const char *grub_without_subvolume(const struct fsroot *root, const char *path);

int grub_btrfs_mount(struct grub *g, const struct grub_node *node, int argc, char **argv);

/*
 * The file that *@ret_path, from the top of the file system, means where *@ret_root, the host's own, is
 * but a subvolume of it. What is not there stays.
 */
void grub_btrfs_leave(const struct grub *g, const struct fsroot **ret_root, const char **ret_path);

/* The same for a file of an entry whose command line @options says what its subvolume is called. */
void grub_btrfs_by_options(const char *options, struct grub_file *file);

/* True where paths on @root begin in a subvolume, by SUSE's variables. */
bool grub_btrfs_is_relative(const struct grub *g, const struct fsroot *root);

/* Then: the file system and path that *@ret_path means. 0 or -ENOMEM. */
int grub_btrfs_path(struct grub *g, const struct fsroot **ret_root, const char **ret_path);
