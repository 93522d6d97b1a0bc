/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open folder as a stream of its entries: what both roots have behind their opendir(). */
#pragma once

#include <dirent.h>

/* Takes @fd over, which may be a negative errno. NULL with errno set, as by opendir(3). */
DIR *folder_stream(int fd);
