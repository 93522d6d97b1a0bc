// SPDX-License-Identifier: GPL-2.0-or-later
/* Arrays and volume groups; see stacks.h. */
#include "boot/stacks.h"

#include "base/arena.h"
#include "boot/modules.h"
#include "loop/task.h"
#include "storage/assemble.h"
#include "storage/disks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first number of an array put together here; those of a running system count from 0 or 127. */
#define MD_FIRST       200

/* How long an array waits for a member that may be slow before it is started without it. */
#define MD_DEGRADED_MS 10000

struct stack {
	struct stack *next;
	struct stacks *stacks;
	char uuid[64]; /* of an array; "" for all volume groups together */
	unsigned int number;
	const char **names;
	size_t count, capacity;
	struct task *task;
	int timer;	  /* of an array that lacks members; -1: none */
	bool is_stale;	  /* members came since the program was started */
	bool is_degraded; /* start it without what is missing */
	char reason[512];
};

struct stacks {
	struct loop *loop;
	const struct sys *sys;
	void (*changed)(void *context);
	void *context;
	struct stack *first;
	struct arena *arena; /* names */
	unsigned int next_number;
};

int stacks_new(struct loop *loop, const struct sys *sys, void (*changed)(void *context),
	       void *context, struct stacks **ret_stacks)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		return -ENOMEM;
	*stacks = (struct stacks){
		.loop = loop,
		.sys = sys,
		.changed = changed,
		.context = context,
		.arena = arena_new(),
		.next_number = MD_FIRST,
	};
	if (!stacks->arena) {
		free(stacks);
		return -ENOMEM;
	}
	*ret_stacks = stacks;
	return 0;
}

void stacks_reset(struct stacks *stacks)
{
	while (stacks->first) {
		struct stack *stack = stacks->first;

		stacks->first = stack->next;
		task_drop(stack->task);
		if (stack->timer >= 0) {
			loop_remove(stacks->loop, stack->timer);
			close(stack->timer);
		}
		free(stack);
	}
}

void stacks_free(struct stacks *stacks)
{
	if (!stacks)
		return;
	stacks_reset(stacks);
	arena_free(stacks->arena);
	free(stacks);
}

/*
 * The child: an answer is "CODE REASON".
 */

static int assemble(const struct stack *stack, struct error *e)
{
	const struct sys *sys = stack->stacks->sys;

	/* Neither program loads its driver: where it is missing they say so. */
	if (*stack->uuid) {
		modules_load("md-mod");
		return assemble_md(sys, stack->number, stack->names, stack->count,
				   stack->is_degraded, e);
	}
	modules_load("dm-mod");
	return assemble_lvm(sys, stack->names, stack->count, modules_load, e);
}

static int run(void *context, FILE *answer)
{
	struct error e = ERROR_NONE;
	int r = assemble(context, &e);

	return fprintf(answer, "%d %s", r, e.text) < 0 ? -EIO : 0;
}

/*
 * The parent.
 */

static void start(struct stack *stack);

static void degrade(void *context)
{
	struct stack *stack = context;

	stack->is_degraded = true;
	start(stack);
	stack->stacks->changed(stack->stacks->context);
}

static void ended(void *context, const char *answer, size_t length)
{
	struct stack *stack = context;
	struct stacks *stacks = stack->stacks;
	const char *reason = strchr(answer, ' ');
	int r = length ? atoi(answer) : -ECHILD;

	stack->task = NULL;
	stack->reason[0] = '\0';
	if (r < 0)
		snprintf(stack->reason, sizeof(stack->reason), "%s",
			 reason ? reason + 1 : "a program that assembles disks died");
	if (stack->is_stale)
		start(stack);
	else if (r == -EAGAIN && stack->timer >= 0)
		loop_set_timer(stack->timer, MD_DEGRADED_MS);
	stacks->changed(stacks->context);
}

static void start(struct stack *stack)
{
	struct task_work work = { .run = run, .ended = ended, .context = stack };

	stack->is_stale = stack->task != NULL;
	if (!stack->task && task_start(stack->stacks->loop, &work, &stack->task) < 0)
		snprintf(stack->reason, sizeof(stack->reason), "no process to assemble disks");
}

static struct stack *find(struct stacks *stacks, const char *uuid)
{
	struct stack *stack = stacks->first;

	while (stack && strcmp(stack->uuid, uuid) != 0)
		stack = stack->next;
	if (stack)
		return stack;
	stack = calloc(1, sizeof(*stack));
	if (!stack || strlen(uuid) >= sizeof(stack->uuid)) {
		free(stack);
		return NULL;
	}
	strcpy(stack->uuid, uuid);
	stack->stacks = stacks;
	stack->next = stacks->first;
	stack->timer = *uuid ? loop_add_timer(stacks->loop, degrade, stack) : -1;
	if (*uuid)
		stack->number = stacks->next_number++;
	stacks->first = stack;
	return stack;
}

static int add(struct stacks *stacks, const char *uuid, const char *name)
{
	struct stack *stack = find(stacks, uuid);
	const char *copy = arena_strdup(stacks->arena, name);

	if (!stack || !copy ||
	    arena_grow(stacks->arena, &stack->names, &stack->capacity, stack->count + 1,
		       sizeof(*stack->names)) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < stack->count; i++)
		if (!strcmp(stack->names[i], name))
			return 0;
	stack->names[stack->count++] = copy;
	start(stack);
	return 0;
}

int stacks_add_md(struct stacks *stacks, const char *uuid, const char *name)
{
	return add(stacks, uuid, name);
}

int stacks_add_lvm(struct stacks *stacks, const char *name)
{
	return add(stacks, "", name);
}

size_t stacks_working(const struct stacks *stacks)
{
	size_t count = 0;

	for (const struct stack *stack = stacks->first; stack; stack = stack->next)
		count += stack->task != NULL;
	return count;
}

const char *stacks_reason(const struct stacks *stacks)
{
	for (const struct stack *stack = stacks->first; stack; stack = stack->next)
		if (*stack->reason)
			return stack->reason;
	return NULL;
}
