// SPDX-License-Identifier: GPL-2.0-or-later
/* libcrypto's stand-in; see stand_in.h. */
#include "mkboot/stand_in.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY	 "libcrypto.so.3"
#define USER	 "libkmod.so.2"
#define STAND_IN "/usr/lib/kexit/crypto-standin.so"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool stand_in_applies(const char *user, const char *library)
{
	return !strcmp(library, LIBRARY) && !strcmp(base_name(user), USER);
}

static int read_stand_in(struct programs *p, const char *file, struct buffer *ret, struct error *e)
{
	int fd, r;

	if (file)
		return buffer_read(ret, file, e);
	fd = fsroot_open_file(p->root, STAND_IN, NULL);
	if (fd < 0)
		return fd;
	r = buffer_read_fd(ret, fd, STAND_IN, e);
	close(fd);
	return r;
}

static bool would_do(struct programs *p, const struct buffer *stand_in)
{
	struct buffer user = { 0 }, real = { 0 };
	bool answer = !programs_read_library(p, USER, &user, NULL) &&
		      !programs_read_library(p, LIBRARY, &real, NULL) &&
		      elf_is_enough(&user, &real, stand_in);

	buffer_done(&user);
	buffer_done(&real);
	return answer;
}

int stand_in_add(struct programs *p, const char *file, struct error *e)
{
	char *path =
		p->arch ? arena_printf(p->arena, "usr/lib/%s/" LIBRARY, p->arch->triplet) : NULL;
	struct buffer stand_in = { 0 };
	int r;

	if (!p->wants_stand_in || !path || tree_has(p->tree, path))
		return 0;
	r = read_stand_in(p, file, &stand_in, e);
	if (r && file)
		return r;
	if (r || !would_do(p, &stand_in))
		r = programs_add_library(p, LIBRARY, e);
	else
		r = tree_add_file(p->tree, PART_LIBRARIES, path, true, &stand_in);
	buffer_done(&stand_in);
	return r;
}
