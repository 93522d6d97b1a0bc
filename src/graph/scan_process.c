// SPDX-License-Identifier: GPL-2.0-or-later
/* Who a process is: its name for a person, and whether it is one of this run. */
#include "graph/scanner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *process_name(struct scanner *s, const char *pid)
{
	char path[64], name[64] = "?";

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	sysroot_read(s->root, path, name, sizeof(name));
	return arena_printf(s->graph->arena, "process %s (%s)", pid, name);
}

/* "42 (name) S 1 ...": the name may hold anything, so what counts is behind its last bracket. */
static pid_t parent_of(const struct scanner *s, const char *pid)
{
	char path[64], text[512];
	const char *end;
	int parent;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	if (sysroot_read(s->root, path, text, sizeof(text)) < 0)
		return 0;
	end = strrchr(text, ')');
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

bool process_is_own(const struct scanner *s, const char *pid)
{
	pid_t number = (pid_t)strtol(pid, NULL, 10);

	if (sysroot_is_captured(s->root))
		return false;
	return number == s->graph->pid || parent_of(s, pid) == s->graph->pid;
}
