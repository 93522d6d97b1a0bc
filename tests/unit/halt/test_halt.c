// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each class's stop on a controller made of bytes: that the decoder of inspect/ sees it running before and
 * quiet afterwards, what is written meanwhile, and what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "halt/halt.h"
#include "inspect/function.h"
#include "unit/inspect/test_inspect_fake.h"

#include <stdio.h>

#define BAR_SIZE   0x2000
#define WRITES_MAX 16

/* ---- a controller */

/* Without padding, to be compared as a whole. */
struct write {
	uint32_t bar, width, offset, value;
};

struct controller {
	uint8_t bars[6][BAR_SIZE];
	struct write writes[WRITES_MAX];
	size_t write_count;
	unsigned int paused_us;
	void (*obey)(
		struct controller *c); /* what it does of itself while time passes; NULL: nothing */
	int refuses;		       /* the answer to each write; 0: taken */
};

static uint32_t get(const struct controller *c, unsigned int bar, uint64_t offset,
		    unsigned int width)
{
	uint32_t value = 0;

	assert_true(bar < 6 && offset + width <= BAR_SIZE);
	for (unsigned int i = 0; i < width; i++)
		value |= (uint32_t)c->bars[bar][offset + i] << (8 * i);
	return value;
}

static void set(struct controller *c, unsigned int bar, uint64_t offset, unsigned int width,
		uint32_t value)
{
	assert_true(bar < 6 && offset + width <= BAR_SIZE);
	for (unsigned int i = 0; i < width; i++)
		c->bars[bar][offset + i] = (uint8_t)(value >> (8 * i));
}

static int controller_read(const struct function *f, unsigned int bar, uint64_t offset,
			   unsigned int width, uint64_t *ret_value)
{
	*ret_value = get(f->context, bar, offset, width);
	return 0;
}

static int controller_write(const struct function *f, unsigned int bar, uint64_t offset,
			    unsigned int width, uint32_t value)
{
	struct controller *c = f->context;

	if (c->refuses)
		return c->refuses;
	assert_true(c->write_count < WRITES_MAX);
	c->writes[c->write_count++] = (struct write){ bar, width, (uint32_t)offset, value };
	set(c, bar, offset, width, value);
	return 0;
}

static void pass_time(void *context, unsigned int us)
{
	struct controller *c = context;

	c->paused_us += us;
	if (c->obey)
		c->obey(c);
}

/* ---- one of each class, running */

#define P0CMD 0x118
#define P2CMD 0x218

static void ahci_runs(struct controller *c)
{
	set(c, 5, 0x04, 4, 0x80000002);	 /* GHC: AE, IE */
	set(c, 5, 0x0c, 4, 0x00000005);	 /* PI: ports 0 and 2 */
	set(c, 5, P0CMD, 4, 0x0000c017); /* CR, FR, FRE, POD, SUD, ST */
	set(c, 5, P2CMD, 4, 0x00004016); /* FR, FRE, POD, SUD */
}

/* 3.3.7: CR follows ST, FR follows FRE; GHC.HR goes once the reset is done. */
static void ahci_obeys(struct controller *c)
{
	for (unsigned int at = P0CMD; at <= P2CMD; at += 0x100) {
		uint32_t cmd = get(c, 5, at, 4);

		if (!(cmd & 0x01))
			cmd &= ~0x8000u;
		if (!(cmd & 0x10))
			cmd &= ~0x4000u;
		set(c, 5, at, 4, cmd);
	}
}

static void nvme_runs(struct controller *c)
{
	set(c, 0, 0x00, 4, 0x0f0103ff); /* CAP.TO: 7.5 s */
	set(c, 0, 0x14, 4, 0x00460001);
	set(c, 0, 0x1c, 4, 0x00000001);
}

static void nvme_obeys(struct controller *c)
{
	if (!(get(c, 0, 0x14, 4) & 1))
		set(c, 0, 0x1c, 4, 0);
}

/* Operational registers at 20h, extended capabilities at 40h: one of another kind, then USBLEGSUP. */
static void xhci_runs(struct controller *c)
{
	set(c, 0, 0x00, 4, 0x01000020);
	set(c, 0, 0x10, 4, 0x00100000);
	set(c, 0, 0x40, 4, 0x00000402);
	set(c, 0, 0x50, 4, 0x01000001);
	set(c, 0, 0x20, 4, 0x00000005);
	set(c, 0, 0x24, 4, 0x00000000);
}

static void xhci_obeys(struct controller *c)
{
	if (!(get(c, 0, 0x20, 4) & 1))
		set(c, 0, 0x24, 4, 0x00000001);
}

static void ehci_runs(struct controller *c)
{
	set(c, 0, 0x00, 4, 0x01000020);
	set(c, 0, 0x08, 4, 0x00006871); /* EECP: 68h */
	set(c, 0, 0x20, 4, 0x00010031);
	set(c, 0, 0x24, 4, 0x0000c008);
}

static void ehci_obeys(struct controller *c)
{
	if (!(get(c, 0, 0x20, 4) & 1))
		set(c, 0, 0x24, 4, 0x00001008);
}

static void ohci_runs(struct controller *c)
{
	set(c, 0, 0x04, 4, 0x000002bf);
}

static void uhci_runs(struct controller *c)
{
	set(c, 4, 0x00, 2, 0x00c1);
	set(c, 4, 0x02, 2, 0x0000);
}

static void uhci_obeys(struct controller *c)
{
	if (!(get(c, 4, 0x00, 2) & 1))
		set(c, 4, 0x02, 2, 0x0020);
}

#define SD4 0x100

static void hda_runs(struct controller *c)
{
	set(c, 0, 0x00, 2, 0x4401); /* four streams in, four out */
	set(c, 0, 0x08, 4, 0x00000001);
	set(c, 0, SD4, 4, 0x0010001e);
	set(c, 0, 0x4c, 1, 0x02);
	set(c, 0, 0x5c, 1, 0x02);
}

static void sdhci_runs(struct controller *c)
{
	set(c, 0, 0x24, 4, 0x01ff0306); /* read and write under way */
	set(c, 0, 0x0c, 2, 0x0033);
}

static void sdhci_obeys(struct controller *c)
{
	if (!(get(c, 0, 0x2f, 1) & 0x04))
		return;
	set(c, 0, 0x2f, 1, 0);
	set(c, 0, 0x24, 4, 0x01ff0000);
}

/* What registers that need no time do at once, and what time has to pass for. */
static const struct sample {
	const char *name;
	uint32_t class_code;
	unsigned int io_bars;
	void (*runs)(struct controller *c);
	void (*obeys)(struct controller *c);
	unsigned int stop_ms;	  /* of one that does stop, at most */
	unsigned int patience_ms; /* of one that does not */
} samples[] = {
	{ "ahci", 0x010601, 0, ahci_runs, ahci_obeys, 3, 1500 },
	{ "nvme", 0x010802, 0, nvme_runs, nvme_obeys, 3, 7500 },
	{ "xhci", 0x0c0330, 0, xhci_runs, xhci_obeys, 3, 100 },
	{ "ehci", 0x0c0320, 0, ehci_runs, ehci_obeys, 3, 100 },
	{ "ohci", 0x0c0310, 0, ohci_runs, NULL, 3, 100 },
	{ "uhci", 0x0c0300, 1u << 4, uhci_runs, uhci_obeys, 3, 100 },
	{ "hda", 0x040300, 0, hda_runs, NULL, 3, 100 },
	{ "sdhci", 0x080501, 0, sdhci_runs, sdhci_obeys, 1003, 1100 },
};

struct bench {
	const struct sample *sample;
	struct function f;
	struct controller c;
	const char *why;
};

static const struct sample *sample_find(const char *name)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (!strcmp(samples[i].name, name))
			return &samples[i];
	fail_msg("no sample %s", name);
	return NULL;
}

static void bench_init(struct bench *b, const struct sample *sample)
{
	struct fake unused = { 0 };

	memset(b, 0, sizeof(*b));
	b->sample = sample;
	fake_function(&b->f, &unused, sample->class_code, 0x8086, 0x1234, sample->io_bars);
	b->f.read = controller_read;
	b->f.write = controller_write;
	b->f.context = &b->c;
	b->c.obey = sample->obeys;
	sample->runs(&b->c);
}

static int stop(struct bench *b)
{
	return halt_function(&b->f, halt_class_find(b->sample->class_code), pass_time, &b->c,
			     &b->why);
}

static enum verdict verdict(struct bench *b)
{
	struct inspection ins;

	inspect_function(&b->f, false, &ins);
	assert_string_equal(ins.engine, b->sample->name);
	return ins.verdict;
}

#define EACH_SAMPLE(b)                                                                             \
	for (size_t i_ = 0;                                                                        \
	     i_ < sizeof(samples) / sizeof(samples[0]) && (bench_init(b, &samples[i_]), true);     \
	     i_++)

/* ---- what holds for each */

static void each_class_is_stopped(void **unused)
{
	struct bench b;

	EACH_SAMPLE(&b)
	{
		assert_int_equal(verdict(&b), VERDICT_MASKED);
		assert_int_equal(stop(&b), 0);
		assert_null(b.why);
		assert_true(b.c.write_count > 0);
		assert_int_equal(verdict(&b), VERDICT_QUIET);
		assert_true(b.c.paused_us <= 1000 * b.sample->stop_ms);
	}
}

/* A stop has an end in any case, and the registers then say that it runs on. */
static void each_class_that_does_not_obey_is_given_up_in_time(void **unused)
{
	struct bench b;

	EACH_SAMPLE(&b)
	{
		if (!b.sample->obeys)
			continue;
		b.c.obey = NULL;
		assert_int_equal(stop(&b), -ETIMEDOUT);
		assert_int_equal(verdict(&b), VERDICT_MASKED);
		assert_true(b.c.paused_us >= 1000 * b.sample->patience_ms / 2);
		assert_true(b.c.paused_us <= 1000 * b.sample->patience_ms);
	}
}

/* A bit that reads as 1 until its DMA has stopped, and does for ever. */
static void sticks(struct controller *c)
{
	set(c, 0, SD4, 1, 0x1e);
	set(c, 0, 0x04, 4, 0x000002bf);
}

static int stuck_read(const struct function *f, unsigned int bar, uint64_t offset,
		      unsigned int width, uint64_t *ret_value)
{
	sticks(f->context);
	return controller_read(f, bar, offset, width, ret_value);
}

static void bits_that_read_back_as_set_are_given_up_in_time(void **unused)
{
	static const char *const names[] = { "ohci", "hda" };
	struct bench b;

	for (size_t i = 0; i < 2; i++) {
		bench_init(&b, sample_find(names[i]));
		b.f.read = stuck_read;
		assert_int_equal(stop(&b), -ETIMEDOUT);
		assert_int_equal(b.c.paused_us, 100000);
	}
}

static void nothing_is_written_where_nothing_is_decoded(void **unused)
{
	struct bench b;

	EACH_SAMPLE(&b)
	{
		fake_put16(&b.f, PCI_REG_COMMAND, 0);
		assert_int_equal(stop(&b), -ENXIO);
		assert_int_equal(b.c.write_count, 0);
	}
}

static void nothing_is_written_to_what_does_not_answer(void **unused)
{
	struct bench b;

	EACH_SAMPLE(&b)
	{
		memset(b.c.bars, 0xff, sizeof(b.c.bars));
		assert_int_equal(stop(&b), -ENODATA);
		assert_int_equal(b.c.write_count, 0);
	}
}

static void what_the_kernel_refuses_is_said(void **unused)
{
	struct bench b;

	EACH_SAMPLE(&b)
	{
		b.c.refuses = -EPERM;
		assert_int_equal(stop(&b), -EPERM);
		b.c.refuses = -EBUSY;
		assert_int_equal(stop(&b), -EBUSY);
	}
}

/* Another device in its place, or one that a physical function's driver has in its hand. */
static void another_function_is_left_alone(void **unused)
{
	struct bench b;

	EACH_SAMPLE(&b)
	{
		const struct halt_class *class = halt_class_find(b.sample->class_code);

		b.f.is_virtual = true;
		assert_int_equal(halt_function(&b.f, class, pass_time, &b.c, &b.why), -ENODEV);
		b.f.is_virtual = false;
		b.f.class_code = 0x010400;
		assert_int_equal(halt_function(&b.f, class, pass_time, &b.c, &b.why), -ENODEV);
		assert_int_equal(b.c.write_count, 0);
	}
}

static void other_classes_have_no_stop(void **unused)
{
	/* RAID, SAS, SATA without AHCI, IDE, NVMe's administrative controllers, networks, a display,
	 * USB devices, Thunderbolt. */
	static const uint32_t codes[] = { 0x010400, 0x010700, 0x010600, 0x01018a,
					  0x010803, 0x020000, 0x028000, 0x030000,
					  0x0c03fe, 0x0c0340, 0x0c0380, 0x060400 };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_null(halt_class_find(codes[i]));
}

/* ---- what is of one class */

static void ahci_keeps_power_and_goes_port_by_port(void **unused)
{
	static const struct write expected[] = {
		{ 5, 4, P0CMD, 0x0000c016 }, /* ST */
		{ 5, 4, P0CMD, 0x00004006 }, /* FRE, once CR is gone */
		{ 5, 4, P2CMD, 0x00004006 },
	};
	struct bench b;

	bench_init(&b, sample_find("ahci"));
	assert_int_equal(stop(&b), 0);
	assert_int_equal(b.c.write_count, 3);
	assert_memory_equal(b.c.writes, expected, sizeof(expected));
	assert_int_equal(get(&b.c, 5, P0CMD, 4), 0x00000006);
}

/* The command list of port 0 stays on until the whole controller is reset. */
static void ahci_port_hangs(struct controller *c)
{
	if (!(get(c, 5, 0x04, 4) & 1))
		return;
	set(c, 5, 0x04, 4, 0);
	set(c, 5, P0CMD, 4, 0x00000006);
	set(c, 5, P2CMD, 4, 0x00000006);
}

static void ahci_that_hangs_is_reset_as_a_whole(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("ahci"));
	b.c.obey = ahci_port_hangs;
	assert_int_equal(stop(&b), 0);
	/* FRE was not touched while CR was set. */
	assert_int_equal(b.c.write_count, 2);
	assert_int_equal(b.c.writes[1].offset, 0x04);
	assert_int_equal(b.c.writes[1].value, 0x80000003);
	assert_int_equal(verdict(&b), VERDICT_QUIET);
}

static void expect_refusal(struct bench *b, int code, const char *words)
{
	assert_int_equal(stop(b), code);
	assert_non_null(b->why);
	assert_non_null(strstr(b->why, words));
	assert_int_equal(b->c.write_count, 0);
}

static void what_firmware_owns_is_left_to_it(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("ahci"));
	set(&b.c, 5, 0x24, 4, 0x1);
	set(&b.c, 5, 0x28, 4, 0x1);
	expect_refusal(&b, -EBUSY, "BOHC");
	bench_init(&b, sample_find("xhci"));
	set(&b.c, 0, 0x50, 4, 0x00010001);
	expect_refusal(&b, -EBUSY, "USBLEGSUP");
	bench_init(&b, sample_find("ehci"));
	fake_put32(&b.f, 0x68, 0x00010001);
	expect_refusal(&b, -EBUSY, "USBLEGSUP");
	bench_init(&b, sample_find("ohci"));
	set(&b.c, 0, 0x04, 4, 0x000003bf);
	expect_refusal(&b, -EBUSY, "HcControl.IR");
	bench_init(&b, sample_find("uhci"));
	fake_put16(&b.f, 0xc0, 0x2010);
	expect_refusal(&b, -EBUSY, "LEGSUP");
}

/* Lists that bite their own tail, and one that ends without USBLEGSUP. */
static void lists_of_capabilities_end(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("xhci"));
	set(&b.c, 0, 0x50, 4, 0x00000102);
	for (unsigned int at = 0x54; at < 0x54 + 4 * 80; at += 4)
		set(&b.c, 0, at, 4, 0x00000102);
	assert_int_equal(stop(&b), 0);
	bench_init(&b, sample_find("ehci"));
	fake_put32(&b.f, 0x68, 0x00006802);
	assert_int_equal(stop(&b), 0);
}

static void ahci_in_legacy_mode_is_left_alone(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("ahci"));
	set(&b.c, 5, 0x04, 4, 0x00000002);
	expect_refusal(&b, -EPROTO, "legacy mode");
}

static void xhci_that_is_not_ready_is_not_written_to(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("xhci"));
	set(&b.c, 0, 0x24, 4, 0x00000800);
	expect_refusal(&b, -EBUSY, "CNR");
}

static void nvme_that_shuts_down_is_left_to_it(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("nvme"));
	set(&b.c, 0, 0x1c, 4, 0x00000005);
	expect_refusal(&b, -EBUSY, "shutting down");
}

static void nvme_becomes_ready(struct controller *c)
{
	bool enabled = get(c, 0, 0x14, 4) & 1;

	if (c->paused_us >= 50000)
		set(c, 0, 0x1c, 4, enabled);
}

/* EN must not go back to 0 before RDY has followed it to 1. */
static void nvme_that_starts_is_waited_for(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("nvme"));
	set(&b.c, 0, 0x1c, 4, 0);
	b.c.obey = nvme_becomes_ready;
	assert_int_equal(stop(&b), 0);
	assert_true(b.c.paused_us >= 50000);
	assert_int_equal(b.c.write_count, 1);
	bench_init(&b, sample_find("nvme"));
	set(&b.c, 0, 0x1c, 4, 0);
	b.c.obey = NULL;
	assert_int_equal(stop(&b), -ETIMEDOUT);
	assert_int_equal(b.c.write_count, 0);
}

static void nvme_after_a_fatal_error_is_disabled(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("nvme"));
	set(&b.c, 0, 0x1c, 4, 0x00000002);
	b.c.obey = nvme_obeys;
	assert_int_equal(stop(&b), 0);
	assert_int_equal(get(&b.c, 0, 0x14, 4), 0x00460000);
}

/* The byte above SDnCTL is cleared by writing 1, and a ring in reset need not answer. */
static void hda_writes_single_bytes_and_nothing_in_reset(void **unused)
{
	static const struct write expected[] = { { 0, 1, SD4, 0x1c },
						 { 0, 1, 0x4c, 0 },
						 { 0, 1, 0x5c, 0 } };
	struct bench b;

	bench_init(&b, sample_find("hda"));
	assert_int_equal(stop(&b), 0);
	assert_int_equal(b.c.write_count, 3);
	assert_memory_equal(b.c.writes, expected, sizeof(expected));
	bench_init(&b, sample_find("hda"));
	set(&b.c, 0, 0x08, 4, 0);
	assert_int_equal(stop(&b), 0);
	assert_int_equal(b.c.write_count, 0);
}

static void sdhci_ends_its_transfer(struct controller *c)
{
	if (c->paused_us >= 400000)
		set(c, 0, 0x24, 4, 0x01ff0000);
}

/* It may be firmware's: a reset would cut it short. */
static void sdhci_transfer_that_ends_by_itself_is_waited_for(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("sdhci"));
	b.c.obey = sdhci_ends_its_transfer;
	assert_int_equal(stop(&b), 0);
	assert_int_equal(b.c.write_count, 0);
	assert_int_equal(verdict(&b), VERDICT_QUIET);
}

static void ohci_keeps_what_wakes_it(void **unused)
{
	struct bench b;

	bench_init(&b, sample_find("ohci"));
	assert_int_equal(stop(&b), 0);
	assert_int_equal(get(&b.c, 0, 0x04, 4), 0x00000203);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_class_is_stopped),
		cmocka_unit_test(each_class_that_does_not_obey_is_given_up_in_time),
		cmocka_unit_test(bits_that_read_back_as_set_are_given_up_in_time),
		cmocka_unit_test(nothing_is_written_where_nothing_is_decoded),
		cmocka_unit_test(nothing_is_written_to_what_does_not_answer),
		cmocka_unit_test(what_the_kernel_refuses_is_said),
		cmocka_unit_test(another_function_is_left_alone),
		cmocka_unit_test(other_classes_have_no_stop),
		cmocka_unit_test(ahci_keeps_power_and_goes_port_by_port),
		cmocka_unit_test(ahci_that_hangs_is_reset_as_a_whole),
		cmocka_unit_test(what_firmware_owns_is_left_to_it),
		cmocka_unit_test(lists_of_capabilities_end),
		cmocka_unit_test(ahci_in_legacy_mode_is_left_alone),
		cmocka_unit_test(xhci_that_is_not_ready_is_not_written_to),
		cmocka_unit_test(nvme_that_shuts_down_is_left_to_it),
		cmocka_unit_test(nvme_that_starts_is_waited_for),
		cmocka_unit_test(nvme_after_a_fatal_error_is_disabled),
		cmocka_unit_test(hda_writes_single_bytes_and_nothing_in_reset),
		cmocka_unit_test(ohci_keeps_what_wakes_it),
		cmocka_unit_test(sdhci_transfer_that_ends_by_itself_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
