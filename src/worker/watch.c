// SPDX-License-Identifier: GPL-2.0-or-later
/* Signs of progress, and time without them; see watch.h. */
#include "worker/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIGNS_OF_PROGRESS (SIGN_CPU | SIGN_STACK | SIGN_COUNTER | SIGN_KIND)

/*
 * What counts as CPU time used: two ticks, and a five-hundredth of the time since the last sign. A loop
 * that looks a few times a second whether something happened at last, as the kernel's wait for the
 * last user of a network device does, uses a tenth of that.
 */
#define TICKS_LEAST	  2
#define CPU_SHARE	  500

double watch_interval_ms(const struct watch *watch)
{
	double interval = watch->deadline_ms / 10.0;

	return interval < 10 ? 10 : interval > 1000 ? 1000 : interval;
}

void watch_start(struct watch *watch, unsigned int deadline_ms, double now_ms)
{
	*watch = (struct watch){
		.deadline_ms = deadline_ms,
		.looked_ms = now_ms,
		.sign_ms = now_ms,
	};
}

void watch_kind_ended(struct watch *watch)
{
	watch->fresh |= SIGN_KIND;
	watch->signs.others++;
}

void watch_set_late(struct watch *watch)
{
	watch->signs.is_late = true;
}

/* The state and the CPU time in ticks of a process: fields 3, 14 and 15 of proc(5)'s stat. */
static bool read_stat(const struct sysroot *root, pid_t pid, char *ret_state,
		      unsigned long long *ret_ticks)
{
	unsigned long long user, system;
	char path[64], text[512];
	const char *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (!root || sysroot_read(root, path, text, sizeof(text)) <= 0)
		return false;
	end = strrchr(text, ')');
	if (!end || sscanf(end, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", ret_state,
			   &user, &system) != 3)
		return false;
	*ret_ticks = user + system;
	return true;
}

static double ms_of_ticks(unsigned long long ticks)
{
	return (double)ticks * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

static bool has_used_cpu(const struct watch *watch, char state, double now_ms)
{
	unsigned long long used = watch->ticks - watch->ticks_at_sign;

	return state == 'R' ||
	       (used >= TICKS_LEAST && ms_of_ticks(used) * CPU_SHARE >= now_ms - watch->sign_ms);
}

static bool is_new_place(struct watch *watch, uint64_t hash)
{
	unsigned int known = watch->place_count < WATCH_PLACES ? watch->place_count : WATCH_PLACES;

	for (unsigned int i = 0; i < known; i++)
		if (watch->places[i] == hash)
			return false;
	watch->places[watch->place_count++ % WATCH_PLACES] = hash;
	/* Where it is first seen is no progress yet. */
	return watch->place_count > 1;
}

void watch_look(struct watch *watch, const struct sysroot *root, pid_t pid, bool has_moved,
		double now_ms)
{
	char state = '?';
	bool has_stat = read_stat(root, pid, &state, &watch->ticks);

	stack_read(root, pid, &watch->stack);
	if (has_stat && has_used_cpu(watch, state, now_ms))
		watch->fresh |= SIGN_CPU;
	if (watch->stack.depth && is_new_place(watch, watch->stack.hash))
		watch->fresh |= SIGN_STACK;
	if (has_moved)
		watch->fresh |= SIGN_COUNTER;
	watch->was_blind = watch->is_blind;
	watch->is_blind = !has_stat || !watch->stack.depth;
	watch->signs.looks++;
	watch->signs.cpu_ms = ms_of_ticks(watch->ticks);
	snprintf(watch->signs.where, sizeof(watch->signs.where), "%s",
		 watch->stack.depth ? watch->stack.frames[0] : "");
}

void watch_count(struct watch *watch, bool is_queued, double now_ms)
{
	unsigned int counts = watch->signs.is_late ? SIGN_KIND : SIGNS_OF_PROGRESS;
	double since = now_ms - watch->looked_ms, most = 2 * watch_interval_ms(watch);

	if (is_queued)
		watch->fresh |= SIGN_QUEUE;
	watch->signs.seen |= watch->fresh;
	if (watch->fresh & counts) {
		watch_again(watch);
		watch->ticks_at_sign = watch->ticks;
		watch->sign_ms = now_ms;
	} else if (!is_queued) {
		watch->signs.still_ms += since < most ? since : most;
		watch->proven_ms += since < most ? since : most;
	}
	/* Of the time between two looks nothing is known if one of them saw nothing. */
	if (watch->is_blind || watch->was_blind)
		watch->proven_ms = 0;
	watch->signs.is_proven = watch->proven_ms >= watch->deadline_ms;
	watch->fresh = 0;
	watch->looked_ms = now_ms;
}

bool watch_is_over(const struct watch *watch)
{
	return watch->deadline_ms && watch->signs.still_ms >= watch->deadline_ms;
}

void watch_again(struct watch *watch)
{
	watch->signs.still_ms = 0;
	watch->proven_ms = 0;
}

const char *sign_name(enum sign sign)
{
	switch (sign) {
	case SIGN_CPU:
		return "cpu";
	case SIGN_STACK:
		return "stack";
	case SIGN_COUNTER:
		return "counter";
	case SIGN_KIND:
		return "kind";
	case SIGN_QUEUE:
		return "lock";
	}
	return "?";
}

void signs_describe(const struct signs *signs, const char *kind, char *text, size_t size)
{
	int n = snprintf(text, size, "for %.1f s ", signs->still_ms / 1e3);
	size_t used = n > 0 && (size_t)n < size ? (size_t)n : size - 1;

	if (!signs->is_late)
		n = snprintf(text + used, size - used,
			     "it used no CPU time, no counter of it moved%s%s%s",
			     kind ? ", no other of its kind (" : "", kind ?: "",
			     kind ? ") ended" : "");
	else
		n = snprintf(text + used, size - used,
			     "past the run's deadline, nothing of its kind ended");
	used += n > 0 && (size_t)n < size - used ? (size_t)n : size - used - 1;
	snprintf(text + used, size - used, "%s%s%s", signs->where[0] ? "; it is in " : "",
		 signs->where,
		 signs->is_proven ? "" : "; not proven, its kernel stack cannot be read");
}
