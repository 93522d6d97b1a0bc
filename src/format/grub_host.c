// SPDX-License-Identifier: GPL-2.0-or-later
/* What the interpreter of GRUB scripts asks of who reads the entries of a file system; see grub/grub.h. */
#include "format/grub.h"
#include "place/place.h"

#include <errno.h>
#include <string.h>

static int find(const struct grub_host *host, enum grub_volume_kind kind, const char *name,
		const struct fsroot **ret_root)
{
	static const enum entry_volume kinds[] = {
		[GRUB_VOLUME_UUID] = ENTRY_VOLUME_UUID,
		[GRUB_VOLUME_LABEL] = ENTRY_VOLUME_LABEL,
		[GRUB_VOLUME_FILE] = ENTRY_VOLUME_FILE,
		[GRUB_VOLUME_DEVICE] = ENTRY_VOLUME_DEVICE,
	};
	const struct grub_reader *reader = host->context;
	const struct entry_source *source = reader->source;

	if (source->find)
		return source->find(source, kinds[kind], name, ret_root);
	if (kind == GRUB_VOLUME_FILE && fsroot_exists(source->root, name))
		return -ENOENT;
	*ret_root = source->root;
	return 0;
}

static const char *locate(const struct grub_host *host, struct arena *arena, const char *path)
{
	const struct grub_reader *reader = host->context;

	return entry_place_find(arena, host->root, reader->place, path);
}

static struct entry_source source_on(const struct grub_host *host, const struct fsroot *root)
{
	const struct grub_reader *reader = host->context;
	struct entry_source source = *reader->source;

	source.root = root;
	return source;
}

static int read_text(const struct grub_host *host, const struct fsroot *root, const char *path,
		     size_t limit, char **ret_text)
{
	const struct grub_reader *reader = host->context;
	struct entry_source source = source_on(host, root);

	return entry_place_read(reader->list, &source, path, limit, ret_text);
}

static int tell(const struct grub_host *host, const struct fsroot *root, const char *path,
		unsigned int line, const char *reason)
{
	const struct grub_reader *reader = host->context;
	struct entry_source source = source_on(host, root);

	return entry_list_problem(reader->list, &source, path, line, "%s", reason);
}

static const char *uuid_of(const struct grub_host *host, const struct fsroot *root)
{
	const struct grub_reader *reader = host->context;
	const struct entry_source *source = reader->source;

	return source->uuid ? source->uuid(source, root) : NULL;
}

static bool is_listed(const struct grub_host *host, const struct fsroot *root, const char *path)
{
	const struct grub_reader *reader = host->context;

	for (size_t i = 0; i < reader->list->count; i++) {
		const struct entry *entry = reader->list->entries[i];

		if (entry->format == ENTRY_GRUB && !strcmp(entry->path, path) &&
		    (entry->root == root || fsroot_is_same(entry->root, root)))
			return true;
	}
	return false;
}

struct grub_host grub_reader_host(struct grub_reader *reader)
{
	static const struct grub_command commands[] = {
		{ "blscfg", grub_blscfg },
		{ "bls_import", grub_blscfg },
		{ "uki", grub_uki },
		{ NULL, NULL },
	};

	return (struct grub_host){
		.root = reader->source->root,
		.top = reader->source->top,
		.firmware = reader->source->firmware,
		.machine = reader->list->machine,
		.find = find,
		.locate = locate,
		.read = read_text,
		.tell = tell,
		.uuid = uuid_of,
		.is_listed = is_listed,
		.commands = commands,
		.context = reader,
	};
}
