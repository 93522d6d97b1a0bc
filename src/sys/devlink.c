// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions to devlink; see devlink.h. */
#include "sys/devlink.h"

#include "sys/netlink.h"

#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <string.h>

static void start(struct netlink_message *m, uint16_t family, unsigned char command)
{
	struct genlmsghdr body = { .cmd = command, .version = 1 };

	netlink_message_init(m, family, 0, &body, sizeof(body));
}

/* A number of two bytes wanted from an answer. */
struct wanted {
	uint16_t attribute;
	uint16_t value;
};

static int take(const struct nlmsghdr *message, void *context)
{
	struct wanted *wanted = context;
	size_t length;
	const void *attributes = netlink_attributes(message, sizeof(struct genlmsghdr), &length);
	const struct nlattr *a =
		attributes ? netlink_find(attributes, length, wanted->attribute) : NULL;

	if (a && netlink_length(a) >= sizeof(wanted->value))
		memcpy(&wanted->value, netlink_data(a), sizeof(wanted->value));
	return 0;
}

bool devlink_is_switchdev(const char *bus, const char *name)
{
	struct wanted family = { .attribute = CTRL_ATTR_FAMILY_ID };
	struct wanted mode = { .attribute = DEVLINK_ATTR_ESWITCH_MODE };
	struct netlink_message m;

	start(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	netlink_add_string(&m, CTRL_ATTR_FAMILY_NAME, DEVLINK_GENL_NAME);
	if (netlink_ask(NETLINK_GENERIC, &m, take, &family) < 0 || !family.value)
		return false;
	start(&m, family.value, DEVLINK_CMD_ESWITCH_GET);
	netlink_add_string(&m, DEVLINK_ATTR_BUS_NAME, bus);
	netlink_add_string(&m, DEVLINK_ATTR_DEV_NAME, name);
	return !m.overflow && netlink_ask(NETLINK_GENERIC, &m, take, &mode) == 0 &&
	       mode.value == DEVLINK_ESWITCH_MODE_SWITCHDEV;
}
