/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kexit verify --early: the look on arrival, before a driver is loaded. */
#pragma once

#include "sys/root.h"

/*
 * Looks at what came as left to shutdown() by evidence (across/witnessed.h), and keeps what it saw. An enum
 * status: STATUS_DONE as well where nothing came, or nothing was left so.
 */
int witness(struct sysroot *root);
