// SPDX-License-Identifier: GPL-2.0-or-later
/* From a front to its kind; see front.h. */
#include "ui/front_kind.h"

void front_show(struct front *front, const struct menu_model *model)
{
	front->kind->show(front, model);
}

void front_stop(struct front *front)
{
	if (front)
		front->kind->stop(front);
}

const char *front_name(const struct front *front)
{
	return front->name;
}
