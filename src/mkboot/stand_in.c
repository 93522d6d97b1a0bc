// SPDX-License-Identifier: GPL-2.0-or-later
/* Stand-ins into the tree; see stand_in.h. */
#include "mkboot/stand_in.h"

#include "mkboot/stand_in_list.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/lib/kexit/stand-in"

static int read_stand_in(struct programs *p, const char *folder, const char *library,
			 struct buffer *ret, struct error *e)
{
	char *path = arena_printf(p->arena, "%s/%s", folder ?: FOLDER, library);
	int fd, r;

	if (!path)
		return -ENOMEM;
	if (folder)
		return buffer_read(ret, path, e);
	fd = fsroot_open_file(p->root, path, NULL);
	if (fd < 0)
		return fd;
	r = buffer_read_fd(ret, fd, path, e);
	close(fd);
	return r;
}

static bool would_do(struct programs *p, const struct stand_in *what, const struct buffer *stand_in)
{
	struct buffer user = { 0 }, real = { 0 };
	bool answer = !programs_read_library(p, what->user, &user, NULL) &&
		      !programs_read_library(p, what->library, &real, NULL) &&
		      elf_is_enough(&user, &real, stand_in);

	buffer_done(&user);
	buffer_done(&real);
	return answer;
}

static int add_one(struct programs *p, const struct stand_in *what, const char *folder,
		   struct error *e)
{
	char *path = arena_printf(p->arena, "usr/lib/%s/%s", p->arch->triplet, what->library);
	struct buffer contents = { 0 };
	int r;

	if (!path)
		return error_set(e, -ENOMEM, "%s: %s", what->library, errno_text(ENOMEM));
	if (tree_has(p->tree, path))
		return 0;
	r = read_stand_in(p, folder, what->library, &contents, e);
	if (r && folder)
		return r;
	if (r || !would_do(p, what, &contents)) {
		r = programs_add_library(p, what->library, e);
	} else {
		elf_trim(&contents);
		r = tree_add_file(p->tree, PART_LIBRARIES, path, true, &contents);
		if (r)
			error_set(e, r, "%s: cannot be added: %s", path, errno_text(r));
	}
	buffer_done(&contents);
	return r;
}

int stand_ins_add(struct programs *p, const char *folder, struct error *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < STAND_INS; i++)
		if (p->stand_ins_wanted & 1U << i)
			r = add_one(p, &stand_ins[i], folder, e);
	return r;
}
