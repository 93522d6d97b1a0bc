// SPDX-License-Identifier: GPL-2.0-or-later
/* Dynamic symbols: what a library offers and what it wants; see elf_is_enough() in elf.h. */
#include "mkboot/elf.h"

#include <gelf.h>
#include <string.h>

struct symbols {
	Elf *elf;
	Elf_Data *table;
	GElf_Shdr header;
	size_t count;
};

static void symbols_open(struct symbols *s, const struct buffer *file)
{
	Elf_Scn *section = NULL;

	*s = (struct symbols){ 0 };
	elf_version(EV_CURRENT);
	s->elf = elf_memory(file->data, file->size);
	while (s->elf && !s->table && (section = elf_nextscn(s->elf, section)))
		if (gelf_getshdr(section, &s->header) && s->header.sh_type == SHT_DYNSYM &&
		    s->header.sh_entsize) {
			s->table = elf_getdata(section, NULL);
			s->count = s->header.sh_size / s->header.sh_entsize;
		}
}

/* NULL at the end, and for a symbol that is not on the side asked for. */
static const char *symbol_get(const struct symbols *s, size_t index, bool is_wanted)
{
	GElf_Sym symbol;

	if (!s->table || !gelf_getsym(s->table, (int)index, &symbol) ||
	    (symbol.st_shndx == SHN_UNDEF) != is_wanted)
		return NULL;
	return elf_strptr(s->elf, s->header.sh_link, symbol.st_name);
}

static bool offers(const struct symbols *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++) {
		const char *offered = symbol_get(s, i, false);

		if (offered && !strcmp(offered, name))
			return true;
	}
	return false;
}

bool elf_is_enough(const struct buffer *user, const struct buffer *real,
		   const struct buffer *stand_in)
{
	struct symbols wanted, all, some;
	bool is_enough = true;

	symbols_open(&wanted, user);
	symbols_open(&all, real);
	symbols_open(&some, stand_in);
	for (size_t i = 0; i < wanted.count && is_enough; i++) {
		const char *name = symbol_get(&wanted, i, true);

		is_enough = !name || !*name || offers(&some, name) || !offers(&all, name);
	}
	is_enough = is_enough && some.count && all.count;
	elf_end(wanted.elf);
	elf_end(all.elf);
	elf_end(some.elf);
	return is_enough;
}
