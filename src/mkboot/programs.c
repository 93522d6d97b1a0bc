// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs and the closure of their libraries; see programs.h. */
#include "mkboot/programs.h"

#include "mkboot/stand_in_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add_needed(struct programs *p, const struct buffer *file, const char *name,
		      struct error *e);

/* The same below /usr, where everything of a Debian since 12 lies: "/lib/a" -> "usr/lib/a". */
static char *image_path(struct arena *arena, const char *path)
{
	return arena_printf(arena, "%s%s", strncmp(path, "/usr/", 5) != 0 ? "usr" : "", path);
}

/* Without words where @path is not there: another folder may have it. */
static int read_file(struct programs *p, const char *path, struct buffer *ret, struct error *e)
{
	int fd = fsroot_open_file(p->root, path, NULL);
	int r;

	if (fd < 0)
		return fd;
	r = buffer_read_fd(ret, fd, path, e);
	close(fd);
	return r;
}

/* Takes @contents over. What it needs goes first: a program without it would be of no use. */
static int add_elf(struct programs *p, enum part part, const char *path, struct buffer *contents,
		   struct error *e)
{
	int r = add_needed(p, contents, path, e);

	if (!r) {
		elf_trim(contents);
		r = tree_add_file(p->tree, part, path, true, contents);
		if (r == -EEXIST)
			r = 0;
		if (r)
			error_set(e, r, "%s: cannot be added: %s", path, errno_text(r));
	}
	buffer_done(contents);
	return r;
}

static int try_path(struct programs *p, enum part part, const char *path, struct error *e)
{
	struct buffer contents = { 0 };
	char *target = image_path(p->arena, path);
	int r = target ? 0 : -ENOMEM;

	if (!r && tree_has(p->tree, target + strspn(target, "/")))
		return 0;
	if (!r)
		r = read_file(p, path, &contents, e);
	return r ?: add_elf(p, part, target, &contents, e);
}

/* The folders of @folders, which colons divide, one after the other. */
static int try_folders(struct programs *p, enum part part, const char *folders, const char *name,
		       struct error *e)
{
	int r = -ENOENT;

	while (folders && *folders && r == -ENOENT) {
		size_t length = strcspn(folders, ":");
		char *path = arena_printf(p->arena, "%.*s/%s", (int)length, folders, name);

		r = path ? try_path(p, part, path, e) : -ENOMEM;
		folders += length + (folders[length] == ':');
	}
	return r;
}

static char *system_folders(const struct programs *p)
{
	const char *triplet = p->arch->triplet;

	return arena_printf(p->arena, "/usr/lib/%s:/lib/%s:/usr/lib64:/lib64:/usr/lib:/lib",
			    triplet, triplet);
}

/* As ld.so(8) looks: the run path, then the system's folders. */
static int add_library(struct programs *p, const char *run_path, const char *name, struct error *e)
{
	char *folders = system_folders(p);
	int r = try_folders(p, PART_LIBRARIES, run_path, name, e);

	if (r != -ENOENT)
		return r;
	return folders ? try_folders(p, PART_LIBRARIES, folders, name, e) : -ENOMEM;
}

/* Every program's architecture must be the system's, or the first one's: they share its libraries. */
static int check_arch(struct programs *p, const struct arch *arch, const char *name,
		      struct error *e)
{
	if (!p->arch)
		p->arch = arch;
	if (p->arch == arch)
		return 0;
	return error_set(e, -EXDEV, "%s: is a program for %s, and what is in %s is for %s", name,
			 arch->name, fsroot_path(p->root), p->arch->name);
}

/* The library's name is said where the need is known: an earlier message comes from further down. */
static int add_one_needed(struct programs *p, const struct needs *needs, const char *library,
			  const char *name, struct error *e)
{
	struct error inner = ERROR_NONE;
	int r = *library == '/' ? try_path(p, PART_LIBRARIES, library, &inner)
				: add_library(p, needs->run_path, library, &inner);

	if (!r)
		return 0;
	if (inner.code)
		return error_set(e, r, "%s", inner.text);
	return error_set(e, r, "%s needs %s, which is not in %s/: %s", name, library,
			 fsroot_path(p->root), errno_text(r));
}

static bool is_loader(const struct programs *p, const char *library)
{
	const char *slash = p->loader ? strrchr(p->loader, '/') : NULL;

	return slash && !strcmp(slash + 1, library);
}

static int add_needed(struct programs *p, const struct buffer *file, const char *name,
		      struct error *e)
{
	struct needs needs;
	int r = elf_needs(file, p->arena, &needs);

	if (r == -ENOEXEC) /* a script */
		return 0;
	if (r)
		return error_set(e, r,
				 "%s: its libraries cannot be told: %s; images are made for amd64, "
				 "arm64 and ppc64el",
				 name, errno_text(r));
	r = check_arch(p, needs.arch, name, e);
	if (!r && needs.loader && !p->loader)
		p->loader = needs.loader;
	if (!r && needs.loader)
		r = add_one_needed(p, &needs, needs.loader, name, e);
	/* glibc's libraries name their loader too, which is there before them, at its own path. */
	for (size_t i = 0; !r && i < needs.count; i++) {
		int stand_in = stand_in_find(name, needs.libraries[i]);

		/* stand_in.c decides on it when all programs are there. */
		if (stand_in >= 0)
			p->stand_ins_wanted |= 1U << stand_in;
		else if (!is_loader(p, needs.libraries[i]))
			r = add_one_needed(p, &needs, needs.libraries[i], name, e);
	}
	return r;
}

static int read_program(struct programs *p, const char *name, struct buffer *ret, struct error *e)
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	int r = -ENOENT;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && r == -ENOENT; i++) {
		char *path = arena_printf(p->arena, "%s/%s", folders[i], name);

		r = path ? read_file(p, path, ret, e) : -ENOMEM;
	}
	return r;
}

void programs_learn_arch(struct programs *p, const char *name)
{
	struct buffer contents = { 0 };
	struct needs needs;

	if (!read_program(p, name, &contents, NULL) && !elf_needs(&contents, p->arena, &needs))
		p->arch = needs.arch;
	buffer_done(&contents);
}

int programs_add(struct programs *p, const char *name, const char *package, struct error *e)
{
	struct buffer contents = { 0 };
	char *target = arena_printf(p->arena, "usr/sbin/%s", name);
	const char *root = fsroot_path(p->root);
	int r;

	if (!target)
		return error_set(e, -ENOMEM, "%s: %s", name, errno_text(ENOMEM));
	if (tree_has(p->tree, target))
		return 0;
	r = read_program(p, name, &contents, e);
	if (r)
		return error_set(e, r,
				 "no program %s in usr/sbin, usr/bin, sbin or bin of %s: %s: it is "
				 "in the package %s",
				 name, *root ? root : "/", errno_text(r), package);
	return add_elf(p, PART_PROGRAMS, target, &contents, e);
}

int programs_add_file(struct programs *p, const char *from, const char *to, struct error *e)
{
	struct buffer contents = { 0 };
	int r = buffer_read(&contents, from, e);

	return r ?: add_elf(p, PART_PROGRAMS, to + strspn(to, "/"), &contents, e);
}

int programs_add_library(struct programs *p, const char *name, struct error *e)
{
	const struct needs by_name = { .arch = p->arch };

	return add_one_needed(p, &by_name, name, "the image", e);
}

int programs_read_library(struct programs *p, const char *name, struct buffer *ret, struct error *e)
{
	const char *folders = system_folders(p);
	int r = folders ? -ENOENT : -ENOMEM;

	while (folders && *folders && r == -ENOENT) {
		size_t length = strcspn(folders, ":");
		char *path = arena_printf(p->arena, "%.*s/%s", (int)length, folders, name);

		r = path ? read_file(p, path, ret, e) : -ENOMEM;
		folders += length + (folders[length] == ':');
	}
	return r;
}
