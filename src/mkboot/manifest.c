// SPDX-License-Identifier: GPL-2.0-or-later
/* Sizes by part and by file; see manifest.h. */
#include "mkboot/manifest.h"

#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>

struct sum {
	size_t files, bytes;
};

static void add_up(const struct manifest *m, struct sum sums[PART_COUNT])
{
	size_t count;
	const struct tree_entry *const *entries = tree_entries(m->tree, &count);

	for (size_t i = 0; i < count; i++)
		if (S_ISREG(entries[i]->mode)) {
			sums[entries[i]->part].files++;
			sums[entries[i]->part].bytes += entries[i]->contents.size;
		}
}

void manifest_add_output(struct manifest *m, const char *kind, const char *path, size_t bytes)
{
	if (m->output_count < OUTPUTS_MAX)
		m->outputs[m->output_count++] = (struct output){ kind, path, bytes };
}

void manifest_print_text(const struct manifest *m)
{
	struct sum sums[PART_COUNT] = { 0 };

	add_up(m, sums);
	printf("kernel %s, %s\n\n%-12s %6s %12s\n", m->kernel->release, m->arch->name, "in it",
	       "files", "bytes");
	for (size_t i = 0; i < PART_COUNT; i++)
		if (sums[i].files)
			printf("%-12s %6zu %12zu\n", part_name((enum part)i), sums[i].files,
			       sums[i].bytes);
	printf("%-12s %6s %12zu\n%-12s %6s %12zu\n", "archive", "", m->cpio_bytes, "compressed", "",
	       m->packed_bytes);
	for (size_t i = 0; i < m->output_count; i++)
		printf("%s%-12s %6s %12zu  %s\n", i ? "" : "\n", m->outputs[i].kind, "",
		       m->outputs[i].bytes, m->outputs[i].path);
}

static json_t *parts_json(const struct manifest *m)
{
	struct sum sums[PART_COUNT] = { 0 };
	json_t *parts = json_array();

	add_up(m, sums);
	for (size_t i = 0; i < PART_COUNT; i++)
		json_array_append_new(parts,
				      json_pack("{s:s, s:I, s:I}", "part", part_name((enum part)i),
						"files", (json_int_t)sums[i].files, "bytes",
						(json_int_t)sums[i].bytes));
	return parts;
}

static json_t *files_json(const struct manifest *m)
{
	json_t *files = json_array();
	size_t count;
	const struct tree_entry *const *entries = tree_entries(m->tree, &count);

	for (size_t i = 0; i < count; i++)
		if (S_ISREG(entries[i]->mode))
			json_array_append_new(
				files, json_pack("{s:s, s:s, s:I}", "path", entries[i]->path,
						 "part", part_name(entries[i]->part), "bytes",
						 (json_int_t)entries[i]->contents.size));
	return files;
}

void manifest_print_json(const struct manifest *m)
{
	json_t *outputs = json_array(), *whole;

	for (size_t i = 0; i < m->output_count; i++)
		json_array_append_new(outputs,
				      json_pack("{s:s, s:s, s:I}", "kind", m->outputs[i].kind,
						"path", m->outputs[i].path, "bytes",
						(json_int_t)m->outputs[i].bytes));
	whole = json_pack("{s:i, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o}", "schema", 1, "release",
			  m->kernel->release, "arch", m->arch->name, "modules",
			  (json_int_t)m->modules, "archive_bytes", (json_int_t)m->cpio_bytes,
			  "compressed_bytes", (json_int_t)m->packed_bytes, "parts", parts_json(m),
			  "outputs", outputs, "files", files_json(m));
	json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(whole);
}
