/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every boot image has beside its modules: folders, programs, settings. The first program is
 * /init; those that it runs are in /usr/sbin, and a shell for rescue, with busybox's usual names.
 */
#pragma once

#include "mkboot/programs.h"

#define EXTRAS_MAX 32

/* What was asked for on the command line. */
struct contents {
	const char *init;      /* a file of this machine; NULL: the system's kexit-boot */
	const char *settings;  /* becomes /etc/kexit/boot.conf; NULL: the system's, if it has one */
	const char *stand_ins; /* a folder of this machine; NULL: the system's */
	const char *with;      /* "lvm,mdadm", "none"; NULL: both, where installed */
	const char *extras[EXTRAS_MAX]; /* FILE:PATH: a file of this machine, at PATH */
	size_t extra_count;
};

/* Whether @with, which may be NULL, is what contents.with can be. */
bool contents_with_is_known(const char *with);

/* 0, or an errno with @e filled. */
int contents_add(const struct contents *contents, struct programs *programs, struct error *e);
