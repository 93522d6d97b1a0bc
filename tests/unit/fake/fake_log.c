// SPDX-License-Identifier: GPL-2.0-or-later
/* What was called, in order, and the faults that answer instead; see fake_ops.h. */
#include "unit/fake/fake_internal.h"

#include "base/error.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

void append(const struct fake *fake, const char *name, const char *line)
{
	char path[PATH_MAX];
	int fd;

	print_path(path, "%s/%s", fake->folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	CHECK(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
	close(fd);
}

int logged(const struct fake *fake, int answer, const char *format, ...)
{
	char *call, *line, number[16];
	va_list args;

	va_start(args, format);
	CHECK(vasprintf(&call, format, args) >= 0);
	va_end(args);
	snprintf(number, sizeof(number), "%d", answer);
	CHECK(asprintf(&line, "%s = %s\n", call, answer < 0 ? errno_name(answer) : number) >= 0);
	append(fake, "log", line);
	free(line);
	free(call);
	return answer;
}

char *read_whole(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t length = 0;
	FILE *out;
	int c;

	if (!file)
		return NULL;
	out = open_memstream(&text, &length);
	CHECK(out);
	while ((c = getc(file)) != EOF)
		putc(c, out);
	fclose(file);
	fclose(out);
	return text;
}

char *fake_log(const struct fake *fake)
{
	char path[PATH_MAX], *text;

	print_path(path, "%s/log", fake->folder);
	text = read_whole(path);
	return text ?: strdup("");
}

static int log_search(const struct fake *fake, const char *glob, int *ret_first)
{
	char *text = fake_log(fake), *at = text, *line;
	int count = 0, number = 0;

	*ret_first = -1;
	while ((line = strsep(&at, "\n")) && *line) {
		if (!fnmatch(glob, line, 0) && count++ == 0)
			*ret_first = number;
		number++;
	}
	free(text);
	return count;
}

int fake_log_find(const struct fake *fake, const char *line)
{
	int first;

	log_search(fake, line, &first);
	return first;
}

int fake_log_count(const struct fake *fake, const char *line)
{
	int first;

	return log_search(fake, line, &first);
}

static const struct fake_fault *fault_find(const struct fake *fake, const char *operation,
					   const char *subject)
{
	for (const struct fake_fault *f = fake->faults; f && f->operation; f++)
		if (!strcmp(f->operation, operation) && !fnmatch(f->subject ?: "*", subject, 0))
			return f;
	return NULL;
}

static void write_proc(const struct fake *fake, const char *name, const char *text)
{
	char path[PATH_MAX], full[PATH_MAX], other[PATH_MAX];
	FILE *file;

	/* Whole at once: who looks at it must not find half of it. */
	print_path(path, "/proc/%d/%s", getpid(), name);
	on_disk(fake, path, full);
	make_parents(full);
	print_path(other, "%s.new", full);
	file = fopen(other, "w");
	CHECK(file);
	fputs(text, file);
	CHECK(!fclose(file));
	CHECK(!rename(other, full));
}

void fake_worker_is_at(const struct fake *fake, const char *functions)
{
	char stack[1024] = "", stat[128];
	size_t used = 0;

	for (const char *at = functions; *at; at += strspn(at, " ")) {
		int length = (int)strcspn(at, " ");

		used += (size_t)snprintf(stack + used, sizeof(stack) - used,
					 "[<0>] %.*s+0x1c/0x80\n", length, at);
		at += length;
	}
	snprintf(stat, sizeof(stat), "%d (kexit) D 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0\n", getpid());
	write_proc(fake, "stack", stack);
	write_proc(fake, "stat", stat);
}

/* As a remove() that does not return: no signal but SIGKILL gets through. */
static _Noreturn void hang(const struct fake *fake, const char *operation, const char *subject)
{
	char line[PATH_MAX];
	sigset_t all;

	fake_worker_is_at(fake, "wait_for_completion fake_remove unbind_store");
	print_path(line, "%d\n", getpid());
	append(fake, "hung", line);
	print_path(line, "%s %s HANG\n", operation, subject);
	append(fake, "log", line);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;)
		pause();
}

/* How many calls matched the first fault until now, this one included: all processes count in one file. */
static unsigned int count_call(const struct fake *fake)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	print_path(path, "%s/calls", fake->folder);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, ".", 1) == 1 && !fstat(fd, &st));
	close(fd);
	return (unsigned int)st.st_size;
}

/* True when a fault answers in place of the fake, with *@ret_answer. */
bool fault(const struct fake *fake, const char *operation, const char *subject, int *ret_answer)
{
	const struct fake_fault *f = fault_find(fake, operation, subject);

	if (f == fake->faults && f && fake->nth && fake->nth != count_call(fake))
		f = NULL;
	if (!f)
		return false;
	if (f->kind == FAKE_HANG)
		hang(fake, operation, subject);
	*ret_answer = f->kind == FAKE_ERRNO ? f->code : 0;
	return true;
}
