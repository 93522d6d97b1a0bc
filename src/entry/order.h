/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of entry_list_settle() that need no file; the rules are at the head of order.c. */
#pragma once

#include "entry/entry.h"

/* By loader, then as that loader orders them. 0 or -ENOMEM. */
int order_sort(struct entry_list *list);

/*
 * Sets preferred, rule, timeout and is_menu_hidden of a sorted list; the preferred one may be greyed,
 * where it is configured: its twin of another loader may be bootable. 0 or -ENOMEM.
 */
int order_choose(struct entry_list *list);

/* Takes out what another loader offers too; if the preferred one goes, its twin is preferred. */
int order_drop_twins(struct entry_list *list);

/* At last: sets withheld where what was chosen cannot be booted. 0 or -ENOMEM. */
int order_withhold(struct entry_list *list);
