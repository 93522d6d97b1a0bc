// SPDX-License-Identifier: GPL-2.0-or-later
/* The page as a whole; see page.h. */
#include "page/page.h"

#include "page/html.h"
#include "page/parts.h"

#include <errno.h>

extern const char page_style[];

/* The policy is for the reader's browser: nothing is to be fetched, whatever slipped through. */
static void write_opening(FILE *out, const struct facts *facts)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>kexit ",
	      out);
	html_text(out, event_text(facts->start, "verb"));
	fputs(", ", out);
	html_text(out, event_text(facts->start, "time"));
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", page_style);
}

static int write_parts(FILE *out, const struct facts *facts, const json_t *events)
{
	int r;

	write_opening(out, facts);
	head_write(out, facts);
	r = timeline_write(out, facts, events);
	if (r == 0)
		r = tree_write(out, facts);
	if (r == 0)
		r = table_write(out, facts);
	fputs("<footer>Made by kexit " KEXIT_VERSION
	      " from its record. The page holds all that it shows, "
	      "and asks for nothing.</footer>\n</main>\n</body>\n</html>\n",
	      out);
	return r;
}

int page_write(FILE *out, const json_t *events)
{
	struct facts facts;
	int r = facts_read(events, &facts);

	if (r < 0)
		return r;
	r = write_parts(out, &facts, events);
	facts_done(&facts);
	if (r == 0 && (fflush(out) || ferror(out)))
		r = -EIO;
	return r;
}
