// SPDX-License-Identifier: GPL-2.0-or-later
/* Folders, programs and settings of a boot image; see contents.h. */
#include "mkboot/contents.h"

#include "base/log.h"
#include "mkboot/stand_in.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const folders[] = { "dev", "etc/kexit", "mnt", "proc",   "root",
				       "run", "sys",	   "tmp", "usr/bin" };

/* As Debian since 12 has it: what a program names as /lib/... is found in /usr/lib. */
static const char *const links[][2] = {
	{ "bin", "usr/bin" },
	{ "lib", "usr/lib" },
	{ "lib64", "usr/lib64" },
	{ "sbin", "usr/sbin" },
};

/* For a person at the rescue shell. What kexit-boot itself runs are programs of their own. */
static const char *const applets[] = {
	"[",	   "ash",      "awk",	 "basename", "blkid",	  "blockdev", "cat",	 "chmod",
	"chroot",  "clear",    "cmp",	 "cp",	     "cut",	  "date",     "dd",	 "df",
	"dirname", "dmesg",    "echo",	 "env",	     "expr",	  "false",    "fdisk",	 "find",
	"free",	   "grep",     "gunzip", "gzip",     "halt",	  "head",     "hexdump", "hostname",
	"insmod",  "ip",       "kill",	 "less",     "ln",	  "losetup",  "ls",	 "lsmod",
	"lspci",   "lsusb",    "md5sum", "mkdir",    "mknod",	  "more",     "mount",	 "mv",
	"od",	   "poweroff", "printf", "ps",	     "pwd",	  "readlink", "reboot",	 "rm",
	"rmdir",   "rmmod",    "sed",	 "sh",	     "sha256sum", "sleep",    "sort",	 "stat",
	"strings", "stty",     "sync",	 "tail",     "tar",	  "test",     "top",	 "touch",
	"tr",	   "true",     "umount", "uname",    "vi",	  "wc",	      "which",	 "xargs",
	"xz",	   "zcat",
};

static int failed(struct error *e, int r, const char *path)
{
	return r && r != -EEXIST ? error_set(e, r, "%s: cannot be added: %s", path, errno_text(r))
				 : 0;
}

static int add_layout(struct tree *tree, struct error *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < LENGTH(folders); i++)
		r = failed(e, tree_add_folder(tree, folders[i]), folders[i]);
	for (size_t i = 0; !r && i < LENGTH(links); i++)
		r = failed(e, tree_add_link(tree, links[i][0], links[i][1]), links[i][0]);
	/* The kernel opens it for init before anything is mounted. */
	if (!r)
		r = failed(e, tree_add_character_device(tree, "dev/console", makedev(5, 1)),
			   "dev/console");
	return r;
}

static int add_init(const struct contents *contents, struct programs *p, struct error *e)
{
	int r;

	if (contents->init)
		return programs_add_file(p, contents->init, "init", e);
	r = programs_add(p, "kexit-boot", "kexit", e);
	return r ?: failed(e, tree_add_link(p->tree, "init", "usr/sbin/kexit-boot"), "init");
}

static int add_busybox(struct programs *p, struct error *e)
{
	int r = programs_add(p, "busybox", "busybox", e);

	/* Where the kernel looks for it until kexit-boot has put itself there (CONFIG_MODPROBE_PATH):
	 * a built-in driver may ask for a cipher before there is any process. */
	if (!r)
		r = failed(e, tree_add_link(p->tree, "usr/sbin/modprobe", "busybox"), "modprobe");
	for (size_t i = 0; !r && i < LENGTH(applets); i++) {
		char *path = arena_printf(p->arena, "usr/bin/%s", applets[i]);

		r = failed(e, path ? tree_add_link(p->tree, path, "../sbin/busybox") : -ENOMEM,
			   applets[i]);
	}
	return r;
}

/*
 * For kexec_load(2). On amd64 kexec_file_load(2) takes every bzImage, so that few miss it: an image
 * without it says so instead of none being made.
 */
static int add_kexec(struct programs *p, struct error *e)
{
	int r = programs_add(p, "kexec", "kexec-tools", e);

	if (r != -ENOENT || strcmp(p->arch->name, "amd64") != 0)
		return r;
	log_warning("without kexec (package kexec-tools) the image boots only what "
		    "kexec_file_load(2) takes");
	return 0;
}

/* Of the consoles that machines have; the menu does with what the first of them says otherwise. */
static int add_terminals(struct programs *p, struct error *e)
{
	static const char *const terminals[] = { "a/ansi",   "d/dumb",	"l/linux",
						 "s/screen", "v/vt100", "v/vt102",
						 "v/vt220",  "x/xterm", "x/xterm-256color" };
	static const char *const places[] = { "/lib/terminfo", "/usr/share/terminfo",
					      "/usr/lib/terminfo" };
	int r = 0;

	for (size_t i = 0; !r && i < LENGTH(terminals) * LENGTH(places); i++) {
		struct buffer contents = { 0 };
		const char *terminal = terminals[i / LENGTH(places)];
		char *from = arena_printf(p->arena, "%s/%s", places[i % LENGTH(places)], terminal);
		char *to = arena_printf(p->arena, "usr/lib/terminfo/%s", terminal);
		int fd = from && to ? fsroot_open_file(p->root, from, NULL) : -ENOMEM;

		if (fd < 0)
			continue;
		r = buffer_read_fd(&contents, fd, from, e);
		close(fd);
		if (!r)
			r = failed(e, tree_add_file(p->tree, PART_SYSTEM, to, false, &contents),
				   to);
		buffer_done(&contents);
	}
	return r;
}

static bool is_in_list(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == length && !strncmp(list, word, length))
			return true;
	return false;
}

static const struct {
	const char *name, *package;
} optional[] = { { "lvm", "lvm2" }, { "mdadm", "mdadm" } };

bool contents_with_is_known(const char *with)
{
	size_t known = 0, words = 1;

	if (!with || !strcmp(with, "none"))
		return true;
	for (const char *c = with; *c; c++)
		words += *c == ',';
	for (size_t i = 0; i < LENGTH(optional); i++)
		known += is_in_list(with, optional[i].name);
	return known == words;
}

/* Without --with, what is not installed is not missed. */
static int add_optional(const struct contents *contents, struct programs *p, struct error *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < LENGTH(optional); i++) {
		if (contents->with && !is_in_list(contents->with, optional[i].name))
			continue;
		r = programs_add(p, optional[i].name, optional[i].package, e);
		if (r == -ENOENT && !contents->with)
			r = 0;
	}
	return r;
}

/* One file of the system at its own path; none is no failure. */
static int add_setting(struct programs *p, const char *path, struct error *e)
{
	struct buffer contents = { 0 };
	int fd = fsroot_open_file(p->root, path, NULL);
	int r;

	if (fd < 0)
		return 0;
	r = buffer_read_fd(&contents, fd, path, e);
	close(fd);
	if (!r)
		r = failed(e, tree_add_file(p->tree, PART_SYSTEM, path, false, &contents), path);
	buffer_done(&contents);
	return r;
}

static int add_policies(struct programs *p, const char *folder, struct error *e)
{
	DIR *dir = fsroot_opendir(p->root, folder);
	struct dirent *entry;
	int r = 0;

	while (!r && dir && (entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);
		char *path = arena_printf(p->arena, "%s/%s", folder, entry->d_name);

		if (length > 5 && !strcmp(entry->d_name + length - 5, ".conf"))
			r = path ? add_setting(p, path, e) : failed(e, -ENOMEM, folder);
	}
	if (dir)
		closedir(dir);
	return r;
}

static int add_file(struct programs *p, const char *from, const char *to, struct error *e)
{
	struct buffer contents = { 0 };
	int r = buffer_read(&contents, from, e);

	if (!r)
		r = failed(e, tree_add_file(p->tree, PART_SYSTEM, to, false, &contents), to);
	buffer_done(&contents);
	return r;
}

static int add_settings(const struct contents *contents, struct programs *p, struct error *e)
{
	static const char place[] = "/etc/kexit/boot.conf";
	int r = contents->settings ? add_file(p, contents->settings, place, e)
				   : add_setting(p, place, e);

	if (!r)
		r = add_policies(p, "/usr/lib/kexit/policy.d", e);
	return r ?: add_policies(p, "/etc/kexit/policy.d", e);
}

/* "FILE:PATH". An executable file is a program, and brings its libraries. */
static int add_extra(const char *extra, struct programs *p, struct error *e)
{
	const char *colon = strrchr(extra, ':');
	char *from = colon ? arena_strndup(p->arena, extra, (size_t)(colon - extra)) : NULL;

	if (!colon || colon[1] != '/')
		return error_set(e, -EINVAL, "--add %s: FILE:/PATH is wanted", extra);
	if (!from)
		return failed(e, -ENOMEM, extra);
	return access(from, X_OK) ? add_file(p, from, colon + 1, e)
				  : programs_add_file(p, from, colon + 1, e);
}

int contents_add(const struct contents *contents, struct programs *p, struct error *e)
{
	int r = add_layout(p->tree, e);

	programs_learn_arch(p, "busybox");
	/* First: what was given by hand stands before what the system has at the same path. */
	for (size_t i = 0; !r && i < contents->extra_count; i++)
		r = add_extra(contents->extras[i], p, e);
	if (!r)
		r = add_init(contents, p, e);
	if (!r)
		r = programs_add(p, "kexit", "kexit", e);
	if (!r)
		r = add_kexec(p, e);
	if (!r)
		r = add_busybox(p, e);
	if (!r)
		r = add_optional(contents, p, e);
	if (!r)
		r = add_terminals(p, e);
	if (!r)
		r = stand_ins_add(p, contents->stand_ins, e);
	return r ?: add_settings(contents, p, e);
}
