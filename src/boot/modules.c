// SPDX-License-Identifier: GPL-2.0-or-later
/* libkmod in children; see modules.h. */
#include "boot/modules.h"

#include "base/map.h"
#include "loop/task.h"

#include <errno.h>
#include <libkmod.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <unistd.h>

/* Linux cuts a longer one (MODULE_NAME_LEN is 56); a modalias is shorter than a page. */
#define ALIAS_SIZE 4096

struct modules {
	struct loop *loop;
	struct kmod_ctx *kmod;
	struct map *asked;     /* modaliases that were asked for */
	struct request *first; /* all of them, to be freed at the end */
	void (*idle)(void *context);
	void *context;
	size_t loading;
	bool is_held;
};

struct request {
	struct request *next;
	struct modules *modules;
	char alias[];
};

/* /usr/lib/modules is where an image with a merged /usr has them; /lib/modules is libkmod's own. */
static struct kmod_ctx *open_kmod(void)
{
	struct kmod_ctx *kmod;
	struct utsname uts;
	char folder[sizeof(uts.release) + 32];

	uname(&uts);
	snprintf(folder, sizeof(folder), "/usr/lib/modules/%s", uts.release);
	kmod = kmod_new(access(folder, F_OK) == 0 ? folder : NULL, NULL);
	if (!kmod)
		return NULL;
	/* An image holds few of the modules that its indexes name: no line for each that it lacks. */
	kmod_set_log_priority(kmod, LOG_EMERG);
	kmod_load_resources(kmod);
	return kmod;
}

static int insert_all(struct kmod_ctx *kmod, const char *alias)
{
	struct kmod_list *list = NULL, *item;
	int r = kmod_module_new_from_lookup(kmod, alias, &list);
	int result = r < 0 ? r : -ENOENT;

	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);

		r = kmod_module_probe_insert_module(module, KMOD_PROBE_APPLY_BLACKLIST, NULL, NULL,
						    NULL, NULL);
		/* Positive: a modprobe.d(5) forbids it, which is the administrator's word. */
		if (r >= 0 || result == -ENOENT)
			result = r < 0 ? r : 0;
		kmod_module_unref(module);
	}
	kmod_module_unref_list(list);
	return result;
}

int modules_load(const char *name)
{
	struct kmod_ctx *kmod = open_kmod();
	int r = kmod ? insert_all(kmod, name) : -ENOMEM;

	kmod_unref(kmod);
	return r;
}

int modules_serve_kernel(int argc, char *argv[])
{
	return modules_load(argv[argc - 1]) < 0 ? 1 : 0;
}

int modules_new(struct loop *loop, void (*idle)(void *context), void *context,
		struct modules **ret_modules, struct error *e)
{
	struct modules *modules = calloc(1, sizeof(*modules));

	if (!modules)
		return error_set(e, -ENOMEM, "modules: %m");
	*modules = (struct modules){
		.loop = loop,
		.kmod = open_kmod(),
		.asked = map_new(),
		.idle = idle,
		.context = context,
	};
	if (!modules->kmod || !modules->asked) {
		modules_free(modules);
		return error_set(e, -ENOMEM, "modules: libkmod cannot be set up: %m");
	}
	*ret_modules = modules;
	return 0;
}

void modules_free(struct modules *modules)
{
	if (!modules)
		return;
	while (modules->first) {
		struct request *request = modules->first;

		modules->first = request->next;
		free(request);
	}
	map_free(modules->asked);
	kmod_unref(modules->kmod);
	free(modules);
}

static int request_run(void *context, FILE *answer)
{
	const struct request *request = context;

	return insert_all(request->modules->kmod, request->alias);
}

static void request_ended(void *context, const char *answer, size_t length)
{
	struct request *request = context;
	struct modules *modules = request->modules;

	if (--modules->loading == 0)
		modules->idle(modules->context);
}

/* Not in the kernel yet, and in the image: its indexes name all modules that the kernel has. */
static bool can_load(struct kmod_module *module)
{
	int state = kmod_module_get_initstate(module);
	const char *path = kmod_module_get_path(module);

	return state != KMOD_MODULE_LIVE && state != KMOD_MODULE_BUILTIN && path &&
	       access(path, R_OK) == 0;
}

/* Most of what a coldplug asks for needs no child. */
static bool is_needed(struct modules *modules, const char *alias)
{
	struct kmod_list *list = NULL, *item;
	bool needed = false;

	if (kmod_module_new_from_lookup(modules->kmod, alias, &list) < 0)
		return false;
	kmod_list_foreach(item, list)
	{
		struct kmod_module *module = kmod_module_get_module(item);

		needed |= can_load(module);
		kmod_module_unref(module);
	}
	kmod_module_unref_list(list);
	return needed;
}

static struct request *remember(struct modules *modules, const char *alias)
{
	struct request *request = malloc(sizeof(*request) + strlen(alias) + 1);

	if (!request)
		return NULL;
	strcpy(request->alias, alias);
	request->modules = modules;
	if (map_put(modules->asked, request->alias, request) < 0) {
		free(request);
		return NULL;
	}
	request->next = modules->first;
	modules->first = request;
	return request;
}

void modules_request(struct modules *modules, const char *modalias)
{
	struct task_work work = { .run = request_run, .ended = request_ended };
	struct task *task;

	if (modules->is_held || strlen(modalias) >= ALIAS_SIZE || map_get(modules->asked, modalias))
		return;
	work.context = remember(modules, modalias);
	if (!work.context || !is_needed(modules, modalias))
		return;
	if (task_start(modules->loop, &work, &task) == 0)
		modules->loading++;
}

void modules_hold(struct modules *modules, bool held)
{
	modules->is_held = held;
}

size_t modules_loading(const struct modules *modules)
{
	return modules->loading;
}
