// SPDX-License-Identifier: GPL-2.0-or-later
/* The last look after a jump, kept; see verified.h. */
#include "across/verified.h"

#include "across/carried.h"
#include "across/durable.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define SCHEMA	   1
#define FILE_OF_IT CARRIED_FOLDER "/" CARRIED_VERIFIED

int verified_keep(const struct sysroot *root, const struct differences *differences,
		  struct error *e)
{
	time_t now = time(NULL);
	json_t *found;
	struct tm utc;
	char text[32];
	char *file;
	int r;

	gmtime_r(&now, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	found = json_pack("{s:i s:s s:O s:O s:O*}", "schema", SCHEMA, "time", text, "lost",
			  differences->lost, "notes", differences->notes, "seen",
			  differences->seen);
	file = found ? json_dumps(found, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
	r = file ? durable_write(root, CARRIED_FOLDER, FILE_OF_IT, file) : -ENOMEM;
	free(file);
	json_decref(found);
	return r < 0 ? error_set(e, r,
				 FILE_OF_IT ": it cannot be written, and 'kexit report --previous' "
					    "will not tell what was found: %s",
				 errno_text(r))
		     : 0;
}
