// SPDX-License-Identifier: GPL-2.0-or-later
/* What every verb says the same way; see verb.h. */
#include "cli/verb.h"

#include "base/log.h"

#include <getopt.h>
#include <stdio.h>

int verb_usage(const struct verb *verb)
{
	fprintf(stderr, "kexit %s: try 'kexit %s --help'\n", verb->name, verb->name);
	return STATUS_USAGE;
}

int verb_help(const struct verb *verb)
{
	printf("usage: kexit %s%s%s\n\n%s.\n", verb->name, *verb->arguments ? " " : "",
	       verb->arguments, verb->summary);
	if (verb->help && *verb->help)
		printf("\n%s", verb->help);
	return STATUS_DONE;
}

bool verb_has_argument(const struct verb *verb, int argc, char *argv[])
{
	if (optind >= argc)
		return false;
	log_error("%s takes no argument: '%s'", verb->name, argv[optind]);
	return true;
}
