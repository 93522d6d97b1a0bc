// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the program starts. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return puts("kexit " KEXIT_VERSION) < 0;
	fputs("usage: kexit VERB\n", stderr);
	return 2;
}
