/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexit-boot's own images among the entries; inside src/entry only. */
#pragma once

#include "entry/entry.h"

/* Whether @osrel, the text of a unified image's os-release section, is of such an image. */
bool own_image_osrel(struct arena *arena, const char *osrel);

/*
 * Takes the entries of list->entries that start kexit-boot itself out into list->own: those marked by
 * a reader, those whose command line has the marker's word, and those one of whose initrds begins
 * with its file (sys/boot_image.h). 0 or -ENOMEM.
 */
int own_image_leave_out(struct entry_list *list);
