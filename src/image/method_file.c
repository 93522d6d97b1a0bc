// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kexec_file_load(2): the kernel reads and verifies the files itself. First choice, since it works
 * under lockdown and needs no other program; x86_64, arm64, powerpc64, s390x, riscv where built in.
 */
#include "image/method.h"
#include "sys/lockdown.h"

#include <errno.h>
#include <linux/kexec.h>
#include <string.h>
#include <unistd.h>

static const struct answer {
	int code;
	bool next; /* another method may do */
	const char *meaning;
} answers[] = {
	{ ENOSYS, true, "this kernel does not have it" },
	{ EOPNOTSUPP, true, "this kernel does not have it" },
	{ ENOEXEC, true, "its loader does not understand this kind of file" },
	{ ENOMEM, false,
	  "there is not enough free memory for it: a smaller initrd, or less running" },
	{ EADDRNOTAVAIL, false,
	  "there is no free stretch of memory for it: a smaller initrd, or less running" },
	{ EBUSY, false, "a kernel is being loaded or jumped into just now: try again" },
	{ EFBIG, false, "a file is larger than the kernel takes" },
	{ ETXTBSY, false, "a file is still being written: try again when it is there in full" },
	{ EINVAL, false, "the kernel does not take it so; 'dmesg' may say why" },
};

/* Answers that are about who signed the kernel, and how that can be set right. */
static const struct answer signatures[] = {
	{ EKEYREJECTED, false, "its signature is not by a key that this kernel trusts" },
	{ ENOKEY, false, "its signature is not by a key that this kernel trusts" },
	{ ENODATA, false, "it is not signed" },
	{ EBADMSG, false, "its signature is damaged" },
	{ ENOPKG, false, "its signature is of a kind that this kernel cannot verify" },
	{ EPERM, false, "it is not allowed" },
};

static const struct answer *find(const struct answer *table, size_t count, int code)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].code == -code)
			return &table[i];
	return NULL;
}
#define FIND(table, code) find(table, sizeof(table) / sizeof((table)[0]), code)

static int explain_signature(const struct sys *sys, const struct image *image, int code,
			     const char *meaning, struct error *e)
{
	const char *path = image->request->kernel;
	enum lockdown lockdown = lockdown_read(sys->root);

	if (lockdown >= LOCKDOWN_INTEGRITY)
		return error_set(
			e, -EPERM,
			"%s: %s (kexec_file_load: %s), and the kernel is locked down (%s): "
			"use the distribution's signed kernel, or enroll its key with mokutil",
			path, meaning, errno_text(code), lockdown_name(lockdown));
	return error_set(
		e, code,
		"%s: %s (kexec_file_load: %s). Use the distribution's signed kernel, or "
		"'--method classic', which verifies no signature and is refused under lockdown",
		path, meaning, errno_text(code));
}

/*
 * The x86 loader keeps 30 bytes of the line free for elfcorehdr=, which only a crash kernel gets
 * (Linux: arch/x86/kernel/kexec-bzimage64.c, MAX_ELFCOREHDR_STR_LEN). kexec-tools does not.
 */
#define X86_RESERVED 30

static bool is_too_long(const struct image *image)
{
	return !strcmp(image->info.kind, "x86 bzImage") &&
	       strlen(image->cmdline) + X86_RESERVED > image->info.cmdline_limit;
}

static int read_through(int fd)
{
	static char buffer[1 << 20];
	off_t at = 0;
	ssize_t n;

	do {
		n = pread(fd, buffer, sizeof(buffer), at);
		at += n;
	} while (n > 0);
	return n < 0 ? -errno : 0;
}

/* The kernel reads both files and does not say which of them it could not. */
static int explain_unreadable(const struct image *image, int code, struct error *e)
{
	const struct image_request *request = image->request;
	const char *path = request->kernel;
	int r = read_through(image->kernel_fd);

	/* Several initrds have been read before, into one. */
	if (r == 0 && request->initrd_count) {
		path = request->initrds[0];
		r = read_through(image->initrd_fd);
	}
	if (r == 0)
		return error_set(e, code,
				 "%s: kexec_file_load answered %s, but the file can be read now: "
				 "try again",
				 request->kernel, errno_text(code));
	return error_set(e, r, "%s: cannot be read: %s; 'dmesg' may say what its disk answered",
			 path, errno_text(r));
}

static int file_load(const struct sys *sys, const struct image *image, struct error *e)
{
	unsigned long flags = image->initrd_fd < 0 ? KEXEC_FILE_NO_INITRAMFS : 0;
	int code =
		sys_kexec_file_load(sys, image->kernel_fd, image->initrd_fd, image->cmdline, flags);
	const struct answer *answer;

	if (!code)
		return 0;
	answer = FIND(signatures, code);
	if (answer)
		return explain_signature(sys, image, code, answer->meaning, e);
	if (code == -EIO)
		return explain_unreadable(image, code, e);
	if (code == -EINVAL && is_too_long(image)) {
		error_set(
			e, code,
			"%s: kexec_file_load answered %s: it keeps %d bytes of the command line for "
			"itself, so take %zu bytes away",
			image->request->kernel, errno_text(code), X86_RESERVED,
			strlen(image->cmdline) + X86_RESERVED - image->info.cmdline_limit);
		return 1;
	}
	answer = FIND(answers, code);
	error_set(e, code, "%s: kexec_file_load answered %s%s%s", image->request->kernel,
		  errno_text(code), answer ? ": " : "", answer ? answer->meaning : "");
	return answer && answer->next ? 1 : code;
}

const struct method method_file = {
	.id = IMAGE_METHOD_FILE,
	.name = "kexec_file_load",
	.load = file_load,
};
