// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands of GRUB that are known (GRUB manual, "Commands"), and the small ones of them. */
#include "grub/interpreter.h"
#include "grub/option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int do_nothing(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	return 0;
}

/* What asks for something that is not to be known here, or that nobody does: a key held down. */
static int be_false(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	return GRUB_FALSE;
}

static int do_set(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	char *equals = argc > 1 ? strchr(argv[1], '=') : NULL;

	if (argc < 2)
		return 0;
	if (!equals)
		return GRUB_BAD_ARGUMENT;
	*equals = '\0';
	return grub_set(g, node, argv[1], equals + 1);
}

static int do_unset(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	return argc < 2 ? GRUB_BAD_ARGUMENT : grub_set(g, node, argv[1], NULL);
}

static int do_export(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	int r = argc < 2 ? GRUB_BAD_ARGUMENT : 0;

	for (int i = 1; !r && i < argc; i++)
		r = grub_env_export(g->env, argv[i]);
	return r == -E2BIG ? grub_stop(g, node, "more variables than any menu needs") : r;
}

/* increment, decrement: what Fedora counts failed boots with. */
static int do_count(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	const char *value = argc > 1 ? grub_env_get(g->env, argv[1]) : NULL;
	char text[24];

	if (!value)
		return GRUB_FALSE;
	snprintf(text, sizeof(text), "%ld", strtol(value, NULL, 10) + (*argv[0] == 'i' ? 1 : -1));
	return grub_set(g, node, argv[1], text);
}

/* A number that may not be there (NULL), and then stays as it is. */
static int take_number(const char *text, unsigned long *ret_number)
{
	unsigned long number;
	char *end;

	if (!text)
		return 0;
	number = strtoul(text, &end, 10);
	if (end == text)
		return GRUB_BAD_NUMBER;
	if (*end)
		return GRUB_BAD_ARGUMENT;
	*ret_number = number;
	return 0;
}

/* break N, continue N: no more loops than there are. */
static int do_break(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	unsigned long count = 1;
	int r = argc > 2 ? GRUB_BAD_ARGUMENT : take_number(argv[1], &count);

	if (r || !count)
		return r ?: GRUB_BAD_ARGUMENT;
	g->breaks = count > g->loops ? g->loops : (unsigned int)count;
	g->is_continue = *argv[0] == 'c';
	return 0;
}

static int do_return(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	unsigned long status = (unsigned long)g->status;
	int r = !g->is_in_function || argc > 2 ? GRUB_BAD_ARGUMENT : take_number(argv[1], &status);

	if (r)
		return r;
	g->is_returning = true;
	return status > 255 ? 255 : (int)status;
}

static int do_shift(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	unsigned long count = 1;

	if (!g->is_in_function)
		return 0;
	if (argc > 2 || take_number(argv[1], &count) || count > g->argument_count)
		return GRUB_BAD_ARGUMENT;
	g->arguments += count;
	g->argument_count -= count;
	return 0;
}

static int do_setparams(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	if (!g->is_in_function)
		return GRUB_INVALID;
	g->arguments = argv + 1;
	g->argument_count = (size_t)(argc - 1);
	return 0;
}

/* insmod regexp: from then on wildcards are expanded. */
static int do_insmod(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		g->has_wildcards |= !strcmp(argv[i], "regexp");
	return 0;
}

/* "smbios -t 1 -s 5 --set product": the variable is remembered as one of which nobody here knows the
 * value. */
static int do_ask(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "--set=", 6))
			return grub_set(g, node, argv[i] + 6, GRUB_UNKNOWN);
		if ((!strcmp(argv[i], "--set") || !strcmp(argv[i], "-s")) && i + 1 < argc &&
		    strspn(argv[i + 1], "0123456789") < strlen(argv[i + 1]))
			return grub_set(g, node, argv[i + 1], GRUB_UNKNOWN);
	}
	return GRUB_FALSE;
}

/* "cpuid -l": can the processor do 64 bits? */
static int do_cpuid(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	bool is_long = argc == 1 || !strcmp(argv[1], "-l") || !strcmp(argv[1], "--long-mode");

	return is_long && g->host->machine && !strcmp(g->host->machine, "x86_64") ? 0 : GRUB_FALSE;
}

/* A file seen as a disk: what is on it is on no file system that we could name. */
static int do_loopback(struct grub *g, const struct grub_node *node, int argc, char **argv)
{
	struct grub_option options[] = {
		{ .name = "delete", .letter = 'd' },
		{ .name = "decompress", .letter = 'D' },
		{ .name = NULL },
	};
	struct grub_options all = { .options = options };
	int r = grub_options_take(&all, argc, argv, &argc);

	if (r)
		return r == -ENOEXEC ? 0 : r;
	if (argc < 3)
		return options[0].is_set ? 0 : GRUB_BAD_ARGUMENT;
	return grub_volume_image(g, argv[1], argv[2]);
}

static const struct grub_command commands[] = {
	{ "menuentry", grub_menuentry },
	{ "submenu", grub_menuentry },
	{ "hiddenentry", grub_menuentry },

	{ "[", grub_test },
	{ "test", grub_test },
	{ "true", do_nothing },
	{ "false", be_false },
	{ "set", do_set },
	{ "unset", do_unset },
	{ "export", do_export },
	{ "increment", do_count },
	{ "decrement", do_count },
	{ "break", do_break },
	{ "continue", do_break },
	{ "return", do_return },
	{ "shift", do_shift },
	{ "setparams", do_setparams },
	{ "eval", grub_eval },

	{ ".", grub_source },
	{ "source", grub_source },
	{ "configfile", grub_configfile },
	{ "load_env", grub_load_env },
	{ "search", grub_search },
	{ "search.file", grub_search_short },
	{ "search.fs_label", grub_search_short },
	{ "search.fs_uuid", grub_search_short },
	{ "loopback", do_loopback },
	{ "btrfs-mount-subvol", grub_btrfs_mount },
	{ "cpuid", do_cpuid },
	{ "insmod", do_insmod },
	{ "probe", grub_probe },
	{ "regexp", grub_regexp },
	{ "smbios", do_ask },

	{ "linux", grub_linux },
	{ "linux16", grub_linux },
	{ "linuxefi", grub_linux },
	{ "linuxboot", grub_linux },
	{ "initrd", grub_initrd },
	{ "initrd16", grub_initrd },
	{ "initrdefi", grub_initrd },
	{ "devicetree", grub_devicetree },
	{ "boot", grub_boot },
	{ "fdt", grub_devicetree },

	{ "appleloader", grub_no_linux },
	{ "chainloader", grub_no_linux },
	{ "freedos", grub_no_linux },
	{ "kfreebsd", grub_no_linux },
	{ "knetbsd", grub_no_linux },
	{ "kopenbsd", grub_no_linux },
	{ "multiboot", grub_no_linux },
	{ "multiboot2", grub_no_linux },
	{ "ntldr", grub_no_linux },
	{ "plan9", grub_no_linux },
	{ "truecrypt", grub_no_linux },
	{ "xen_hypervisor", grub_no_linux },
	{ "xen_linux", grub_no_linux },
	{ "exit", grub_leave },
	{ "fwsetup", grub_leave },
	{ "halt", grub_leave },
	{ "normal_exit", grub_leave },
	{ "reboot", grub_leave },

	/* Modules, terminals, pictures, sounds, disks' doors, passwords; and nothing is written. */
	{ "acpi", do_nothing },
	{ "authenticate", do_nothing },
	{ "background_color", do_nothing },
	{ "background_image", do_nothing },
	{ "badram", do_nothing },
	{ "cat", do_nothing },
	{ "clear", do_nothing },
	{ "cryptomount", do_nothing },
	{ "cutmem", do_nothing },
	{ "date", do_nothing },
	{ "drivemap", do_nothing },
	{ "echo", do_nothing },
	{ "efiemu_loadcore", do_nothing },
	{ "fakebios", do_nothing },
	{ "gdbstub", do_nothing },
	{ "gptsync", do_nothing },
	{ "hdparm", do_nothing },
	{ "keymap", do_nothing },
	{ "loadbios", do_nothing },
	{ "loadfont", do_nothing },
	{ "list_env", do_nothing },
	{ "ls", do_nothing },
	{ "lsfonts", do_nothing },
	{ "lsmod", do_nothing },
	{ "module", do_nothing },
	{ "module2", do_nothing },
	{ "nativedisk", do_nothing },
	{ "outb", do_nothing },
	{ "outl", do_nothing },
	{ "outw", do_nothing },
	{ "parttool", do_nothing },
	{ "password", do_nothing },
	{ "password_pbkdf2", do_nothing },
	{ "play", do_nothing },
	{ "rmmod", do_nothing },
	{ "save_env", do_nothing },
	{ "serial", do_nothing },
	{ "sleep", do_nothing },
	{ "terminal_input", do_nothing },
	{ "terminal_output", do_nothing },
	{ "terminfo", do_nothing },
	{ "videoinfo", do_nothing },
	{ "xen_module", do_nothing },

	{ "cmp", be_false },
	{ "getkey", be_false },
	{ "hashsum", be_false },
	{ "keystatus", be_false },
	{ "net_bootp", be_false },
	{ "net_dhcp", be_false },
	{ "read", be_false },
};

grub_command_fn grub_command_find(const struct grub *g, const char *name)
{
	for (const struct grub_command *own = g->host->commands; own && own->name; own++)
		if (!strcmp(own->name, name))
			return own->run;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return commands[i].run;
	return NULL;
}
