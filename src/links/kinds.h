/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kinds of links that lie on others (IFLA_INFO_KIND): which of them vanish with the link below, which
 * can be made again, and from what. Pure: attributes in, attributes out, whatever they hold.
 */
#pragma once

#include "sys/netlink.h"

/* Vanishes when the link that it lies on is unregistered. A tunnel, which does not, has an index of a
 * link that is no more. */
bool kind_vanishes(const char *kind);

/* Comes and goes by itself, whatever becomes of the links of devices. */
bool kind_is_independent(const char *kind);

/* The link that a link of @kind says in its own data that it lies on, for kinds that the kernel tells
 * no IFLA_LINK of; 0: none. @linkinfo is IFLA_LINKINFO as the kernel told it. */
uint32_t kind_lower(const char *kind, const struct nlattr *linkinfo);

/*
 * The attributes of @linkinfo that make a link like it, as the attributes of a message without a
 * fixed header. False: links of this kind, or with these settings, cannot be made again.
 */
bool kind_linkinfo(const char *kind, const struct nlattr *linkinfo, struct netlink_message *ret);

/* In attributes of kind_linkinfo(), the link that it is to lie on. True: the kind has it there, and
 * IFLA_LINK is not for it. */
bool kind_set_lower(const char *kind, void *attributes, size_t length, uint32_t lower);
