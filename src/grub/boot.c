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
#include <strings.h>

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

static int take_options(struct grub *g, const struct grub_node *node, struct grub_boot *boot,
			char **argv)
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
			r = grub_text_add(g, &boot->options, " ", argument);
	}
	return r;
}

/* What commands load: of the entry that is being run, or of the script itself. NULL: no memory. */
static struct grub_boot *loaded(struct grub *g)
{
	if (!g->boot && !g->outside)
		g->outside = arena_alloc(g->arena, sizeof(*g->outside));
	return g->boot ?: g->outside;
}

/* Programs that people load as though they were kernels. */
static const char *stranger_of(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	if (!strcasecmp(name, "memdisk"))
		return "memdisk needs a BIOS, which is gone by now";
	if (!strcasecmp(name, "grub.exe") || !strcasecmp(name, "lnxboot.img") ||
	    !strcasecmp(name, "ipxe.lkrn"))
		return "it starts another boot loader, which only firmware can";
	if (!strncasecmp(name, "memtest", 7) || !strcasecmp(name, "mt86plus"))
		return "it tests the memory, and kexit loads Linux kernels";
	return NULL;
}

static int lead_away(struct grub *g, const struct grub_node *node, struct grub_boot *boot,
		     const char *reason)
{
	boot->leads_away = true;
	if (!boot->greyed)
		boot->greyed = grub_message(g, node->script->path, node->line, reason);
	return boot->greyed ? 0 : -ENOMEM;
}

int grub_linux(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct grub_boot *boot = loaded(g);
	const char *stranger;
	int r;

	if (!boot)
		return -ENOMEM;
	if (argc < 2)
		return grub_fault(g, node, "linux without a file");
	boot->options = (struct grub_text){ .length = 0 };
	boot->initrd_count = 0;
	r = take_file(g, node, argv[1], &boot->kernel);
	r = r ?: take_options(g, node, boot, argv + 2);
	if (!r)
		grub_btrfs_by_options(boot->options.text, &boot->kernel);
	stranger = stranger_of(argv[1]);
	if (!r && stranger)
		return lead_away(g, node, boot, stranger);
	return r ?: fsroot_is_file(boot->kernel.root, boot->kernel.path) ? r : GRUB_FILE_NOT_FOUND;
}

static int take_initrd(struct grub *g, const struct grub_node *node, const char *name)
{
	struct grub_boot *boot = loaded(g);
	struct grub_file file;
	int r;

	if (!strncmp(name, "newc:", 5))
		return grub_fault(g, node,
				  "an initrd that is made of single files (newc:), which kexit "
				  "does not make");
	r = take_file(g, node, name, &file);
	if (r)
		return r;
	grub_btrfs_by_options(boot->options.text, &file);
	if (arena_grow(g->arena, &boot->initrds, &boot->initrd_capacity, boot->initrd_count + 1,
		       sizeof(file)))
		return -ENOMEM;
	boot->initrds[boot->initrd_count++] = file;
	return 0;
}

int grub_initrd(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	int r = 0;

	if (!loaded(g))
		return -ENOMEM;
	loaded(g)->initrd_count = 0;
	for (int i = 1; !r && i < argc; i++)
		r = take_initrd(g, node, argv[i]);
	return r;
}

int grub_devicetree(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct grub_boot *boot = loaded(g);
	int r;

	if (!boot)
		return -ENOMEM;
	if (argc < 2)
		return GRUB_BAD_ARGUMENT;
	r = take_file(g, node, argv[1], &boot->devicetree);
	if (!r)
		grub_btrfs_by_options(boot->options.text, &boot->devicetree);
	return r;
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
	struct grub_boot *boot = loaded(g);
	int r = boot ? lead_away(g, node, boot, reason_of(argv[0])) : -ENOMEM;

	return r ?: GRUB_FALSE;
}

/* What comes behind it is not reached, if something was loaded. */
int grub_boot(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct grub_boot *boot = g->boot ?: g->outside;

	if (!boot || (!boot->kernel.root && !boot->leads_away))
		return GRUB_FALSE;
	g->is_stopped = true;
	return g->boot ? 0 : grub_menu_boot(g, node, boot);
}

/* In an entry they come after the kernel that was not loaded, if there was to be one. */
int grub_leave(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	const char *reason = reason_of(argv[0]);

	/* "fwsetup --is-supported" is asked before an entry for it is made. */
	if (argc > 1 && !strcmp(argv[1], "--is-supported"))
		return g->host->firmware && !strcmp(g->host->firmware, "efi") ? 0 : GRUB_FALSE;
	g->is_stopped = true;
	if (g->boot)
		return lead_away(g, node, g->boot, reason) ?: GRUB_FALSE;
	if (!g->menu->left && !g->is_unseen)
		g->menu->left = grub_message(g, node->script->path, node->line, reason);
	return GRUB_FALSE;
}
