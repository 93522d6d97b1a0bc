// SPDX-License-Identifier: GPL-2.0-or-later
/* Killed children that may not be dead yet; see given_up.h. */
#include "worker/given_up.h"

#include "worker/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define POLL_US 10000

/* Children belong to the process, and so does this list of them. */
struct given_up {
	struct given_up *next;
	pid_t pid;
	char name[64];
};

static struct given_up *list;

void worker_give_up(pid_t pid, const char *name)
{
	struct given_up *one;

	kill(pid, SIGKILL);
	one = name ? calloc(1, sizeof(*one)) : NULL;
	if (!one)
		return;
	one->pid = pid;
	snprintf(one->name, sizeof(one->name), "%s", name);
	one->next = list;
	list = one;
}

/* A child's number is not used again before it was waited for. */
static size_t reap(void)
{
	struct given_up **at = &list, *ended;
	size_t count = 0;

	while (*at) {
		if (waitpid((*at)->pid, NULL, WNOHANG) == 0) {
			at = &(*at)->next;
			count++;
			continue;
		}
		ended = *at;
		*at = ended->next;
		free(ended);
	}
	return count;
}

size_t workers_given_up(void)
{
	return reap();
}

void workers_given_up_names(char *text, size_t size)
{
	size_t used = 0;

	if (size)
		text[0] = '\0';
	reap();
	for (const struct given_up *one = list; one && used < size; one = one->next) {
		int n = snprintf(text + used, size - used, "%s%s", used ? ", " : "", one->name);

		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

size_t workers_given_up_wait(unsigned int ms)
{
	double end = clock_ms() + ms;
	size_t count = reap();

	while (count && clock_ms() < end) {
		usleep(POLL_US);
		count = reap();
	}
	return count;
}
