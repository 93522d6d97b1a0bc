/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devlink(8), as much as is asked of it: generic netlink's family for devices with ports. */
#pragma once

#include <stdbool.h>

/* True when the device @name on @bus ("pci", "0000:03:00.0") has an embedded switch that shows its
 * ports as links (switchdev mode). False also where the kernel or the driver has no devlink. */
bool devlink_is_switchdev(const char *bus, const char *name);
