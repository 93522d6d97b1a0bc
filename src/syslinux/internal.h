/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A syslinux configuration while it is read. Inside the files of this format only.
 *
 * One file, several programs that read it, each by rules of its own: whose file it is decides what
 * its lines mean. Sources of the rules: for syslinux, isolinux and extlinux doc/syslinux.txt,
 * doc/menu.txt and com32/menu/readconfig.c of syslinux 6; for U-Boot boot/pxe_utils.c.
 */
#pragma once

#include "entry/entry.h"

enum syslinux_program {
	SYSLINUX_SYSLINUX, /* syslinux.cfg, on FAT and NTFS, and for UEFI */
	SYSLINUX_ISOLINUX, /* isolinux.cfg, on a CD: knows files of the BIOS's for CDs */
	SYSLINUX_EXTLINUX, /* extlinux.conf beside its ldlinux.sys */
	SYSLINUX_U_BOOT,   /* extlinux/extlinux.conf on a board: U-Boot's sysboot reads it */
};

#define SYSLINUX_MENUS_MAX   64 /* of one configuration */
#define SYSLINUX_DEPTH_MAX   16 /* of menus in each other, of INCLUDE and of CONFIG */
#define SYSLINUX_FILES_MAX   64 /* in all: files may include each other */
#define SYSLINUX_ENTRIES_MAX 500

/* What a label is started as. */
enum syslinux_kind {
	SYSLINUX_KERNEL, /* the file's ending says what it is */
	SYSLINUX_LINUX,
	SYSLINUX_COM32,
	SYSLINUX_PROGRAM,   /* of the firmware's world: a boot sector, a disk image */
	SYSLINUX_LOCALBOOT, /* back to the firmware */
	SYSLINUX_CONFIG,    /* another configuration */
};

/* What is between a LABEL and the next. Strings are in the list's arena. */
struct syslinux_label {
	const char *name; /* NULL: we are before the first */
	const char *path; /* where it is written */
	unsigned int line;
	const char *title;
	enum syslinux_kind kind;
	const char *kernel;			  /* with options behind it; NULL: not said */
	const char *append, *initrd, *devicetree; /* NULL: not said here */
	const char *overlays, *tree_folder;	  /* the same */
	bool is_hidden, is_disabled, is_menu_default;
};

/* A label that was read, found by its name. */
struct syslinux_known {
	const char *name;
	struct entry *entry;		/* NULL: it makes none */
	const char *target;		/* another label that it stands for */
	const char *config, *folder;	/* another configuration, and where its paths begin */
	struct syslinux_choice *choice; /* of that configuration, once it is read */
	const char *title;
	size_t menu;  /* the one it lies in */
	bool is_menu; /* it shows the menu of its own configuration, or goes back to one */
	bool is_selectable;
};

#define SYSLINUX_NONE SIZE_MAX

struct syslinux_menu {
	const char *title;
	size_t parent;	      /* SYSLINUX_NONE: it is the top */
	size_t first, chosen; /* of known[]: the first that can be selected; MENU DEFAULT */
};

/* What boots when nobody types. */
struct syslinux_choice {
	struct entry *entry; /* NULL: the first that can be booted */
	const char *away;    /* as entry_settings.default_away */
	const char *rule;
	int timeout; /* seconds, or ENTRY_TIMEOUT_FOREVER */
	bool is_menu_hidden;
};

/* All configurations that lead to each other. */
struct syslinux_all {
	const struct entry_source *source;
	struct entry_list *list;
	const char *place; /* of entry_places[] */
	enum syslinux_program program;
	const char *configs[SYSLINUX_FILES_MAX]; /* that were read: what leads back is no entry */
	size_t config_count, entry_count;
	unsigned int files, depth;
	/* The last FDTDIR that was looked through: labels of one kernel have the same. */
	const char *tree_folder, *tree, *tree_problem;
};

struct syslinux {
	struct syslinux_all *all;
	const char *path, *folder; /* of the main file: where relative paths begin */
	const char *const *outer;  /* titles of the menus that this configuration lies in */
	size_t outer_count;

	const char *append; /* for all labels that have none of their own */
	const char *default_name, *ontimeout_name;
	const char *ui_files; /* the menu is in these: words; NULL: in this one */
	bool has_menu;	      /* a user interface; of U-Boot: a line MENU */
	bool has_ui;	      /* the directive UI, by which DEFAULT names a label of the menu */
	bool has_prompt, is_implicit_forbidden, is_menu_hidden;
	int timeout, total_timeout; /* seconds; ENTRY_TIMEOUT_UNSET */

	struct syslinux_menu menus[SYSLINUX_MENUS_MAX];
	size_t menu_count, menu, start_menu;
	struct syslinux_known *known;
	size_t known_count, known_capacity;
	struct syslinux_label label;
};

/* syslinux.c */

/*
 * Reads the configuration @config, or the words of @config where @is_menu, whose relative paths begin
 * at @folder, as what @s leads to under @title (NULL: in its place). 1: *@ret_choice is what boots
 * there; 0: there is nothing, or it was read before; or -ENOMEM.
 */
int syslinux_read_other(struct syslinux *s, const char *config, const char *folder, bool is_menu,
			const char *title, struct syslinux_choice *ret_choice);

/* lines.c: all lines of @path, @depth files deep. 0 or -ENOMEM. */
int syslinux_read_file(struct syslinux *s, const char *path, unsigned int depth);

/* label.c */

/* Makes an entry of the label, if it is one, and forgets it. 0 or -ENOMEM. */
int syslinux_end_label(struct syslinux *s);

/*
 * An entry of s->label: @kernel is a kernel or what else it starts, @arguments what stands behind it.
 * 0 or -ENOMEM.
 */
int syslinux_add_entry(struct syslinux *s, const char *kernel, const char *arguments,
		       bool is_kernel, struct entry **ret_entry);

/*
 * Adds @words to the command line, but for their "initrd=", which is for the boot loader: the last
 * one counts, and is in *@ret_initrd. 0 or -ENOMEM.
 */
int syslinux_add_words(const struct syslinux *s, struct entry *entry, const char *words,
		       const char **ret_initrd);

/* Several in a line are parted by commas; for U-Boot it is one file. 0 or -ENOMEM. */
int syslinux_add_initrds(const struct syslinux *s, struct entry *entry, const char *names);

/*
 * What is started otherwise than as a kernel (syslinux.txt, "KERNEL image"): ".bin" and ".img" are
 * for isolinux alone, boot sectors for syslinux alone, and U-Boot knows kernels only.
 */
bool syslinux_is_program(const struct syslinux *s, const char *kernel);

/* "menu.c32" and "vesamenu.c32", wherever they lie. */
bool syslinux_is_menu(const char *program);

/* From the folder of the configuration, unless it begins with a slash. NULL: memory is short. */
const char *syslinux_path(const struct syslinux *s, const char *path);

/* How many submenus deep it is within this configuration. */
size_t syslinux_depth(const struct syslinux *s);

/* The titles of the menus that it is in, outermost first, and @more (or NULL). 0 or -ENOMEM. */
int syslinux_titles(const struct syslinux *s, const char *more, const char *const **ret_titles,
		    size_t *ret_count);

/* tree.c: the device tree of s->label, and what changes it. 0 or -ENOMEM. */
int syslinux_add_trees(const struct syslinux *s, struct entry *entry);

/* command.c */

/* The label that is called as the whole of @command (U-Boot), or as its first word (find_label() of the
 * others). NULL: none. */
const struct syslinux_known *syslinux_find(const struct syslinux *s, const char *command);

/*
 * The label that @command begins with; where none is called so, the kernel that it names. What was
 * found is in *@ret_choice: entry or away, else untouched. 0 or -ENOMEM.
 */
int syslinux_command(struct syslinux *s, const char *command, struct syslinux_choice *ret_choice);

/* The same for a label; @words behind it ("" for none) are added to a twin of its entry. */
int syslinux_take_known(struct syslinux *s, const struct syslinux_known *known, const char *words,
			struct syslinux_choice *ret_choice);

/* choose.c: what boots unattended of a configuration that is read. 0 or -ENOMEM. */
int syslinux_choose(struct syslinux *s, struct syslinux_choice *ret_choice);
