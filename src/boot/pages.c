// SPDX-License-Identifier: GPL-2.0-or-later
/* The plan and the last record as text; see pages.h. */
#include "boot/pages.h"

#include "boot/info.h"
#include "boot/prospect.h"
#include "loop/task.h"
#include "print/plan_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A report is a line a device. */
#define REPORT_SIZE (256 * 1024)

struct page {
	struct pages *pages;
	struct task *task;
	char *text;
};

struct pages {
	struct loop *loop;
	const struct sys *sys;
	const struct settings *settings;
	void (*changed)(void *context);
	void *context;
	struct page plan, last, info;
};

int pages_new(struct loop *loop, const struct sys *sys, const struct settings *settings,
	      void (*changed)(void *context), void *context, struct pages **ret_pages)
{
	struct pages *pages = calloc(1, sizeof(*pages));

	if (!pages)
		return -ENOMEM;
	*pages = (struct pages){
		.loop = loop,
		.sys = sys,
		.settings = settings,
		.changed = changed,
		.context = context,
		.plan.pages = pages,
		.last.pages = pages,
		.info.pages = pages,
	};
	*ret_pages = pages;
	return 0;
}

static int run_plan(void *context, FILE *answer)
{
	const struct pages *pages = ((const struct page *)context)->pages;
	struct error e = ERROR_NONE;
	struct graph *graph;
	struct plan *plan;
	int r = prospect_make(pages->sys->root, &pages->settings->plan, true, NULL, &graph, &plan,
			      &e);

	if (r < 0)
		fprintf(answer, "No plan could be made: %s\n", e.text);
	else
		plan_print_text(answer, plan, false);
	return 0;
}

/* By kexit itself, whose verb it is. */
static int run_last(void *context, FILE *answer)
{
	static char words[][8] = { "kexit", "report" };
	char *argv[] = { words[0], words[1], NULL };
	const struct pages *pages = ((const struct page *)context)->pages;
	char *output = malloc(REPORT_SIZE);
	int r = output ? sys_run(pages->sys, argv, output, REPORT_SIZE) : -ENOMEM;

	if (r < 0)
		fprintf(answer, "'kexit report' cannot be run: %s\n", errno_text(r));
	else
		fprintf(answer, "%s\n", output);
	free(output);
	return 0;
}

static int run_info(void *context, FILE *answer)
{
	const struct pages *pages = ((const struct page *)context)->pages;

	info_write(pages->sys->root, answer);
	return 0;
}

static void ended(void *context, const char *answer, size_t length)
{
	struct page *page = context;

	page->task = NULL;
	free(page->text);
	page->text = length ? strdup(answer) : NULL;
	page->pages->changed(page->pages->context);
}

static void make(struct page *page, int (*run)(void *context, FILE *answer))
{
	const struct task_work work = { .run = run, .ended = ended, .context = page };

	free(page->text);
	page->text = NULL;
	if (!page->task && task_start(page->pages->loop, &work, &page->task) < 0)
		page->task = NULL;
}

void pages_make_plan(struct pages *pages)
{
	make(&pages->plan, run_plan);
}

void pages_make_last(struct pages *pages)
{
	make(&pages->last, run_last);
}

void pages_make_info(struct pages *pages)
{
	make(&pages->info, run_info);
}

const char *pages_plan(const struct pages *pages)
{
	return pages->plan.text;
}

const char *pages_last(const struct pages *pages)
{
	return pages->last.text;
}

const char *pages_info(const struct pages *pages)
{
	return pages->info.text;
}

void pages_stop(struct pages *pages)
{
	task_drop(pages->plan.task);
	task_drop(pages->last.task);
	task_drop(pages->info.task);
	pages->plan.task = pages->last.task = pages->info.task = NULL;
}
