/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink(7), as much as saving and restoring links needs: whole tables read, single requests
 * acknowledged, messages built and taken apart. Whatever length a message claims, nothing outside
 * it is read.
 */
#pragma once

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest request that is built: a route through several hundred next hops still fits. */
#define NETLINK_MESSAGE_SIZE 16384

/* A request that grows. `overflow` is set, and nothing added, once something did not fit. */
struct netlink_message {
	bool overflow;
	union {
		struct nlmsghdr header; /* nlmsg_len is the length so far */
		unsigned char bytes[NETLINK_MESSAGE_SIZE];
	};
};

/* Starts a request with the fixed header @body of @length bytes (ifinfomsg, ifaddrmsg, rtmsg). */
void netlink_message_init(struct netlink_message *m, uint16_t type, uint16_t flags,
			  const void *body, size_t length);

/* Adds an attribute; @type may carry NLA_F_NESTED. */
void netlink_add(struct netlink_message *m, uint16_t type, const void *data, size_t length);
void netlink_add_u32(struct netlink_message *m, uint16_t type, uint32_t value);
void netlink_add_string(struct netlink_message *m, uint16_t type, const char *value);

/*
 * The next whole attribute of the @length bytes at @attributes, after @previous (NULL: the first).
 * NULL at the end, or where what follows is no attribute that fits.
 */
const struct nlattr *netlink_next(const void *attributes, size_t length,
				  const struct nlattr *previous);

/* The first attribute @type among them, or NULL. */
const struct nlattr *netlink_find(const void *attributes, size_t length, uint16_t type);

uint16_t netlink_type(const struct nlattr *attribute); /* without NLA_F_NESTED and its like */
const void *netlink_data(const struct nlattr *attribute);
size_t netlink_length(const struct nlattr *attribute); /* of its data */
uint32_t netlink_u32(const struct nlattr *attribute);  /* 0 when it is NULL or shorter */

/* Where the attributes of @message begin, behind a fixed header of @body bytes, and how many bytes
 * of them there are; NULL when the message is too short for that header. */
const void *netlink_attributes(const struct nlmsghdr *message, size_t body, size_t *ret_length);

/*
 * Reads a whole table: @type is RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH or
 * RTM_GETQDISC, @family AF_INET, AF_INET6, AF_BRIDGE or AF_UNSPEC. Each message of the answer goes to @each; a negative return of it ends the dump.
 * When the table changed meanwhile (NLM_F_DUMP_INTR) the dump is made again, and @restart tells the
 * caller to forget what it was given. 0 or a negative errno; an address family that the kernel
 * lacks may answer with other families' messages: look at the family of each.
 */
int netlink_dump(uint16_t type, unsigned char family,
		 int (*each)(const struct nlmsghdr *message, void *context),
		 void (*restart)(void *context), void *context);

/*
 * Sends one question that is no dump to NETLINK_ROUTE or NETLINK_GENERIC. Each message of the answer
 * goes to @each, whose negative return ends it. 0 or a negative errno: @each's or the kernel's.
 */
int netlink_ask(int protocol, struct netlink_message *request,
		int (*each)(const struct nlmsghdr *message, void *context), void *context);

/*
 * Sends one request of @length bytes (nlmsg_seq is filled in, NLM_F_REQUEST and NLM_F_ACK are set)
 * and waits for the kernel's answer to it: 0 or a negative errno.
 */
int netlink_request(void *message, size_t length);
