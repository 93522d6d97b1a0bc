/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What really happened, written as it happens, so that a kill at any moment can be undone.
 *
 * JSON Lines in RECORD_DIR, which must be on tmpfs or ramfs: the disks go away. Each line is one
 * write(2); a torn last line is ignored by the reader. What is about to be changed is written
 * before it is changed, with its old value.
 */
#pragma once

#include "base/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define RECORD_DIR    "/run/kexit"
#define RECORD_SCHEMA 1

struct record;

/*
 * Starts a new record in @dir (made when missing, mode 0700); an earlier one becomes
 * "record.previous". Takes the lock: -EBUSY with who has it ("kexit exec, process 812") in @e.
 * -EROFS when @dir cannot be on tmpfs or ramfs.
 */
int record_create(const char *dir, const char *verb, struct record **ret_record, struct error *e);

/* Takes the lock and opens the record that is there, for a rollback that goes on writing to it.
 * Waits up to 5 s for workers that a killed run has left behind. -ENOENT: there is none. */
int record_reopen(const char *dir, struct record **ret_record, struct error *e);

/* Gives the lock up. The file stays. */
void record_close(struct record *record);

/*
 * Appends one event: {"event": @event, "time_ms": ..., ...@fields}. @fields is consumed (may be
 * NULL). Never fails the run: the first failure is kept and told by record_status().
 */
void record_write(struct record *record, const char *event, json_t *fields);
int record_status(const struct record *record);

/* True while workers that an earlier run left behind still have the record open: what they are in the
 * middle of in the kernel may change the machine yet. */
bool record_has_others(const struct record *record);

/* Milliseconds since the record was started, on CLOCK_BOOTTIME. */
double record_elapsed_ms(const struct record *record);

/*
 * Every event of the record in @dir in order, as an array the caller owns. A line that is not
 * whole (the writer was killed, or tmpfs was full) is left out. -ENOENT: there is none.
 */
int record_load(const char *dir, bool previous, json_t **ret_events, struct error *e);

/* The "start" event of @events, or NULL: who wrote the record, when, on which kernel. Borrowed. */
const json_t *record_start(const json_t *events);

/* True when @events were written since this machine booted: device names and interface indices of
 * another boot mean nothing here. */
bool record_is_of_this_boot(const json_t *events);
