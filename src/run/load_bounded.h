/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The next kernel loaded in a worker: its files may lie on a disk that does not answer any more. */
#pragma once

#include "image/load.h"

/* As image_load(); -EINTR when @wake_fd was readable meanwhile, -ETIMEDOUT when nothing moved for 3
 * minutes. An image that was loaded stays so until the new one is. */
int image_load_bounded(const struct sys *sys, const struct image_request *request, int wake_fd,
		       struct error *e);
