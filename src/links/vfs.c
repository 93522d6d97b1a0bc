// SPDX-License-Identifier: GPL-2.0-or-later
/* Virtual functions saved and set again; see vfs.h. */
#include "links/vfs.h"
#include "links/hex.h"

#include "links/message.h"
#include "sys/netlink.h"
#include "worker/worker.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_US	   50000

/* The longest list of settings of one function. */
#define VF_SIZE	   1024

/* A driver that does not know says -1 (Linux: net/core/rtnetlink.c, rtnl_fill_vfinfo()). */
#define VF_UNKNOWN 0xffffffff

/* What can be set. All begin with the number of the virtual function, 32 bits. */
static const struct setting {
	const char *words;
	uint16_t type;
	bool may_be_unknown; /* its second number is VF_UNKNOWN then */
} settings[] = {
	{ "hardware address", IFLA_VF_MAC, false },
	{ "VLAN", IFLA_VF_VLAN_LIST, false },
	{ "rate", IFLA_VF_RATE, false },
	{ "spoof check", IFLA_VF_SPOOFCHK, true },
	{ "link state", IFLA_VF_LINK_STATE, false },
	{ "RSS query", IFLA_VF_RSS_QUERY_EN, true },
	{ "trust", IFLA_VF_TRUST, true },
	{ "node GUID", IFLA_VF_IB_NODE_GUID, false },
	{ "port GUID", IFLA_VF_IB_PORT_GUID, false },
};

static const struct setting *setting_find(uint16_t type)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (settings[i].type == type)
			return &settings[i];
	return NULL;
}

static uint32_t number_at(const struct nlattr *a, size_t at)
{
	uint32_t value = 0;

	if (netlink_length(a) >= at + sizeof(value))
		memcpy(&value, (const unsigned char *)netlink_data(a) + at, sizeof(value));
	return value;
}

static bool is_kept(const struct nlattr *a)
{
	const struct setting *setting = setting_find(netlink_type(a));

	return setting && !(setting->may_be_unknown && number_at(a, 4) == VF_UNKNOWN);
}

static json_t *kept_hex(const struct nlattr *info)
{
	struct netlink_message kept;
	const struct nlattr *a = NULL;
	json_t *value;
	char *hex;

	netlink_message_init(&kept, 0, 0, "", 0);
	while ((a = netlink_next(netlink_data(info), netlink_length(info), a)))
		if (is_kept(a))
			netlink_add(&kept, netlink_type(a), netlink_data(a), netlink_length(a));
	hex = hex_encode(kept.bytes + NLMSG_HDRLEN, kept.header.nlmsg_len - NLMSG_HDRLEN);
	value = hex ? json_string(hex) : NULL;
	free(hex);
	return value;
}

json_t *vfs_settings(const struct nlmsghdr *message)
{
	size_t length;
	const void *attributes = netlink_attributes(message, sizeof(struct ifinfomsg), &length);
	const struct nlattr *list = netlink_find(attributes, length, IFLA_VFINFO_LIST), *a = NULL;
	json_t *all = json_array();

	while (list && (a = netlink_next(netlink_data(list), netlink_length(list), a)))
		if (netlink_type(a) == IFLA_VF_INFO && json_array_append_new(all, kept_hex(a)))
			break;
	return all;
}

static int take_settings(const struct nlmsghdr *m, void *context)
{
	json_t **settings_of = context;

	if (m->nlmsg_type == RTM_NEWLINK && !*settings_of)
		*settings_of = vfs_settings(m);
	return 0;
}

/* What the kernel has of the virtual functions of the link @index; NULL: nothing. */
static json_t *ask_settings(uint32_t index)
{
	struct ifinfomsg body = { .ifi_index = (int)index };
	struct netlink_message m;
	json_t *all = NULL;

	netlink_message_init(&m, RTM_GETLINK, 0, &body, sizeof(body));
	netlink_add_u32(&m, IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS);
	netlink_ask(NETLINK_ROUTE, &m, take_settings, &all);
	return all;
}

static long long link_number(const struct sysroot *root, const char *device, const char *link,
			     const char *name)
{
	unsigned long long value;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys%s/net/%s/%s", device, link, name);
	return sysroot_read_u64(root, path, &value) == 0 ? (long long)value : 0;
}

/* Calls @each with the name of each link of @device until it says true. */
static bool each_link(const struct sys *sys, const char *device,
		      bool (*each)(const struct sys *sys, const char *device, const char *name,
				   void *context),
		      void *context)
{
	const struct dirent *entry;
	char path[PATH_MAX];
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys%s/net", device);
	dir = sysroot_opendir(sys->root, path);
	while (dir && !found && (entry = readdir(dir)))
		found = entry->d_name[0] != '.' && each(sys, device, entry->d_name, context);
	if (dir)
		closedir(dir);
	return found;
}

static bool save_link(const struct sys *sys, const char *device, const char *name, void *context)
{
	json_t *all = ask_settings((uint32_t)link_number(sys->root, device, name, "ifindex"));

	if (json_array_size(all))
		json_array_append_new(context, json_pack("{s:I s:O}", "dev_port",
							 (json_int_t)link_number(sys->root, device,
										 name, "dev_port"),
							 "settings", all));
	json_decref(all);
	return false;
}

/* The path of a virtual function below /sys, or false: there is none of that number. */
static bool vf_path(const struct sysroot *root, const char *device, unsigned int number, char *path,
		    size_t size)
{
	char link[PATH_MAX];

	snprintf(link, sizeof(link), "/sys%s/virtfn%u", device, number);
	return sysroot_resolve(root, link, path, size) > 0;
}

static json_t *read_overrides(const struct sysroot *root, const struct device *device)
{
	json_t *overrides = json_object();
	char path[PATH_MAX], file[PATH_MAX + 32], driver[128], number[16];

	for (unsigned int i = 0; i < device->pci->numvfs; i++) {
		if (!vf_path(root, device->path, i, path, sizeof(path)))
			continue;
		snprintf(file, sizeof(file), "%s/driver_override", path);
		if (sysroot_read(root, file, driver, sizeof(driver)) <= 0 ||
		    !strcmp(driver, "(null)"))
			continue;
		snprintf(number, sizeof(number), "%u", i);
		json_object_set_new(overrides, number, json_string(driver));
	}
	return overrides;
}

static int save_device(const struct sys *sys, const struct device *device, struct record *record)
{
	json_t *event = json_pack("{s:s s:o s:[]}", "device", device->path, "overrides",
				  read_overrides(sys->root, device), "links");

	if (!event)
		return -ENOMEM;
	/* A captured tree's links are not this kernel's. */
	if (!sysroot_is_captured(sys->root))
		each_link(sys, device->path, save_link, json_object_get(event, "links"));
	record_write(record, "vfs", event);
	return record_status(record);
}

int vfs_save(const struct sys *sys, const struct plan *plan, struct record *record)
{
	int code = 0;

	for (size_t i = 0; i < plan->decision_count && code == 0; i++) {
		const struct decision *decision = &plan->decisions[i];
		const struct device *device = decision->device;

		if (device->pci && device->pci->numvfs &&
		    (decision->fate == FATE_RELEASE || decision->fate == FATE_FOLLOW))
			code = save_device(sys, device, record);
	}
	return code;
}

/* --- and back --- */

struct setting_again {
	const struct sys *sys;
	void (*failed)(const char *clause, void *context);
	void *context;
};

static void __attribute__((format(printf, 2, 3)))
fail(const struct setting_again *again, const char *format, ...)
{
	char clause[192];
	va_list args;

	va_start(args, format);
	vsnprintf(clause, sizeof(clause), format, args);
	va_end(args);
	again->failed(clause, again->context);
}

/* One request a setting: the kernel stops at the first that it refuses. */
static void set_one(const struct setting_again *again, uint32_t index, unsigned int number,
		    const struct nlattr *a)
{
	struct ifinfomsg body = { .ifi_index = (int)index };
	const struct setting *setting = setting_find(netlink_type(a));
	struct netlink_message info, list, m;
	int code;

	netlink_message_init(&info, 0, 0, "", 0);
	netlink_add(&info, netlink_type(a), netlink_data(a), netlink_length(a));
	netlink_message_init(&list, 0, 0, "", 0);
	netlink_add(&list, IFLA_VF_INFO | NLA_F_NESTED, info.bytes + NLMSG_HDRLEN,
		    info.header.nlmsg_len - NLMSG_HDRLEN);
	netlink_message_init(&m, RTM_NEWLINK, 0, &body, sizeof(body));
	netlink_add(&m, IFLA_VFINFO_LIST | NLA_F_NESTED, list.bytes + NLMSG_HDRLEN,
		    list.header.nlmsg_len - NLMSG_HDRLEN);
	code = sys_netlink(again->sys, &m.header, m.header.nlmsg_len);
	if (code < 0)
		fail(again, "%s of virtual function %u not set again: %s",
		     setting ? setting->words : "a setting", number, errno_text(code));
}

static bool is_same(const struct nlattr *a, const struct nlattr *b)
{
	return b && netlink_length(a) == netlink_length(b) &&
	       !memcmp(netlink_data(a), netlink_data(b), netlink_length(a));
}

/* @now: what the kernel says, NULL where it cannot be asked. */
static void set_vf(const struct setting_again *again, uint32_t index, unsigned int number,
		   const char *was, const char *now)
{
	unsigned char wanted[VF_SIZE], there[VF_SIZE];
	int length = hex_decode(was ? was : "", wanted, sizeof(wanted));
	int there_length = hex_decode(now ? now : "", there, sizeof(there));
	const struct nlattr *a = NULL;

	if (length < 0 || there_length < 0) {
		fail(again, "the settings of virtual function %u in the record are damaged",
		     number);
		return;
	}
	while ((a = netlink_next(wanted, (size_t)length, a)))
		if (!is_same(a, netlink_find(there, (size_t)there_length, netlink_type(a))))
			set_one(again, index, number, a);
}

static void set_link(const struct setting_again *again, uint32_t index, const json_t *saved)
{
	json_t *now = sysroot_is_captured(again->sys->root) ? NULL : ask_settings(index);
	const json_t *hex;
	size_t i;

	json_array_foreach (saved, i, hex)
		set_vf(again, index, (unsigned int)i, json_string_value(hex),
		       json_string_value(json_array_get(now, i)));
	json_decref(now);
}

struct port {
	long long number;
	uint32_t index;
};

static bool is_port(const struct sys *sys, const char *device, const char *name, void *context)
{
	struct port *port = context;

	if (link_number(sys->root, device, name, "dev_port") != port->number)
		return false;
	port->index = (uint32_t)link_number(sys->root, device, name, "ifindex");
	return port->index != 0;
}

static void set_links(const struct setting_again *again, const json_t *event, unsigned int wait_ms)
{
	const char *device = json_string_value(json_object_get(event, "device"));
	double end = clock_ms() + wait_ms;
	const json_t *saved;
	size_t i;

	json_array_foreach (json_object_get(event, "links"), i, saved) {
		struct port port = {
			.number = json_integer_value(json_object_get(saved, "dev_port")),
		};
		bool found = each_link(again->sys, device, is_port, &port);

		/* Its driver may register it some time after its probe. */
		while (!found && clock_ms() < end) {
			usleep(POLL_US);
			found = each_link(again->sys, device, is_port, &port);
		}
		if (found)
			set_link(again, port.index, json_object_get(saved, "settings"));
		else
			fail(again, "no link to set its virtual functions' addresses through");
	}
}

static void set_override(const struct setting_again *again, const char *device, const char *number,
			 const char *driver)
{
	char path[PATH_MAX], file[PATH_MAX + 32], now[128];
	int code;

	if (!vf_path(again->sys->root, device, (unsigned int)atoi(number), path, sizeof(path))) {
		fail(again, "virtual function %s, kept for %s, is not there", number, driver);
		return;
	}
	snprintf(file, sizeof(file), "%s/driver_override", path);
	if (sysroot_read(again->sys->root, file, now, sizeof(now)) > 0 && !strcmp(now, driver))
		return;
	code = sys_write(again->sys, file, driver);
	if (code < 0)
		fail(again, "virtual function %s not kept for %s again: %s", number, driver,
		     errno_text(code));
}

void vfs_restore(const struct sys *sys, const json_t *event, unsigned int wait_ms,
		 void (*failed)(const char *clause, void *context), void *context)
{
	const struct setting_again again = { sys, failed, context };
	const char *device = json_string_value(json_object_get(event, "device"));
	const char *number;
	json_t *driver;

	if (!device)
		return;
	set_links(&again, event, wait_ms);
	json_object_foreach (json_object_get(event, "overrides"), number, driver)
		set_override(&again, device, number, json_string_value(driver) ?: "");
}
