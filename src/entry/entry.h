/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot entries: what a file system offers to boot, whatever format says so.
 *
 * A format is a reader, one file each: `int FORMAT_read(const struct entry_source *source, struct
 * entry_list *list)`. It looks for its own files below source->root and reports
 *
 *   an entry      struct entry *entry = entry_list_add(list, source, ENTRY_GRUB, path, line);
 *                 then fills its fields; strings and arrays come from list->arena
 *   a fault       entry_list_problem(list, source, path, line, "unknown ...");  and reads on
 *   a grey entry  entry_grey(list, entry, "it loads a multiboot kernel, which ...");  still listed
 *   no kernel     entry_lead_away(list, entry, "it goes on through firmware ...");  meant so
 *   its default   list->settings[ENTRY_GRUB].default_id = the id of one of its entries
 *   another one   list->settings[ENTRY_GRUB].default_away = what it is, where that is no entry
 *   its timeout   list->settings[ENTRY_GRUB].timeout = seconds, or ENTRY_TIMEOUT_FOREVER
 *   "I am here"   list->settings[ENTRY_GRUB].is_configured = true  as soon as its file was found
 *
 * and returns 0, also where there is nothing of its format, or -ENOMEM, the only failure. What is
 * wrong in a file costs the entries it is about and never another's. Entries keep the order in
 * which a reader adds them, but for the Boot Loader Specification's, which order.c sorts. Which
 * format's order, default and timeout then count is decided in one place: entry_list_settle().
 */
#pragma once

#include "base/arena.h"
#include "sys/fsroot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry_board;

enum entry_format {
	ENTRY_BLS,	 /* Boot Loader Specification, type 1: loader/entries/NAME.conf */
	ENTRY_UKI,	 /* the same, type 2: a unified kernel image, EFI/Linux/NAME.efi */
	ENTRY_GRUB,	 /* a menuentry of a GRUB 2 script, or what its blscfg made */
	ENTRY_SYSLINUX,	 /* a LABEL of syslinux or extlinux */
	ENTRY_PETITBOOT, /* an option of petitboot.conf */
	ENTRY_KBOOT,	 /* a line of kboot.conf */
	ENTRY_YABOOT,	 /* an image of yaboot.conf or lilo.conf */
	ENTRY_FORMATS,
};

/* "bls", "uki", "grub", "syslinux", "petitboot", "kboot", "yaboot". Static. */
const char *entry_format_name(enum entry_format format);

/* A file that an entry needs, or a stretch of one (a section of a unified kernel image). */
struct entry_file {
	const struct fsroot *root; /* the file system it is on; NULL: there is no such file */
	const char *path;	   /* there, beginning with "/" */
	uint64_t offset, length;   /* bytes; length 0: all of the file */
	uint64_t device, inode;	   /* which file it is, by whatever path; inode 0: not asked */
};

struct entry {
	/*
	 * What a default, a person or a test names it by: the file's name of a BLS entry (with
	 * ".conf" or ".efi", without the boot counter), GRUB's --id or title path, a LABEL. Unique
	 * after entry_list_settle().
	 */
	const char *id;
	const char *title;			     /* one line; NULL: settle takes the id */
	const char *version, *sort_key, *machine_id; /* NULL: not said */
	const char *architecture; /* as uname -m has it ("x86_64", "aarch64"); NULL: any */

	enum entry_format format;
	const struct fsroot *root; /* where it was found */
	const char *path;	   /* the file that says so, on @root */
	unsigned int line;	   /* 0: the file as a whole */

	struct entry_file kernel;
	struct entry_file *initrds; /* loaded as one, in this order; see entry_add_initrd() */
	size_t initrd_count, initrd_capacity;
	char *options; /* the command line, by entry_add_options(); NULL: empty */
	size_t options_length, options_capacity;
	struct entry_file devicetree;
	struct entry_file *overlays; /* applied to it, in this order; see entry_add_overlay() */
	size_t overlay_count, overlay_capacity;
	const char *const *menus; /* titles of the submenus it lies in, outermost first */
	size_t menu_count;

	int tries_left, tries_done; /* boot counting; ENTRY_NOT_COUNTED in tries_left: none */
	bool is_default;	    /* the one that boots unattended; set by entry_list_settle() */
	bool is_hidden;		    /* bootable by its id, and not in the menu */
	bool is_own;	      /* a reader saw that it starts kexit-boot; settle leaves it out */
	bool is_unrestricted; /* GRUB's --unrestricted: needs no password where one is set */
	const char *greyed;   /* why it cannot be booted; NULL: it can, as far as is seen */
	/*
	 * It is no system: it goes on through firmware, starts another boot loader or tests the memory.
	 * Greyed by entry_lead_away(), or one that a person may boot; nothing boots it unattended.
	 */
	bool leads_away;

	bool is_dropped, has_shared_title; /* within entry_list_settle() */
	unsigned int namesakes;		   /* the same: later entries of this id */
};

#define ENTRY_NOT_COUNTED     (-1)

#define ENTRY_TIMEOUT_UNSET   (-1)  /* it says nothing: whoever shows the menu decides */
#define ENTRY_TIMEOUT_FOREVER (-2)  /* wait for a person */
#define ENTRY_TIMEOUT_MAX     86400 /* more is taken for a mistake in the file */

/* What a format's own configuration says beside its entries. */
struct entry_settings {
	bool is_configured; /* such a configuration is there (a grub.cfg, a loader.conf, ...) */
	bool is_of_esp;	    /* BLS: it lies beside EFI programs, as systemd-boot\'s own does */
	/*
	 * BLS: an extended boot partition (XBOOTLDR) has entries, too, in a list of its own. A default
	 * that is none of these is then there, and nothing here is in its place.
	 */
	bool has_sibling;
	struct entry *default_entry; /* itself; or NULL, and what follows counts */
	const char *default_id;	     /* exactly, or NULL */
	/* BLS: fnmatch(3) on the ids, the first in order; once more with ".conf" behind; or NULL. */
	const char *default_glob;
	/*
	 * The default is configured, and is none of the entries: "auto-windows, which only firmware
	 * can start". NULL: it is not so. Where it is set, nothing of this volume boots unattended.
	 */
	const char *default_away;
	const char *default_rule; /* what made the default: "MENU DEFAULT"; NULL: not said */
	int timeout;		  /* seconds, or ENTRY_TIMEOUT_... */
	bool is_menu_hidden;	  /* not shown unless a key is pressed */
};

struct entry_problem {
	const struct fsroot *root; /* whose file; NULL: none */
	const char *path;
	unsigned int line; /* 0: the file as a whole */
	const char *reason;
};

struct entry_list {
	struct arena *arena;
	struct entry **entries;
	size_t count, capacity;
	struct entry_problem *problems;
	size_t problem_count, problem_capacity;
	struct entry_settings settings[ENTRY_FORMATS];
	const struct fsroot **roots; /* those that entry_list_read() has read */
	size_t root_count, root_capacity;

	/* From the caller, before reading. */
	const char *machine;   /* uname -m; NULL: entries of any architecture can be booted */
	const char *last_id;   /* what was booted last, for a default that says so; NULL: unknown */
	const char *chosen_id; /* of systemd-boot's entries, before loader.conf; NULL: none */
	bool is_locked_down;   /* only a signed kernel can be loaded (sys/lockdown.h) */
	bool applies_overlays; /* to device trees, for a kernel that is loaded */
	const struct entry_board *board; /* by entry_board_read(); NULL: no device tree tells */

	/* From entry_list_settle(). */
	struct entry **own; /* entries left out, as they start kexit-boot itself (own_image.h) */
	size_t own_count;
	struct entry *preferred; /* boots unattended; NULL: nothing can, or nothing may */
	/*
	 * Why nothing boots unattended although a default is configured: "its default, 'Windows',
	 * cannot be booted: ...". NULL: it is not so. What else there is waits for a person, on other
	 * volumes, too: nobody asked for it. The timeout is then ENTRY_TIMEOUT_FOREVER.
	 */
	const char *withheld;
	const char *
		rule; /* what made the default: "MENU DEFAULT of /syslinux.cfg"; NULL: no default */
	int timeout;  /* seconds, or ENTRY_TIMEOUT_... */
	bool is_menu_hidden;
};

/* How a script names another file system than the one it lies on. */
enum entry_volume {
	ENTRY_VOLUME_UUID, /* as libblkid has it: "1c2e...", "ABCD-1234" for vfat */
	ENTRY_VOLUME_LABEL,
	ENTRY_VOLUME_FILE,   /* the first that has this path */
	ENTRY_VOLUME_DEVICE, /* GRUB's words without brackets: see device_name.h */
	ENTRY_VOLUME_NAME,   /* as this kernel calls the device: "sda1" */
	/* Another of the same disk that has this path, where each has a list of its own; else none. */
	ENTRY_VOLUME_SIBLING,
};

/* Where a reader looks. */
struct entry_source {
	const struct fsroot *root;
	/* All of the file system of which @root is a subvolume (btrfs); NULL: @root is all of it. */
	const struct fsroot *top;
	const char
		*firmware; /* as GRUB's $grub_platform: "efi", "pc", "ieee1275"; NULL: not known */
	/*
	 * The file system that @name means, for entries that lie on one and boot from another.
	 * -ENOENT: it is not there, -ENXIO: which it is nobody here can tell; both grey the entry.
	 * NULL: there is only @root, and every name means it.
	 */
	int (*find)(const struct entry_source *source, enum entry_volume kind, const char *name,
		    const struct fsroot **ret_root);
	/* The UUID of @root, as libblkid has it. NULL: it is not known. @uuid may be NULL. */
	const char *(*uuid)(const struct entry_source *source, const struct fsroot *root);
	void *context; /* for these */
};

/* Everything of the list is in its arena. NULL when memory is short. File systems must outlive it. */
struct entry_list *entry_list_new(void);
void entry_list_free(struct entry_list *list);

/*
 * A new entry at the end, found in line @line of @path (both copied), its id still to be set; NULL
 * when memory is short.
 */
struct entry *entry_list_add(struct entry_list *list, const struct entry_source *source,
			     enum entry_format format, const char *path, unsigned int line);

/* Records what is wrong in @path; at most ENTRY_PROBLEMS_MAX are kept. 0 or -ENOMEM. */
int entry_list_problem(struct entry_list *list, const struct entry_source *source, const char *path,
		       unsigned int line, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
#define ENTRY_PROBLEMS_MAX 200

/* Makes @entry unbootable; the first reason stays. 0 or -ENOMEM. */
int entry_grey(struct entry_list *list, struct entry *entry, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The same for what is no kernel of Linux by intent: it goes on through firmware, starts another boot
 * loader or a memory test, restarts the machine. 0 or -ENOMEM.
 */
int entry_lead_away(struct entry_list *list, struct entry *entry, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Another initrd, all of the file @path of @root; for a section, set offset and length of
 * entry->initrds[entry->initrd_count - 1] after. More than ENTRY_INITRDS_MAX grey the entry. 0 or
 * -ENOMEM.
 */
#define ENTRY_INITRDS_MAX 64
int entry_add_initrd(struct entry_list *list, struct entry *entry, const struct fsroot *root,
		     const char *path);

/* The same for what changes the device tree. */
#define ENTRY_OVERLAYS_MAX 64
int entry_add_overlay(struct entry_list *list, struct entry *entry, const struct fsroot *root,
		      const char *path);

/*
 * Puts @more behind the command line, with a blank between; empty adds nothing. Beyond
 * ENTRY_OPTIONS_MAX, more than any kernel takes, the entry is greyed. 0 or -ENOMEM.
 */
#define ENTRY_OPTIONS_MAX 65536
int entry_add_options(struct entry_list *list, struct entry *entry, const char *more);

/* @path as it is kept in an entry: one leading slash, no doubled ones. NULL when memory is short. */
const char *entry_path(struct entry_list *list, const char *path);

/* NULL when there is none. */
struct entry *entry_list_find(const struct entry_list *list, const char *id);

/*
 * After all readers: what starts kexit-boot itself is left out, ids are made unique, missing files grey their entries, what two formats both
 * say is shown once, and order, default and timeout are decided (order.c has the rules). 0 or -ENOMEM.
 */
int entry_list_settle(struct entry_list *list);
