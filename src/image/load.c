// SPDX-License-Identifier: GPL-2.0-or-later
/* From what a person asks for to a kernel that is loaded; see load.h. */
#include "image/load.h"
#include "image/board_tree.h"
#include "image/cmdline.h"
#include "image/devicetree.h"
#include "image/file.h"
#include "image/initrd.h"
#include "image/method.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* In the order of preference. */
static const struct method *const methods[] = { &method_file, &method_classic };

int image_method_parse(const char *word, enum image_method *ret_method)
{
	static const char *const words[] = {
		[IMAGE_METHOD_AUTO] = "auto",
		[IMAGE_METHOD_FILE] = "file",
		[IMAGE_METHOD_CLASSIC] = "classic",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		*ret_method = (enum image_method)i;
		return 0;
	}
	return -EINVAL;
}

static void image_done(struct image *image)
{
	if (image->kernel_fd >= 0)
		close(image->kernel_fd);
	if (image->initrd_fd >= 0)
		close(image->initrd_fd);
	if (image->dtb_fd >= 0)
		close(image->dtb_fd);
	free(image->cmdline);
}

static int open_file(const char *path, const struct image_part *part, const char *role, int *ret_fd,
		     unsigned long long *ret_bytes, struct error *e)
{
	struct file_range range;
	int code = file_open(path, part, role, &range, e);

	if (!code)
		code = file_whole(&range, path, role, ret_fd, e);
	if (!code)
		*ret_bytes = range.bytes;
	return code;
}

static int open_kernel(const char *path, struct image *image, struct error *e)
{
	unsigned char head[KERNEL_HEAD_SIZE];
	struct utsname machine;
	ssize_t n;
	int code = open_file(path, image->request->kernel_part, "the kernel", &image->kernel_fd,
			     &image->kernel_bytes, e);

	if (code)
		return code;
	n = pread(image->kernel_fd, head, sizeof(head), 0);
	if (n < 0)
		return error_set(e, -errno, "%s: the kernel cannot be read: %s", path,
				 errno_text(errno));
	code = kernel_recognise(path, head, (size_t)n, &image->info, e);
	if (!code)
		code = kernel_is_whole(path, &image->info, image->kernel_bytes, e);
	if (!code && !uname(&machine))
		code = kernel_fits(path, &image->info, machine.machine, e);
	return code;
}

/* The device tree is kexec-tools' to read; here it is only looked whether it can be right. */
static int open_dtb(const struct sysroot *root, const char *path, struct image *image,
		    struct error *e)
{
	const char *machine = image->info.machine ?: "";
	unsigned long long bytes;

	if (!path)
		return 0;
	if (!strcmp(machine, "x86_64") || !strcmp(machine, "i686"))
		return error_set(e, -EINVAL, "--dtb: an x86 kernel takes no device tree");
	if (image->request->is_board_tree && devicetree_is_able())
		return board_tree_open(root, image, e);
	return open_file(path, image->request->dtb_part, "--dtb", &image->dtb_fd, &bytes, e);
}

static int check_options(const struct image_request *request, struct error *e)
{
	if (request->dtb && request->method == IMAGE_METHOD_FILE)
		return error_set(
			e, -EINVAL,
			"--dtb cannot be used with '--method file', where the kernel makes "
			"the device tree itself: use '--method classic'");
	return 0;
}

/* Fills @image, which image_done() ends whatever this returns. */
static int image_open(const struct sysroot *root, const struct image_request *request,
		      struct image *image, struct error *e)
{
	int code;

	*image = (struct image){
		.request = request, .kernel_fd = -1, .initrd_fd = -1, .dtb_fd = -1
	};
	code = check_options(request, e);
	if (!code)
		code = open_kernel(request->kernel, image, e);
	if (!code)
		code = cmdline_make(root, request->reuse_cmdline, request->append, &image->cmdline,
				    e);
	if (!code)
		code = cmdline_check(image->cmdline, image->info.cmdline_limit, image->info.kind,
				     e);
	if (!code)
		code = open_dtb(root, request->dtb, image, e);
	if (!code)
		code = initrd_open(request->initrds, request->initrd_parts, request->initrd_count,
				   request->carried, &image->initrd_fd, &image->initrd_bytes, e);
	return code;
}

int image_check(const struct sysroot *root, const struct image_request *request, struct error *e)
{
	struct image image;
	int code = image_open(root, request, &image, e);

	image_done(&image);
	return code;
}

static bool method_wanted(const struct method *method, const struct image_request *request)
{
	if (request->method != IMAGE_METHOD_AUTO)
		return method->id == request->method;
	return !request->dtb || method->id == IMAGE_METHOD_CLASSIC;
}

/* The earlier methods' reasons stay in front of the last one's. */
static void add_reason(struct error *e, const struct error *reason)
{
	size_t used = strlen(e->text);

	e->code = reason->code;
	snprintf(e->text + used, sizeof(e->text) - used, "%s%s", used ? "; " : "", reason->text);
}

/* A loader that says yes and loads nothing would show only when the devices are gone. */
static int check_loaded(const struct sysroot *root, const struct method *method, struct error *e)
{
	unsigned long long loaded;

	if (sysroot_read_u64(root, "/sys/kernel/kexec_loaded", &loaded) || loaded)
		return 0;
	return error_set(
		e, -EIO,
		"%s reported success, but /sys/kernel/kexec_loaded is 0: 'dmesg' may say why",
		method->name);
}

static int load_by_any(const struct sys *sys, const struct image *image, const char **ret_method,
		       struct error *e)
{
	struct error all = ERROR_NONE;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct error reason = ERROR_NONE;
		int r;

		if (!method_wanted(methods[i], image->request))
			continue;
		r = methods[i]->load(sys, image, &reason);
		if (r == 0) {
			*ret_method = methods[i]->name;
			return check_loaded(sys->root, methods[i], e);
		}
		add_reason(&all, &reason);
		if (r < 0)
			break;
	}
	return error_set(e, all.code, "%s", all.text);
}

int image_load_describe(const struct sys *sys, const struct image_request *request,
			struct image_loaded *ret_loaded, struct error *e)
{
	const char *method = NULL;
	struct image image;
	int code = image_open(sys->root, request, &image, e);

	if (!code)
		code = load_by_any(sys, &image, &method, e);
	if (!code) {
		*ret_loaded = (struct image_loaded){
			.method = method,
			.kind = image.info.kind,
			.kernel_bytes = image.kernel_bytes,
			.initrd_bytes = image.initrd_bytes,
			.cmdline_length = strlen(image.cmdline),
			.cmdline_limit = image.info.cmdline_limit,
		};
		memcpy(ret_loaded->note, image.note, sizeof(image.note));
	}
	image_done(&image);
	return code;
}

int image_load(const struct sys *sys, const struct image_request *request, struct error *e)
{
	struct image_loaded ignored;

	return image_load_describe(sys, request, &ignored, e);
}

int image_unload(const struct sys *sys, struct error *e)
{
	int code = sys_kexec_unload(sys);

	switch (code) {
	case 0:
		return 0;
	case -EBUSY:
		return error_set(
			e, code,
			"the loaded kernel cannot be taken away: %s. A kernel is being loaded "
			"or jumped into just now: try again",
			errno_text(code));
	case -EPERM:
		return error_set(
			e, code,
			"the loaded kernel cannot be taken away: %s. It needs CAP_SYS_BOOT, and "
			"kernel.kexec_load_disabled must be 0",
			errno_text(code));
	default:
		return error_set(e, code, "the loaded kernel cannot be taken away: %s",
				 errno_text(code));
	}
}
