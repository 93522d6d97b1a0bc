// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kexec_load(2), by kexec-tools: building segments, purgatory and device tree for each architecture
 * is its work, done for twenty years. Debian's ppc64el and arm64 kernels have nothing else.
 */
#include "image/method.h"
#include "sys/lockdown.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "--name=value", the caller's; NULL when memory is short. */
static char *option(const char *name, const char *value)
{
	char *text;

	return asprintf(&text, "--%s=%s", name, value) < 0 ? NULL : text;
}

/* What has no path that leads to it is read through the descriptor that `kexec` inherits. */
static char *file_name(const char *path, int fd, bool by_path)
{
	char *text;

	if (by_path)
		return strdup(path);
	return asprintf(&text, "/proc/self/fd/%d", fd) < 0 ? NULL : text;
}

static char *file_option(const char *name, const char *path, int fd, bool by_path)
{
	char *file = file_name(path, fd, by_path);
	char *text = file ? option(name, file) : NULL;

	free(file);
	return text;
}

static char *initrd_option(const struct image *image)
{
	const struct image_request *request = image->request;

	return file_option("initrd", request->initrds[0], image->initrd_fd,
			   request->initrd_count == 1 && !request->initrd_parts &&
				   !request->carried);
}

static char *dtb_option(const struct image *image)
{
	return file_option("dtb", image->request->dtb, image->dtb_fd,
			   !image->request->dtb_part && !image->is_dtb_made);
}

static char *kernel_name(const struct image *image)
{
	return file_name(image->request->kernel, image->kernel_fd, !image->request->kernel_part);
}

/* One line of what kexec-tools had to say. */
static void one_line(char *output)
{
	for (char *c = output; *c; c++)
		if (*c == '\n')
			*c = ';';
}

static int explain(const struct image *image, int status, char *output, struct error *e)
{
	if (status == -ENOENT) {
		error_set(
			e, -ENOENT,
			"%s: kexec(8), which would load it by kexec_load, is not installed: install "
			"the package kexec-tools",
			image->request->kernel);
		return 1;
	}
	if (status < 0)
		return error_set(e, status, "%s: kexec(8) could not be run: %s",
				 image->request->kernel, errno_text(status));
	one_line(output);
	if (status > 128 && status < 128 + 65) /* as a shell counts; 255 is kexec's own */
		return error_set(e, -EIO,
				 "%s: 'kexec -l' was ended by signal %d: is the file a kernel?",
				 image->request->kernel, status - 128);
	return error_set(e, -EIO, "%s: 'kexec -l' ended with status %d and said: %s",
			 image->request->kernel, status, *output ? output : "nothing");
}

static void set_inherited(const int *fds, size_t count, int flags)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			fcntl(fds[i], F_SETFD, flags);
}

static int run_kexec(const struct sys *sys, const struct image *image, char *const argv[],
		     struct error *e)
{
	const int fds[] = { image->kernel_fd, image->initrd_fd, image->dtb_fd };
	char output[256] = ""; /* its usage text follows an error, and would hide it */
	int status;

	set_inherited(fds, sizeof(fds) / sizeof(fds[0]), 0);
	status = sys_run(sys, argv, output, sizeof(output));
	set_inherited(fds, sizeof(fds) / sizeof(fds[0]), FD_CLOEXEC);
	return status ? explain(image, status, output, e) : 0;
}

static int classic_load(const struct sys *sys, const struct image *image, struct error *e)
{
	const struct image_request *request = image->request;
	enum lockdown lockdown = lockdown_read(sys->root);
	char *kernel = kernel_name(image);
	char *cmdline = option("command-line", image->cmdline);
	char *initrd = image->initrd_fd >= 0 ? initrd_option(image) : NULL;
	char *dtb = request->dtb ? dtb_option(image) : NULL;
	/* -c: only kexec_load. Where the file call was to be tried, it has been. */
	char *argv[8] = { (char[]){ "kexec" }, (char[]){ "-l" }, (char[]){ "-c" } };
	size_t count = 3;
	int r;

	if (lockdown >= LOCKDOWN_INTEGRITY)
		r = error_set(e, -EPERM,
			      "%s: the kernel is locked down (%s), which refuses kexec_load: only "
			      "'--method file' with a signed kernel can work",
			      request->kernel, lockdown_name(lockdown));
	else if (!kernel || !cmdline || (image->initrd_fd >= 0 && !initrd) ||
		 (request->dtb && !dtb))
		r = error_set(e, -ENOMEM, "%s: no memory to run kexec(8)", request->kernel);
	else {
		if (initrd)
			argv[count++] = initrd;
		if (dtb)
			argv[count++] = dtb;
		argv[count++] = cmdline;
		argv[count] = kernel;
		r = run_kexec(sys, image, argv, e);
	}
	free(kernel);
	free(cmdline);
	free(initrd);
	free(dtb);
	return r;
}

const struct method method_classic = {
	.id = IMAGE_METHOD_CLASSIC,
	.name = "kexec_load (kexec-tools)",
	.load = classic_load,
};
