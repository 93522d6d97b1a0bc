// SPDX-License-Identifier: GPL-2.0-or-later
/* In place of devicetree.c where there was no libfdt to build with. */
#include "image/devicetree.h"

#include <errno.h>

bool devicetree_is_able(void)
{
	return false;
}

int devicetree_make(const struct devicetree_wish *wish, char **ret_bytes, size_t *ret_length,
		    struct error *e)
{
	return error_set(e, -ENOTSUP,
			 "%s: this kexit was built without libfdt, and changes no device tree",
			 wish->base.name);
}
