// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boot loaders whose configuration is not read. A disk that boots by one of them offers nothing here,
 * and a person should know why.
 */
#include "format/formats.h"
#include "place/place.h"

#include <errno.h>

static const struct {
	const char *path, *loader;
} loaders[] = {
	{ "/grub/menu.lst", "GRUB Legacy" },
	{ "/grub/grub.conf", "GRUB Legacy" },
	{ "/limine.conf", "Limine" },
	{ "/limine/limine.conf", "Limine" },
	{ "/limine.cfg", "Limine" },
	{ "/EFI/BOOT/limine.conf", "Limine" },
	{ "/EFI/refind/refind.conf", "rEFInd" },
	{ "/EFI/BOOT/refind.conf", "rEFInd" },
	{ "/EFI/OC/config.plist", "OpenCore" },
	{ "/EFI/CLOVER/config.plist", "Clover" },
	{ "/elilo.conf", "ELILO" },
	{ "/EFI/BOOT/elilo.conf", "ELILO" },
	{ "/zipl.conf", "zipl" },
	{ "/etc/zipl.conf", "zipl" },
	{ "/aboot.conf", "aboot" },
	{ "/etc/aboot.conf", "aboot" },
	{ "/palo.conf", "PALO" },
	{ "/etc/palo.conf", "PALO" },
	{ "/boot.scr", "U-Boot (a script)" },
	{ "/boot.scr.uimg", "U-Boot (a script)" },
	{ "/uEnv.txt", "U-Boot (its environment)" },
	{ "/cmdline.txt", "the Raspberry Pi's firmware" },
	{ "/firmware/cmdline.txt", "the Raspberry Pi's firmware" },
	{ "/loader.conf", "FreeBSD's loader" },
	{ "/EFI/Microsoft/Boot/BCD", "Windows" },
	{ "/Boot/BCD", "Windows" },
};

static bool has_entries(const struct entry_source *source, const struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i]->root == source->root)
			return true;
	return false;
}

int foreign_read(const struct entry_source *source, struct entry_list *list)
{
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(loaders) / sizeof(loaders[0]); i++) {
		const char *const paths[] = { loaders[i].path, NULL };
		const char *place, *path = NULL;

		if (has_entries(source, list))
			return 0;
		r = entry_place_first(list, source, paths, &place, &path);
		if (!r && path)
			return entry_list_problem(list, source, path, 0,
						  "of %s, whose configuration kexit does not read: "
						  "what it boots is not in the menu",
						  loaders[i].loader);
	}
	return r;
}
