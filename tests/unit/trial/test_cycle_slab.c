// SPDX-License-Identifier: GPL-2.0-or-later
/* Growth told from noise, on made-up courses of SUnreclaim. */
#include "trial/slab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT 100

/* -1 to 1, the same in every run. */
static double noise(size_t i)
{
	uint32_t x = (uint32_t)i * 2654435761u;

	x ^= x >> 15;
	x *= 2246822519u;
	x ^= x >> 13;
	return (double)(x % 2001) / 1000 - 1;
}

static struct slab_growth judge(double (*kb)(size_t cycle), size_t count)
{
	struct slab_growth growth;
	double values[COUNT];

	for (size_t i = 0; i < count; i++)
		values[i] = kb(i);
	slab_judge(values, count, &growth);
	return growth;
}

static double still(size_t i)
{
	(void)i;
	return 10000;
}

static double noisy(size_t i)
{
	return 10000 + 120 * noise(i);
}

static double warming_up(size_t i)
{
	return i < COUNT / 2 ? 10000 + 80 * (double)i : 14000 + 40 * noise(i);
}

static double one_step(size_t i)
{
	return i < 75 ? 10000 : 10400;
}

static double early_step(size_t i)
{
	return (i < 60 ? 10000 : 10400) + 20 * noise(i);
}

static double leak(size_t i)
{
	return 10000 + 4 * (double)i;
}

static double noisy_leak(size_t i)
{
	return 10000 + 16 * (double)i + 120 * noise(i);
}

static void what_stays_does_not_grow(void **unused)
{
	assert_false(judge(still, COUNT).grows);
	assert_true(judge(still, COUNT).is_known);
	assert_false(judge(noisy, COUNT).grows);
}

static void caches_may_fill_in_the_first_half(void **unused)
{
	struct slab_growth growth = judge(warming_up, COUNT);

	assert_int_equal(growth.first, 50);
	assert_int_equal(growth.count, 50);
	assert_false(growth.grows);
}

static void a_step_is_no_leak(void **unused)
{
	assert_false(judge(one_step, COUNT).grows);
	assert_false(judge(early_step, COUNT).grows);
}

static void a_page_a_cycle_is_a_leak(void **unused)
{
	struct slab_growth growth = judge(leak, COUNT);

	assert_true(growth.grows);
	assert_true(growth.kb_a_cycle > 3.99 && growth.kb_a_cycle < 4.01);
	assert_true(growth.noise_kb > 0);
}

static void a_leak_shows_through_noise(void **unused)
{
	struct slab_growth growth = judge(noisy_leak, COUNT);

	assert_true(growth.grows);
	assert_true(growth.kb_a_cycle > 12 && growth.kb_a_cycle < 20);
}

static void a_few_cycles_tell_nothing(void **unused)
{
	assert_false(judge(leak, SLAB_LEAST_CYCLES - 1).is_known);
	assert_false(judge(leak, SLAB_LEAST_CYCLES - 1).grows);
	assert_true(judge(leak, SLAB_LEAST_CYCLES).grows);
	assert_false(judge(leak, 1).is_known);
	assert_false(judge(leak, 0).is_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_does_not_grow),
		cmocka_unit_test(caches_may_fill_in_the_first_half),
		cmocka_unit_test(a_step_is_no_leak),
		cmocka_unit_test(a_page_a_cycle_is_a_leak),
		cmocka_unit_test(a_leak_shows_through_noise),
		cmocka_unit_test(a_few_cycles_tell_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
