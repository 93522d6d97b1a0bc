/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place where kexit-boot waits: descriptors, timers and ended children, by epoll(7).
 * Nothing that a disk or a driver can delay is called from here; see task.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct loop;

/* The caller owns *@ret_loop. SIGCHLD is blocked from here on. */
int loop_new(struct loop **ret_loop);
void loop_free(struct loop *loop);

/* Until loop_stop(). 0 or epoll's negative errno. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Calls @ready with @events (EPOLLIN, ...) for @fd until it is taken out; @fd stays the caller's.
 * loop_watch() with other @events changes them. */
int loop_add(struct loop *loop, int fd, uint32_t events, void (*ready)(void *context, uint32_t),
	     void *context);
int loop_watch(struct loop *loop, int fd, uint32_t events);
void loop_remove(struct loop *loop, int fd);

/* In a child that was forked: closes all of them, since the other end of a console's socket or of a
 * pipe must not live on in a process that hangs. */
void loop_close_watched(struct loop *loop);

/* A timer that is set again and again; -1 where none could be made. Close it with loop_remove()
 * and close(2). */
int loop_add_timer(struct loop *loop, void (*due)(void *context), void *context);

/* Once, @ms from now (CLOCK_BOOTTIME); 0 stops it. */
void loop_set_timer(int timer, unsigned int ms);

/* Blocks these signals, and calls @signalled when one came (several at once may be one). */
int loop_take_signals(struct loop *loop, const int *numbers, size_t count,
		      void (*signalled)(void *context, int number), void *context);

/* Calls @ended once when the child @pid has ended. Every child is waited for, watched or not. */
int loop_add_child(struct loop *loop, pid_t pid, void (*ended)(void *context, int status),
		   void *context);
