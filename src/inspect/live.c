// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One function of this machine: what sysfs says about it, and the windows into its BARs.
 *
 * The next kernel runs this for every function before it loads a driver, in the middle of a
 * hand-over, so each costs a handful of system calls: a BAR is opened when a decoder asks for it.
 */
#include "inspect/live.h"

#include "base/error.h"
#include "sys/bar.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define POWER_D3COLD 4

struct window {
	struct bar *bar;
	int error; /* of the attempt to open it, not made twice */
};

static int window_read(const struct function *f, unsigned int index, uint64_t offset,
		       unsigned int width, uint64_t *ret_value)
{
	struct window *window = (struct window *)f->context + index;

	if (!window->bar && !window->error)
		window->error = bar_open(f->sys->root, f->path, index, &window->bar);
	if (window->error)
		return window->error;
	switch (width) {
	case 1:
		*ret_value = bar_read8(window->bar, offset);
		return 0;
	case 2:
		*ret_value = bar_read16(window->bar, offset);
		return 0;
	default:
		*ret_value = bar_read32(window->bar, offset);
		return 0;
	}
}

/* The kernel's own word: "D0", ..., "D3hot", "D3cold", "unknown" for what no driver ever held. */
static int kernel_power_state(const struct sysroot *root, const char *path)
{
	char name[PATH_MAX], text[16];

	snprintf(name, sizeof(name), "%s/power_state", path);
	if (sysroot_read(root, name, text, sizeof(text)) < 2 || text[0] != 'D')
		return -1;
	if (!strcmp(text, "D3cold"))
		return POWER_D3COLD;
	return text[1] >= '0' && text[1] <= '3' ? text[1] - '0' : -1;
}

static bool has_driver(const struct sysroot *root, const char *path)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s/driver", path);
	return sysroot_exists(root, name);
}

/* A register cannot be shared: a driver that came meanwhile has it to itself. */
static int window_write(const struct function *f, unsigned int index, uint64_t offset,
			unsigned int width, uint32_t value)
{
	if (has_driver(f->sys->root, f->path))
		return -EBUSY;
	return sys_register_write(f->sys, f->path, index, offset, width, value);
}

static uint16_t read_id(const struct sysroot *root, const char *path, const char *attribute)
{
	unsigned long long id;
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s/%s", path, attribute);
	return sysroot_read_u64(root, name, &id) < 0 ? 0xffff : (uint16_t)id;
}

/* The kernel made a virtual function's ids and BARs up from those of its physical function. */
static void identify(const struct sysroot *root, struct function *f)
{
	char name[PATH_MAX];
	bool is_io;

	function_identify(f);
	snprintf(name, sizeof(name), "%s/physfn", f->path);
	if (!sysroot_exists(root, name))
		return;
	function_identify_virtual(f, read_id(root, f->path, "vendor"),
				  read_id(root, f->path, "device"));
	for (unsigned int bar = 0; bar < 6; bar++)
		if (bar_kind(root, f->path, bar, &is_io) == 0)
			function_add_virtual_bar(f, bar, is_io);
}

/* Reading the config space of a function in D3cold through sysfs would wake it. */
static void conclude_cold(const struct sysroot *root, const char *path, struct inspection *ret)
{
	*ret = (struct inspection){ .verdict = VERDICT_UNREADABLE, .power_state = POWER_D3COLD };
	if (has_driver(root, path))
		ret->verdict = VERDICT_BOUND;
	else
		snprintf(
			ret->why, sizeof(ret->why),
			"asleep in D3cold: neither its config space nor its registers are touched");
}

static int read_function(const struct sysroot *root, struct function *f)
{
	int r = pci_config_read(root, f->path, &f->config);

	if (r == 0)
		identify(root, f);
	return r;
}

static void close_windows(struct window windows[6])
{
	for (size_t i = 0; i < 6; i++)
		bar_close(windows[i].bar);
}

static struct function function_at(const struct sys *sys, const char *path,
				   struct window windows[6])
{
	return (struct function){ .sys = sys,
				  .path = path,
				  .kernel_power = kernel_power_state(sys->root, path),
				  .read = window_read,
				  .write = window_write,
				  .context = windows };
}

int function_visit(const struct sys *sys, const char *path,
		   int (*work)(const struct function *f, void *context), void *context)
{
	struct window windows[6] = { 0 };
	struct function f = function_at(sys, path, windows);
	int r = f.kernel_power == POWER_D3COLD ? -ENODATA : read_function(sys->root, &f);

	if (r == 0)
		r = work(&f, context);
	close_windows(windows);
	return r;
}

void inspect_here(const struct sys *sys, const char *path, struct inspection *ret)
{
	struct window windows[6] = { 0 };
	struct function f = function_at(sys, path, windows);
	int r;

	if (f.kernel_power == POWER_D3COLD) {
		conclude_cold(sys->root, path, ret);
		return;
	}
	r = read_function(sys->root, &f);
	if (r) {
		*ret = (struct inspection){ .verdict = VERDICT_UNREADABLE, .power_state = -1 };
		snprintf(ret->why, sizeof(ret->why), "its config space cannot be read: %s",
			 errno_text(r));
		return;
	}
	inspect_function(&f, has_driver(sys->root, path), ret);
	close_windows(windows);
}
