// SPDX-License-Identifier: GPL-2.0-or-later
/* Hooks found and called; see hooks.h. */
#include "hooks/hooks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOOKS_MAX	  100
#define FACT_MAX	  2000
#define ENVIRONMENT_PATH  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_THERE  127

static const char *const moments[] = {
	[HOOKS_BEFORE_RELEASE] = "before-release",
	[HOOKS_BEFORE_JUMP] = "before-jump",
	[HOOKS_FAILED] = "failed",
};

void hooks_facts_add(struct hooks_facts *facts, const char *name, const char *format, ...)
{
	char text[FACT_MAX], *item;
	va_list args;
	char **more;
	int used = snprintf(text, sizeof(text), "KEXIT_%s=", name);

	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - (size_t)used, format, args);
	va_end(args);
	for (char *at = text; *at; at++)
		if (iscntrl((unsigned char)*at))
			*at = ' ';
	more = realloc(facts->items, (facts->count + 1) * sizeof(*more));
	item = more ? strdup(text) : NULL;
	if (more)
		facts->items = more;
	if (item)
		facts->items[facts->count++] = item;
}

void hooks_facts_done(struct hooks_facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		free(facts->items[i]);
	free(facts->items);
	*facts = (struct hooks_facts){ 0 };
}

/* As run-parts(8): what an editor or a package manager left behind has a '.' or a '~'. */
static bool is_name(const char *name)
{
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_' && *at != '-')
			return false;
	return true;
}

static bool is_program(const struct sysroot *root, const char *name)
{
	char path[sizeof(HOOKS_DIR) + NAME_MAX + 1];
	struct stat info;
	int fd;
	bool is;

	snprintf(path, sizeof(path), HOOKS_DIR "/%s", name);
	fd = sysroot_openat(root, path, O_PATH | O_CLOEXEC);
	is = fd >= 0 && !fstat(fd, &info) && S_ISREG(info.st_mode) && (info.st_mode & S_IXUSR);
	if (fd >= 0)
		close(fd);
	return is;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The array and its strings as one block. */
static char **block_of(char *const names[], size_t count, size_t bytes)
{
	char **block = malloc((count + 1) * sizeof(*block) + bytes);
	char *text = (char *)(block + count + 1);

	for (size_t i = 0; block && i < count; i++) {
		block[i] = text;
		text = stpcpy(text, names[i]) + 1;
	}
	if (block)
		block[count] = NULL;
	return block;
}

int hooks_list(const struct sysroot *root, char ***ret_names, struct error *e)
{
	char *names[HOOKS_MAX] = { NULL }, **block = NULL;
	DIR *dir = sysroot_opendir(root, HOOKS_DIR);
	const struct dirent *entry;
	size_t count = 0, bytes = 0;
	int r = dir || errno == ENOENT || errno == ENOTDIR ? 0 : -errno;

	while (dir && r == 0 && (entry = readdir(dir))) {
		if (!is_name(entry->d_name) || !is_program(root, entry->d_name))
			continue;
		if (count == HOOKS_MAX)
			r = -E2BIG;
		else if (!(names[count] = strdup(entry->d_name)))
			r = -ENOMEM;
		else
			bytes += strlen(names[count++]) + 1;
	}
	if (dir)
		closedir(dir);
	if (count)
		qsort(names, count, sizeof(*names), by_name);
	if (r == 0 && !(block = block_of(names, count, bytes)))
		r = -ENOMEM;
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	if (r < 0)
		return error_set(e, r, HOOKS_DIR ": the hooks cannot be read: %s", errno_text(r));
	*ret_names = block;
	return 0;
}

bool hooks_are_there(const struct sysroot *root)
{
	struct error e = ERROR_NONE;
	char **names = NULL;
	bool are_there = hooks_list(root, &names, &e) < 0 || names[0];

	free(names);
	return are_there;
}

/* How it ended, where that was not well: a hook that never ran was to say something, too. */
static int judge(const char *name, int status, struct error *e)
{
	if (status == 0)
		return 0;
	if (status == -ETIMEDOUT)
		return error_set(e, -ECANCELED,
				 "hook " HOOKS_DIR "/%s: it did not end within %d s and was killed",
				 name, HOOK_MS / 1000);
	if (status < 0)
		return error_set(e, -ECANCELED, "hook " HOOKS_DIR "/%s: it cannot be run: %s", name,
				 errno_text(status));
	if (status == STATUS_CANNOT_RUN || status == STATUS_NOT_THERE)
		return error_set(e, -ECANCELED,
				 "hook " HOOKS_DIR "/%s: status %d: its interpreter is missing, or "
				 "what it calls",
				 name, status);
	return error_set(e, -ECANCELED, "hook " HOOKS_DIR "/%s: status %d", name, status);
}

static int call(const struct sys *sys, const char *name, enum hooks_moment moment,
		char *const environment[], struct error *e)
{
	char path[sizeof(HOOKS_DIR) + NAME_MAX + 1];
	char when[20];
	char *argv[] = { path, when, NULL };

	snprintf(path, sizeof(path), HOOKS_DIR "/%s", name);
	snprintf(when, sizeof(when), "%s", moments[moment]);
	return judge(name, sys_hook(sys, argv, environment, HOOK_MS), e);
}

/* Nothing of kexit's own environment: a hook finds the same wherever it runs. */
static char **environment_of(const struct hooks_facts *facts, char *moment)
{
	static char path[] = ENVIRONMENT_PATH;
	char **environment = calloc(facts->count + 3, sizeof(*environment));

	if (!environment)
		return NULL;
	environment[0] = path;
	environment[1] = moment;
	for (size_t i = 0; i < facts->count; i++)
		environment[i + 2] = facts->items[i];
	return environment;
}

int hooks_run(const struct sys *sys, enum hooks_moment moment, const struct hooks_facts *facts,
	      struct error *e)
{
	char word[40], **environment, **names = NULL;
	int r = hooks_list(sys->root, &names, e), result = 0;

	if (r < 0)
		return moment == HOOKS_FAILED ? 0 : r;
	snprintf(word, sizeof(word), "KEXIT_MOMENT=%s", moments[moment]);
	environment = environment_of(facts, word);
	if (!environment)
		result = error_set(e, -ENOMEM, HOOKS_DIR ": no memory");
	for (size_t i = 0; environment && names && names[i]; i++) {
		r = call(sys, names[i], moment, environment, e);
		if (r < 0)
			result = r;
		if (r < 0 && moment != HOOKS_FAILED)
			break;
	}
	free(environment);
	free(names);
	return result;
}
