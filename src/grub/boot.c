// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands that a menu entry boots with (GRUB manual, "linux", "initrd", "devicetree"), and those
 * that boot something which is no Linux kernel.
 *
 * As in GRUB the last linux counts, and takes back the initrd before it; several files behind one
 * initrd are loaded as one, and a second initrd replaces them.
 */
#include "grub/interpreter.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* GRUB_FALSE where @name means no file: the entry is grey then. */
static int take_file(struct grub *g, const struct grub_node *node, const char *name,
		     struct grub_file *ret_file)
{
	const struct fsroot *root;
	const char *path, *reason;
	int r = grub_path(g, name, &root, &path, &reason);

	if (r == -ENOENT)
		return grub_fault(g, node, reason);
	if (r)
		return r;
	*ret_file = (struct grub_file){ .root = root, .path = path };
	return 0;
}

/* "\x2d" stays a byte's name; see is_byte() in lex.c. */
static bool is_byte(const char *at)
{
	return at[0] == '\\' && at[1] == 'x' && isxdigit((unsigned char)at[2]) &&
	       isxdigit((unsigned char)at[3]);
}

/* An argument as the kernel is to see it: GRUB puts quotes around blanks and backslashes before quotes. */
static char *quote(struct arena *arena, const char *argument)
{
	char *text = arena_alloc(arena, 2 * strlen(argument) + 3), *to = text;
	bool has_blank = strchr(argument, ' ');

	if (!text)
		return NULL;
	if (has_blank)
		*to++ = '"';
	for (; *argument; argument++) {
		if (strchr("\\'\"", *argument) && !is_byte(argument))
			*to++ = '\\';
		*to++ = *argument;
	}
	if (has_blank)
		*to++ = '"';
	return text;
}

static int take_options(struct grub *g, const struct grub_node *node, char **argv)
{
	int r = 0;

	for (; !r && *argv; argv++) {
		const char *argument;

		if (strstr(*argv, GRUB_UNKNOWN))
			return grub_fault(g, node,
					  "its command line has what probe or smbios tells "
					  "GRUB alone");
		argument = quote(g->arena, *argv);
		if (!argument)
			return -ENOMEM;
		if (*argument)
			r = grub_text_add(g, &g->boot->options, " ", argument);
	}
	return r;
}

int grub_linux(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct grub_boot *boot = g->boot;
	int r;

	if (!boot)
		return GRUB_FALSE;
	if (argc < 2)
		return grub_fault(g, node, "linux without a file");
	boot->options = (struct grub_text){ .length = 0 };
	boot->initrd_count = 0;
	r = take_file(g, node, argv[1], &boot->kernel);
	return r ?: take_options(g, node, argv + 2);
}

static int take_initrd(struct grub *g, const struct grub_node *node, const char *name)
{
	struct grub_boot *boot = g->boot;
	struct grub_file file;
	int r;

	if (!strncmp(name, "newc:", 5))
		return grub_fault(g, node,
				  "an initrd that is made of single files (newc:), which kexit "
				  "does not make");
	r = take_file(g, node, name, &file);
	if (r)
		return r;
	if (arena_grow(g->arena, &boot->initrds, &boot->initrd_capacity, boot->initrd_count + 1,
		       sizeof(file)))
		return -ENOMEM;
	boot->initrds[boot->initrd_count++] = file;
	return 0;
}

int grub_initrd(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	int r = 0;

	if (!g->boot)
		return GRUB_FALSE;
	g->boot->initrd_count = 0;
	for (int i = 1; !r && i < argc; i++)
		r = take_initrd(g, node, argv[i]);
	return r;
}

int grub_devicetree(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	if (!g->boot || argc < 2)
		return GRUB_FALSE;
	return take_file(g, node, argv[1], &g->boot->devicetree);
}

/* Why what a command starts is not for kexec. */
static const struct {
	const char *name, *reason;
} strangers[] = {
	{ "chainloader", "it starts another boot loader, which only firmware can" },
	{ "appleloader", "it starts another boot loader, which only firmware can" },
	{ "ntldr", "it starts Windows' boot loader, which only firmware can" },
	{ "multiboot", "it loads a multiboot kernel, and kexit loads Linux kernels" },
	{ "multiboot2", "it loads a multiboot kernel, and kexit loads Linux kernels" },
	{ "xen_hypervisor", "it loads the Xen hypervisor, and kexit loads Linux kernels" },
	{ "xen_linux", "it loads the Xen hypervisor, and kexit loads Linux kernels" },
	{ "fwsetup", "it leads into the setup of the firmware" },
	{ "reboot", "it restarts the machine" },
	{ "halt", "it turns the machine off" },
	{ "exit", "it leaves GRUB for the firmware" },
	{ "normal_exit", "it leaves GRUB for the firmware" },
	{ "freedos", "it boots FreeDOS, and kexit loads Linux kernels" },
	{ "plan9", "it boots Plan 9, and kexit loads Linux kernels" },
	{ "truecrypt", "it starts another boot loader, which only firmware can" },
};

static const char *reason_of(const char *name)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (!strcmp(name, strangers[i].name))
			return strangers[i].reason;
	return "it boots another system's kernel, and kexit loads Linux kernels";
}

int grub_no_linux(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	return g->boot ? grub_fault(g, node, reason_of(argv[0])) : GRUB_FALSE;
}

/* In an entry they come after the kernel that was not loaded, if there was to be one. */
int grub_leave(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	/* "fwsetup --is-supported" is asked before an entry for it is made. */
	if (argc > 1 && !strcmp(argv[1], "--is-supported"))
		return g->host->firmware && !strcmp(g->host->firmware, "efi") ? 0 : GRUB_FALSE;
	g->is_stopped = true;
	return grub_no_linux(g, node, argc, argv);
}
