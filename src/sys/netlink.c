// SPDX-License-Identifier: GPL-2.0-or-later
/* A small rtnetlink client; see netlink.h. */
#include "sys/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel fills at most 32 KiB at once for a dump, and a single message is never larger. */
#define RECEIVE_SIZE 65536

/* A table that changes all the time (a router's) is taken as it comes in the end. */
#define DUMP_TRIES   5

void netlink_message_init(struct netlink_message *m, uint16_t type, uint16_t flags,
			  const void *body, size_t length)
{
	memset(m, 0, sizeof(*m));
	m->header.nlmsg_type = type;
	m->header.nlmsg_flags = flags;
	m->header.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + NLMSG_ALIGN(length));
	memcpy(m->bytes + NLMSG_HDRLEN, body, length);
}

void netlink_add(struct netlink_message *m, uint16_t type, const void *data, size_t length)
{
	size_t at = NLMSG_ALIGN(m->header.nlmsg_len);
	struct nlattr attribute = { .nla_type = type };

	if (length > sizeof(m->bytes) || at + NLA_HDRLEN + NLA_ALIGN(length) > sizeof(m->bytes))
		m->overflow = true;
	if (m->overflow)
		return;
	attribute.nla_len = (uint16_t)(NLA_HDRLEN + length);
	memcpy(m->bytes + at, &attribute, sizeof(attribute));
	if (length)
		memcpy(m->bytes + at + NLA_HDRLEN, data, length);
	m->header.nlmsg_len = (uint32_t)(at + NLA_HDRLEN + NLA_ALIGN(length));
}

void netlink_add_u32(struct netlink_message *m, uint16_t type, uint32_t value)
{
	netlink_add(m, type, &value, sizeof(value));
}

void netlink_add_string(struct netlink_message *m, uint16_t type, const char *value)
{
	netlink_add(m, type, value, strlen(value) + 1);
}

const struct nlattr *netlink_next(const void *attributes, size_t length,
				  const struct nlattr *previous)
{
	const unsigned char *start = attributes;
	const struct nlattr *next;
	size_t at = 0;

	if (!start)
		return NULL;
	if (previous)
		at = (size_t)((const unsigned char *)previous - start) +
		     NLA_ALIGN(previous->nla_len);
	if (at > length || length - at < NLA_HDRLEN)
		return NULL;
	next = (const void *)(start + at);
	return next->nla_len < NLA_HDRLEN || next->nla_len > length - at ? NULL : next;
}

const struct nlattr *netlink_find(const void *attributes, size_t length, uint16_t type)
{
	const struct nlattr *a = NULL;

	while ((a = netlink_next(attributes, length, a)))
		if (netlink_type(a) == type)
			return a;
	return NULL;
}

uint16_t netlink_type(const struct nlattr *attribute)
{
	return attribute->nla_type & NLA_TYPE_MASK;
}

const void *netlink_data(const struct nlattr *attribute)
{
	return (const unsigned char *)attribute + NLA_HDRLEN;
}

size_t netlink_length(const struct nlattr *attribute)
{
	return attribute->nla_len - (size_t)NLA_HDRLEN;
}

uint32_t netlink_u32(const struct nlattr *attribute)
{
	uint32_t value = 0;

	if (attribute && netlink_length(attribute) >= sizeof(value))
		memcpy(&value, netlink_data(attribute), sizeof(value));
	return value;
}

const void *netlink_attributes(const struct nlmsghdr *message, size_t body, size_t *ret_length)
{
	size_t start = NLMSG_HDRLEN + NLMSG_ALIGN(body);

	if (message->nlmsg_len < start)
		return NULL;
	*ret_length = message->nlmsg_len - start;
	return (const unsigned char *)message + start;
}

static int open_socket(int protocol)
{
	struct sockaddr_nl local = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	int code;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) == 0)
		return fd;
	code = -errno;
	close(fd);
	return code;
}

static int send_message(int fd, struct nlmsghdr *message, size_t length)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	/* One request a socket: any number tells its answer from nothing. */
	message->nlmsg_seq = 1;
	do
		n = sendto(fd, message, length, 0, (struct sockaddr *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EMSGSIZE;
}

/* One datagram from the kernel: its length, or a negative errno. */
static ssize_t receive(int fd, void *buffer, size_t size)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		struct iovec part = { .iov_base = buffer, .iov_len = size };
		struct msghdr message = {
			.msg_name = &from,
			.msg_namelen = sizeof(from),
			.msg_iov = &part,
			.msg_iovlen = 1,
		};
		ssize_t n = recvmsg(fd, &message, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (from.nl_pid != 0) /* any process may send to us; only the kernel counts */
			continue;
		return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
	}
}

/* What an NLMSG_ERROR or NLMSG_DONE carries: 0 or a negative errno. */
static int answer_code(const struct nlmsghdr *m)
{
	int code = 0;

	if (m->nlmsg_len >= NLMSG_LENGTH(sizeof(code)))
		memcpy(&code, (const unsigned char *)m + NLMSG_HDRLEN, sizeof(code));
	return code > 0 ? -EPROTO : code;
}

/* The message behind @m, the @*left bytes from @m on having been received; NULL: no whole one. */
static const struct nlmsghdr *next_message(const struct nlmsghdr *m, size_t *left)
{
	size_t length = NLMSG_ALIGN(m->nlmsg_len);

	if (length >= *left)
		return NULL;
	*left -= length;
	m = (const void *)((const unsigned char *)m + length);
	return NLMSG_OK(m, *left) ? m : NULL;
}

static const struct nlmsghdr *first_message(const void *buffer, size_t length)
{
	const struct nlmsghdr *m = buffer;

	return NLMSG_OK(m, length) ? m : NULL;
}

struct dump {
	int (*each)(const struct nlmsghdr *message, void *context);
	void *context;
	bool is_interrupted;
	bool is_done;
};

static int dump_datagram(struct dump *dump, const void *buffer, size_t length)
{
	const struct nlmsghdr *m = first_message(buffer, length);
	int code = 0;

	for (; m && code >= 0 && !dump->is_done; m = next_message(m, &length)) {
		if (m->nlmsg_flags & NLM_F_DUMP_INTR)
			dump->is_interrupted = true;
		if (m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR) {
			dump->is_done = true;
			code = answer_code(m);
		} else if (m->nlmsg_type >= NLMSG_MIN_TYPE) {
			code = dump->each(m, dump->context);
		}
	}
	return code;
}

/* Of the fixed header, which begins with the family. That of links does for addresses and routes. */
static size_t body_length(uint16_t type)
{
	switch (type) {
	case RTM_GETNEIGH:
		return sizeof(struct ndmsg);
	case RTM_GETQDISC:
		return sizeof(struct tcmsg);
	default:
		return sizeof(struct ifinfomsg);
	}
}

static int dump_once(struct dump *dump, uint16_t type, unsigned char family, void *buffer)
{
	struct netlink_message request;
	unsigned char body[sizeof(struct tcmsg)] = { family };
	size_t length = body_length(type);
	int fd = open_socket(NETLINK_ROUTE), code;

	if (fd < 0)
		return fd;
	netlink_message_init(&request, type, NLM_F_REQUEST | NLM_F_DUMP, body, length);
	code = send_message(fd, &request.header, request.header.nlmsg_len);
	while (code == 0 && !dump->is_done) {
		ssize_t n = receive(fd, buffer, RECEIVE_SIZE);

		code = n < 0 ? (int)n : dump_datagram(dump, buffer, (size_t)n);
	}
	close(fd);
	return code;
}

int netlink_dump(uint16_t type, unsigned char family,
		 int (*each)(const struct nlmsghdr *message, void *context),
		 void (*restart)(void *context), void *context)
{
	void *buffer = malloc(RECEIVE_SIZE);
	int code = -ENOMEM;

	for (unsigned int i = 0; buffer && i < DUMP_TRIES; i++) {
		struct dump dump = { .each = each, .context = context };

		if (i)
			restart(context);
		code = dump_once(&dump, type, family, buffer);
		if (code < 0 || !dump.is_interrupted)
			break;
	}
	free(buffer);
	return code < 0 ? code : 0;
}

static int wait_acknowledgement(int fd)
{
	union {
		struct nlmsghdr header;
		unsigned char bytes[RECEIVE_SIZE];
	} answer;

	for (;;) {
		ssize_t n = receive(fd, &answer, sizeof(answer));
		const struct nlmsghdr *m;
		size_t length;

		if (n < 0)
			return (int)n;
		length = (size_t)n;
		for (m = first_message(&answer, length); m; m = next_message(m, &length))
			if (m->nlmsg_type == NLMSG_ERROR)
				return answer_code(m);
	}
}

int netlink_ask(int protocol, struct netlink_message *request,
		int (*each)(const struct nlmsghdr *message, void *context), void *context)
{
	struct dump answers = { .each = each, .context = context };
	void *buffer = malloc(RECEIVE_SIZE);
	int fd = buffer ? open_socket(protocol) : -ENOMEM;
	int code = fd < 0 ? fd : 0;

	request->header.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (code == 0)
		code = send_message(fd, &request->header, request->header.nlmsg_len);
	while (code == 0 && !answers.is_done) {
		ssize_t n = receive(fd, buffer, RECEIVE_SIZE);

		code = n < 0 ? (int)n : dump_datagram(&answers, buffer, (size_t)n);
	}
	if (fd >= 0)
		close(fd);
	free(buffer);
	return code < 0 ? code : 0;
}

int netlink_request(void *message, size_t length)
{
	struct nlmsghdr *header = message;
	int fd, code;

	if (length < NLMSG_HDRLEN || header->nlmsg_len != length)
		return -EINVAL;
	fd = open_socket(NETLINK_ROUTE);
	if (fd < 0)
		return fd;
	header->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	code = send_message(fd, header, length);
	if (code == 0)
		code = wait_acknowledgement(fd);
	close(fd);
	return code;
}
