// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine in its folder, built and read; see fake_ops.h. */
#include "unit/fake/fake_internal.h"

#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void print_path(char path[PATH_MAX], const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, PATH_MAX, format, args);
	va_end(args);
	CHECK(n > 0 && n < PATH_MAX);
}

void on_disk(const struct fake *fake, const char *path, char ret_path[PATH_MAX])
{
	print_path(ret_path, "%s%s", fake->tree, path);
}

/* The folders above @path, on the disk. */
void make_parents(const char *path)
{
	char folder[PATH_MAX];

	print_path(folder, "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		CHECK(!mkdir(folder, 0755) || errno == EEXIST);
		*slash = '/';
	}
}

void run_tool(char *const argv[])
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (!child) {
		execvp(argv[0], argv);
		_exit(127);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

struct fake *fake_new(const char *tree, const struct fake_fault *faults)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	CHECK(fake);
	strcpy(fake->folder, "/tmp/kexit-fake-XXXXXX");
	CHECK(mkdtemp(fake->folder));
	snprintf(fake->tree, sizeof(fake->tree), "%s/root", fake->folder);
	if (tree)
		run_tool((char *[]){ (char[]){ "cp" }, (char[]){ "-a" }, strdupa(tree), fake->tree,
				     NULL });
	else
		CHECK(!mkdir(fake->tree, 0755));
	fake->faults = faults;
	CHECK(!sysroot_open(fake->tree, &fake->sys.root));
	fake->sys.ops = &fake_ops;
	fake->sys.context = fake;
	return fake;
}

static void kill_hung(const struct fake *fake)
{
	char path[PATH_MAX];
	FILE *file;
	int pid;

	print_path(path, "%s/hung", fake->folder);
	file = fopen(path, "r");
	while (file && fscanf(file, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	if (file)
		fclose(file);
}

void fake_free(struct fake *fake)
{
	if (!fake)
		return;
	kill_hung(fake);
	sysroot_close(fake->sys.root);
	run_tool((char *[]){ (char[]){ "rm" }, (char[]){ "-rf" }, fake->folder, NULL });
	free(fake);
}

void fake_dir(struct fake *fake, const char *path)
{
	char full[PATH_MAX];

	print_path(full, "%s%s/", fake->tree, path);
	make_parents(full);
}

void fake_bytes(struct fake *fake, const char *path, const void *data, size_t size)
{
	char full[PATH_MAX];
	FILE *file;

	on_disk(fake, path, full);
	make_parents(full);
	file = fopen(full, "w");
	CHECK(file);
	CHECK(fwrite(data, 1, size, file) == size);
	CHECK(!fclose(file));
}

void fake_file(struct fake *fake, const char *path, const char *text)
{
	fake_bytes(fake, path, text, strlen(text));
}

void fake_link(struct fake *fake, const char *path, const char *target)
{
	char full[PATH_MAX];

	on_disk(fake, path, full);
	make_parents(full);
	CHECK(!symlink(target, full));
}

void fake_device(struct fake *fake, const char *path, const char *bus, const char *driver)
{
	const char *name = basename(path);
	char link[PATH_MAX], target[PATH_MAX], file[PATH_MAX];

	fake_dir(fake, path);
	print_path(link, "%s/subsystem", path);
	print_path(target, "/sys/bus/%s", bus);
	sysfs_link(fake, link, target);
	print_path(link, "/sys/bus/%s/devices/%s", bus, name);
	sysfs_link(fake, link, path);
	if (!driver)
		return;
	print_path(target, "/sys/bus/%s/drivers/%s", bus, driver);
	for (int i = 0; i < 2; i++) {
		print_path(file, "%s/%s", target, i ? "bind" : "unbind");
		fake_file(fake, file, "");
	}
	print_path(link, "%s/driver", path);
	sysfs_link(fake, link, target);
	print_path(link, "%s/%s", target, name);
	sysfs_link(fake, link, path);
}

char *fake_text(const struct fake *fake, const char *path)
{
	char full[PATH_MAX], *text;
	size_t length;

	on_disk(fake, path, full);
	text = read_whole(full);
	if (!text)
		return NULL;
	length = strlen(text);
	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	return text;
}
