// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From what was read to a verdict; see inspect.h.
 *
 * Nothing in here reaches the hardware but through f->read, so that each verdict can be tested with
 * a table of register values.
 */
#include "inspect/inspect.h"

#include "base/error.h"
#include "inspect/function.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define REG_INTERRUPT_PIN    0x3d /* PCIe 6.0 7.5.1.1.13: 0, the function has no INTx */
#define PM_CONTROL	     0x04 /* 7.5.2.2, bits 1:0 are the state */
#define MSI_CONTROL	     0x02 /* 7.7.1.2 */
#define MSI_ENABLE	     0x0001
#define MSIX_CONTROL	     0x02 /* 7.7.2.2 */
#define MSIX_ENABLE	     0x8000
#define EXPRESS_STATUS	     0x0a /* 7.5.3.5 */
#define EXPRESS_TRANSACTIONS 0x0020

#define D0		     0
#define D3COLD		     4
#define UNKNOWN		     (-1)

static const char *const verdict_names[] = {
	[VERDICT_QUIET] = "quiet",	     [VERDICT_LIVE] = "live",
	[VERDICT_MASKED] = "masked",	     [VERDICT_UNKNOWN] = "unknown",
	[VERDICT_UNREADABLE] = "unreadable", [VERDICT_BOUND] = "bound",
};

const char *verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

__attribute__((format(printf, 3, 4))) static void
conclude(struct inspection *ins, enum verdict verdict, const char *format, ...)
{
	va_list args;

	ins->verdict = verdict;
	va_start(args, format);
	vsnprintf(ins->why, sizeof(ins->why), format, args);
	va_end(args);
}

/* ---- generic facts */

/* The 16-bit register at @offset of the capability @id; 0 where the function has none. */
static uint16_t capability_register(const struct pci_config *config, enum pci_cap id,
				    unsigned int offset)
{
	unsigned int at = pci_config_find(config, id, 0);

	return at ? pci_config_u16(config, at + offset) : 0;
}

/* Hardware says what it is in now; only the kernel knows about D3cold, where nothing answers. */
static int power_state(const struct function *f)
{
	if (f->kernel_power == D3COLD)
		return D3COLD;
	if (f->config.size <= 64)
		return UNKNOWN;
	/* A function without the capability is always in D0, which is what 0 says here. */
	return capability_register(&f->config, PCI_CAP_PM, PM_CONTROL) & 0x3;
}

static void collect_facts(const struct function *f, struct inspection *ins)
{
	const struct pci_config *config = &f->config;
	uint16_t command = pci_config_u16(config, PCI_REG_COMMAND);

	ins->has_config = true;
	ins->has_capabilities = config->size > 64;
	ins->vendor = f->vendor;
	ins->device = f->device;
	ins->class_code = f->class_code;
	ins->bus_master = command & PCI_CMD_MASTER;
	ins->memory_decode = command & PCI_CMD_MEMORY;
	ins->io_decode = command & PCI_CMD_IO;
	ins->intx_enabled =
		pci_config_u8(config, REG_INTERRUPT_PIN) && !(command & PCI_CMD_INTX_DISABLE);
	ins->intx_pending = pci_config_u16(config, PCI_REG_STATUS) & PCI_STATUS_INTX;
	ins->power_state = power_state(f);
	if (!ins->has_capabilities)
		return;
	ins->msi_enabled = capability_register(config, PCI_CAP_MSI, MSI_CONTROL) & MSI_ENABLE;
	ins->msix_enabled = capability_register(config, PCI_CAP_MSIX, MSIX_CONTROL) & MSIX_ENABLE;
	ins->transactions_pending =
		capability_register(config, PCI_CAP_EXPRESS, EXPRESS_STATUS) & EXPRESS_TRANSACTIONS;
}

/* ---- the engine and the verdict */

static const struct engine *engine_find(const struct function *f)
{
	for (const struct engine *const *e = engines; *e; e++)
		if ((*e)->matches(f))
			return *e;
	return NULL;
}

static void conclude_failure(struct inspection *ins, int code)
{
	switch (-code) {
	case ENODATA:
		conclude(ins, VERDICT_UNREADABLE,
			 "its registers read all-ones: it does not answer");
		break;
	case ENXIO:
		ins->decoding_off = true;
		conclude(
			ins, VERDICT_UNREADABLE,
			"address decoding is off in its Command register: no register can be reached");
		break;
	case ENOSYS:
		conclude(ins, VERDICT_UNKNOWN,
			 "no register tells, and asking takes a command, which would be a write");
		break;
	case EOPNOTSUPP:
		conclude(ins, VERDICT_UNREADABLE, "a captured machine has no registers");
		break;
	case EPERM:
		conclude(ins, VERDICT_UNREADABLE,
			 "the kernel refuses its registers (EPERM): it is locked down");
		break;
	case EACCES:
		conclude(ins, VERDICT_UNREADABLE, "only root may read its registers (EACCES)");
		break;
	case EBUSY:
		conclude(ins, VERDICT_UNREADABLE,
			 "a driver took it while it was looked at (EBUSY): unbind it first");
		break;
	case EPROTO:
		conclude(ins, VERDICT_UNREADABLE,
			 "its registers are in a mode that the decoder does not know (EPROTO)");
		break;
	case EINVAL:
		conclude(ins, VERDICT_UNREADABLE,
			 "a driver holds its registers (EINVAL from mmap): unbind it first");
		break;
	case ENOENT:
		conclude(ins, VERDICT_UNREADABLE,
			 "the BAR of its registers is missing or has no address (ENOENT)");
		break;
	default:
		conclude(ins, VERDICT_UNREADABLE, "its registers cannot be read: %s",
			 errno_text(code));
	}
}

static bool is_running(const struct inspection *ins)
{
	for (size_t i = 0; i < ins->reading_count; i++)
		if (ins->readings[i].running)
			return true;
	return false;
}

static void read_engine(const struct engine *engine, const struct function *f,
			struct inspection *ins)
{
	int r = engine->decode(f, ins);

	/* One register that shows an engine at work decides, even if a later one did not answer. */
	ins->is_running = is_running(ins);
	if (ins->is_running)
		ins->verdict = ins->bus_master ? VERDICT_LIVE : VERDICT_MASKED;
	else if (r)
		conclude_failure(ins, r);
	else
		ins->verdict = VERDICT_QUIET;
}

/*
 * A line that stays asserted interrupts the next kernel from the moment when anything on it is
 * enabled: without a driver for this function nobody can answer, and the line is given up ("nobody
 * cared") with all that share it. MSI and INTx exclude each other (PCIe 6.0 7.7.1.2).
 */
bool config_intx_drowns(const struct pci_config *config)
{
	return pci_config_u8(config, REG_INTERRUPT_PIN) &&
	       !(pci_config_u16(config, PCI_REG_COMMAND) & PCI_CMD_INTX_DISABLE) &&
	       (pci_config_u16(config, PCI_REG_STATUS) & PCI_STATUS_INTX) &&
	       !(capability_register(config, PCI_CAP_MSI, MSI_CONTROL) & MSI_ENABLE) &&
	       !(capability_register(config, PCI_CAP_MSIX, MSIX_CONTROL) & MSIX_ENABLE);
}

static void look_at_interrupt(const struct function *f, struct inspection *ins)
{
	if (!config_intx_drowns(&f->config))
		return;
	ins->intx_drowns = true;
	reading_add(ins, (struct reading){ .name = "Status",
					   .value = pci_config_u16(&f->config, PCI_REG_STATUS),
					   .width = 2,
					   .running = true,
					   .meaning = "INTx asserted, and not disabled" });
	/* What could not be read stays to be asked for again. */
	if (ins->verdict != VERDICT_UNREADABLE)
		conclude(ins, VERDICT_LIVE, "%s", "");
}

void inspect_function(struct function *f, bool bound, struct inspection *ret)
{
	const struct engine *engine;

	*ret = (struct inspection){ .power_state = UNKNOWN };
	if (!pci_config_answers(&f->config)) {
		conclude(
			ret, VERDICT_UNREADABLE,
			"gone: its config space reads all-ones, the link is down or it was unplugged");
		return;
	}
	collect_facts(f, ret);
	engine = engine_find(f);
	if (engine) {
		ret->engine = engine->name;
		ret->from_specification = engine->from_specification;
	}
	if (bound)
		ret->verdict = VERDICT_BOUND;
	else if (!engine)
		conclude(ret, VERDICT_UNKNOWN, "no decoder for class 0x%06" PRIx32 " (%04x:%04x)",
			 f->class_code, f->vendor, f->device);
	else if (ret->power_state == UNKNOWN)
		conclude(
			ret, VERDICT_UNREADABLE,
			"only root may read its power state, and a sleeping function must not be touched");
	else if (ret->power_state != D0)
		conclude(ret, VERDICT_UNREADABLE, "asleep in %s: its registers are not touched",
			 ret->power_state == D3COLD ? "D3cold"
			 : ret->power_state == 3    ? "D3hot"
			 : ret->power_state == 2    ? "D2"
						    : "D1");
	else
		read_engine(engine, f, ret);
	if (!bound && ret->power_state == D0)
		look_at_interrupt(f, ret);
}

void inspection_describe(const struct inspection *ins, char *buffer, size_t size)
{
	size_t used = 0;

	snprintf(buffer, size, "%s", ins->why[0] ? ins->why : verdict_name(ins->verdict));
	for (size_t i = 0; i < ins->reading_count && used < size; i++) {
		const struct reading *reading = &ins->readings[i];
		int n;

		if (!reading->running)
			continue;
		n = snprintf(buffer + used, size - used, "%s%s=0x%0*" PRIx64 "%s%s",
			     used ? ", " : "", reading->name, (int)(2 * reading->width),
			     reading->value, reading->meaning ? " " : "", reading->meaning ?: "");
		used += n > 0 ? (size_t)n : 0;
	}
}
