// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnetlink messages built and taken apart, and the kernel asked. */
#include "sys/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static void start(struct netlink_message *m)
{
	struct ifinfomsg body = { .ifi_index = 7 };

	netlink_message_init(m, RTM_NEWLINK, 0, &body, sizeof(body));
}

static const void *attributes_of(const struct netlink_message *m, size_t *length)
{
	return netlink_attributes(&m->header, sizeof(struct ifinfomsg), length);
}

static void test_attributes_are_found_again(void **state)
{
	struct netlink_message m;
	const void *attributes;
	size_t length;

	start(&m);
	netlink_add_string(&m, IFLA_IFNAME, "eth0");
	netlink_add_u32(&m, IFLA_MTU, 9000);
	attributes = attributes_of(&m, &length);
	assert_int_equal(netlink_u32(netlink_find(attributes, length, IFLA_MTU)), 9000);
	assert_string_equal(netlink_data(netlink_find(attributes, length, IFLA_IFNAME)), "eth0");
	assert_null(netlink_find(attributes, length, IFLA_MASTER));
}

static void test_nested_flag_is_not_part_of_the_type(void **state)
{
	struct netlink_message m;
	const void *attributes;
	size_t length;

	start(&m);
	netlink_add(&m, IFLA_LINKINFO | NLA_F_NESTED, "", 0);
	attributes = attributes_of(&m, &length);
	assert_non_null(netlink_find(attributes, length, IFLA_LINKINFO));
}

static void test_what_does_not_fit_is_told(void **state)
{
	static const char big[NETLINK_MESSAGE_SIZE];
	struct netlink_message m;
	uint32_t before;

	start(&m);
	before = m.header.nlmsg_len;
	netlink_add(&m, 1, big, sizeof(big) - 8);
	assert_true(m.overflow);
	assert_int_equal(m.header.nlmsg_len, before);
}

/* Each length an attribute may claim, in a buffer that ends right behind it. */
static void test_attribute_longer_than_the_message_ends_the_list(void **state)
{
	for (unsigned int claimed = 0; claimed < 64; claimed++) {
		struct nlattr *a = malloc(8);
		const struct nlattr *found;

		a->nla_len = (uint16_t)claimed;
		a->nla_type = IFLA_MTU;
		memset(a + 1, 0, 4);
		found = netlink_next(a, 8, NULL);
		assert_int_equal(found != NULL, claimed >= 4 && claimed <= 8);
		if (found)
			assert_null(netlink_next(a, 8, found));
		free(a);
	}
}

static void test_short_message_has_no_attributes(void **state)
{
	struct nlmsghdr m = { .nlmsg_len = sizeof(m), .nlmsg_type = RTM_NEWLINK };
	size_t length;

	assert_null(netlink_attributes(&m, sizeof(struct ifinfomsg), &length));
}

static void test_short_number_is_zero(void **state)
{
	struct netlink_message m;
	const void *attributes;
	size_t length;

	start(&m);
	netlink_add(&m, IFLA_MTU, "\1\2", 2);
	attributes = attributes_of(&m, &length);
	assert_int_equal(netlink_u32(netlink_find(attributes, length, IFLA_MTU)), 0);
}

static int count_message(const struct nlmsghdr *m, void *context)
{
	int *count = context;

	*count += m->nlmsg_type == RTM_NEWLINK;
	return 0;
}

static void restart_count(void *context)
{
	*(int *)context = 0;
}

static void test_kernel_tells_its_links(void **state)
{
	int count = 0;

	assert_int_equal(netlink_dump(RTM_GETLINK, AF_UNSPEC, count_message, restart_count, &count),
			 0);
	assert_true(count >= 1); /* every network namespace has lo */
}

static int refuse_message(const struct nlmsghdr *m, void *context)
{
	return -ECANCELED;
}

static void test_callback_ends_the_dump(void **state)
{
	int count = 0;

	assert_int_equal(
		netlink_dump(RTM_GETLINK, AF_UNSPEC, refuse_message, restart_count, &count),
		-ECANCELED);
}

static void test_request_of_another_length_is_not_sent(void **state)
{
	struct netlink_message m;

	start(&m);
	assert_int_equal(netlink_request(&m.header, m.header.nlmsg_len - 1), -EINVAL);
}

/* As root there is no such link; as anybody else the kernel refuses before it looks. */
static void test_kernels_refusal_is_returned(void **state)
{
	struct ifinfomsg body = { .ifi_index = 0x7ffffff0 };
	struct netlink_message m;
	int code;

	netlink_message_init(&m, RTM_NEWLINK, 0, &body, sizeof(body));
	code = netlink_request(&m.header, m.header.nlmsg_len);
	assert_true(code == -ENODEV || code == -EPERM);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attributes_are_found_again),
		cmocka_unit_test(test_nested_flag_is_not_part_of_the_type),
		cmocka_unit_test(test_what_does_not_fit_is_told),
		cmocka_unit_test(test_attribute_longer_than_the_message_ends_the_list),
		cmocka_unit_test(test_short_message_has_no_attributes),
		cmocka_unit_test(test_short_number_is_zero),
		cmocka_unit_test(test_kernel_tells_its_links),
		cmocka_unit_test(test_callback_ends_the_dump),
		cmocka_unit_test(test_request_of_another_length_is_not_sent),
		cmocka_unit_test(test_kernels_refusal_is_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
