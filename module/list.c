// SPDX-License-Identifier: GPL-2.0
/*
 * The list as user space writes it, checked line by line. A line that nobody could have meant
 * refuses the whole list. One about a device that is not there, or not as the line wants it, was
 * right when it was written: it costs that device alone.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "late.h"

#define TIMEOUT_MAX   86400

/* "stuck /x" with its end: no step has a shorter line. */
#define SHORTEST_STEP 9

/* What a line came to, beside a negative errno. */
#define KEPT	      0
#define SKIPPED	      1

struct parser {
	struct late_list *list;
	/* Every PCI function of the machine by key_of(), referenced; a mark for each verb that a
	 * line had for it. */
	struct xarray functions;
	unsigned int line;
	bool has_timeout;
	unsigned int skipped;
	char first[LATE_REASON_SIZE / 2]; /* why the first of them was */
	char *reason;			  /* LATE_REASON_SIZE */
};

static __printf(2, 3) int refuse(struct parser *p, const char *format, ...)
{
	int n = scnprintf(p->reason, LATE_REASON_SIZE, "line %u: ", p->line);
	va_list args;

	va_start(args, format);
	vscnprintf(p->reason + n, LATE_REASON_SIZE - n, format, args);
	va_end(args);
	return -EINVAL;
}

static __printf(2, 3) int skip(struct parser *p, const char *format, ...)
{
	va_list args;
	int n;

	if (p->skipped++)
		return SKIPPED;
	n = scnprintf(p->first, sizeof(p->first), "line %u: ", p->line);
	va_start(args, format);
	vscnprintf(p->first + n, sizeof(p->first) - n, format, args);
	va_end(args);
	return SKIPPED;
}

/* Takes the reference to @dev over. There is room for a step of each line. */
static void add_step(struct parser *p, enum late_verb verb, struct device *dev)
{
	p->list->steps[p->list->count++] = (struct late_step){ .verb = verb, .dev = dev };
}

static int parse_timeout(struct parser *p, const char *words)
{
	unsigned int seconds;

	if (p->has_timeout)
		return refuse(p, "a line above has a timeout already");
	/* Digits alone: kstrtouint() would take a sign or the end of a line. */
	if (!words[0] || strspn(words, "0123456789") != strlen(words) ||
	    kstrtouint(words, 10, &seconds) || seconds > TIMEOUT_MAX)
		return refuse(p, "'%.30s' is no number of seconds up to %u", words, TIMEOUT_MAX);
	p->list->timeout = seconds;
	p->has_timeout = true;
	return 0;
}

static unsigned long key_of(unsigned int domain, unsigned int bus, unsigned int devfn)
{
	return (unsigned long)domain << 16 | bus << 8 | devfn;
}

/* One walk for the whole list: a search for each line would be one for each pair of functions. */
static int find_functions(struct parser *p)
{
	struct pci_dev *pdev = NULL;
	int r = 0;

	for_each_pci_dev(pdev)
	{
		unsigned long key =
			key_of(pci_domain_nr(pdev->bus), pdev->bus->number, pdev->devfn);
		struct pci_dev *other = xa_store(&p->functions, key, pci_dev_get(pdev), GFP_KERNEL);

		r = xa_err(other);
		if (r)
			other = pdev; /* of which nothing was stored */
		pci_dev_put(other);
		if (r)
			break;
	}
	pci_dev_put(r ? pdev : NULL);
	return r;
}

static void put_functions(struct parser *p)
{
	struct pci_dev *pdev;
	unsigned long key;

	xa_for_each(&p->functions, key, pdev) pci_dev_put(pdev);
	xa_destroy(&p->functions);
}

/* The address as the kernel writes it, and not otherwise. */
static bool parse_address(const char *address, unsigned long *ret_key)
{
	unsigned int domain, bus, slot, function;
	char again[32];

	if (sscanf(address, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return false;
	if (domain > INT_MAX || bus > 0xff || slot > 0x1f || function > 7)
		return false;
	scnprintf(again, sizeof(again), "%04x:%02x:%02x.%d", domain, bus, slot, function);
	*ret_key = key_of(domain, bus, PCI_DEVFN(slot, function));
	return !strcmp(address, again);
}

static const char *wrong_with(enum late_verb verb, struct pci_dev *pdev)
{
	switch (verb) {
	case LATE_RESET:
		if (!pdev->subordinate)
			return "no bridge with a bus below it";
		if (pci_probe_reset_bus(pdev->subordinate))
			return "a bridge whose bus must not be reset";
		return NULL;
	case LATE_RESET_FUNCTION:
		if (!pdev->reset_methods[0])
			return "a function without a reset";
		fallthrough;
	default:
		return pdev->hdr_type == PCI_HEADER_TYPE_NORMAL ? NULL : "no endpoint";
	}
}

static xa_mark_t mark_of(enum late_verb verb)
{
	switch (verb) {
	case LATE_CLEAR:
		return XA_MARK_0;
	case LATE_RESET:
		return XA_MARK_1;
	default:
		return XA_MARK_2;
	}
}

static int parse_function(struct parser *p, enum late_verb verb, const char *address)
{
	struct pci_dev *pdev;
	const char *wrong;
	unsigned long key;

	if (!parse_address(address, &key))
		return refuse(p, "'%.30s' is no PCI address", address);
	pdev = xa_load(&p->functions, key);
	if (!pdev)
		return skip(p, "no PCI function %s", address);
	if (xa_get_mark(&p->functions, key, mark_of(verb)))
		return refuse(p, "a line above says the same of %s", address);
	xa_set_mark(&p->functions, key, mark_of(verb));
	wrong = wrong_with(verb, pdev);
	if (wrong)
		return skip(p, "%s is %s", address, wrong);
	add_step(p, verb, &pci_dev_get(pdev)->dev);
	return KEPT;
}

/* Few are stuck. */
static bool is_listed(const struct late_list *list, const struct device *stuck)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (list->steps[i].verb == LATE_STUCK && list->steps[i].dev == stuck)
			return true;
	}
	return false;
}

static int parse_stuck(struct parser *p, const char *path)
{
	struct device *dev;

	if (path[0] != '/')
		return refuse(p, "'%.30s' is no path below /sys", path);
	dev = late_find_device(path);
	if (!dev)
		return skip(p, "no device %.70s", path);
	if (is_listed(p->list, dev)) {
		put_device(dev);
		return refuse(p, "a line above says the same of %s", dev_name(dev));
	}
	add_step(p, LATE_STUCK, dev);
	return KEPT;
}

static int parse_line(struct parser *p, char *line)
{
	char *words = strchr(line, ' ');

	if (p->line == 1)
		return strcmp(line, "kexit-late 1") ? refuse(p, "not 'kexit-late 1'") : 0;
	if (words)
		*words++ = '\0';
	else
		words = line + strlen(line);
	if (!strcmp(line, "timeout"))
		return parse_timeout(p, words);
	if (!strcmp(line, "clear"))
		return parse_function(p, LATE_CLEAR, words);
	if (!strcmp(line, "reset"))
		return parse_function(p, LATE_RESET, words);
	if (!strcmp(line, "reset-function"))
		return parse_function(p, LATE_RESET_FUNCTION, words);
	if (!strcmp(line, "stuck"))
		return parse_stuck(p, words);
	return refuse(p, "unknown word '%.30s'", line);
}

/* @copy is cut up; the list's own text, the same so far, keeps the lines that were not skipped. */
static int parse_lines(struct parser *p, char *copy)
{
	char *text = p->list->text, *rest = copy, *line;
	size_t kept = 0;
	int r = 0;

	/* The end of the last line is no line of its own. */
	while (r >= 0 && (line = strsep(&rest, "\n")) && (rest || line[0])) {
		size_t at = line - copy, length = strlen(line);

		p->line++;
		r = parse_line(p, line);
		if (r != KEPT)
			continue;
		memmove(text + kept, text + at, length);
		kept += length;
		text[kept++] = '\n';
	}
	text[kept] = '\0';
	if (r >= 0 && p->line == 0) {
		p->line = 1;
		r = refuse(p, "the list is empty");
	}
	return r < 0 ? r : 0;
}

static size_t count_lines(const char *text)
{
	size_t count = 1;

	while ((text = strchr(text, '\n'))) {
		text++;
		count++;
	}
	return count;
}

/* With room for a step of each line. */
static struct late_list *list_new(const char *text, size_t length)
{
	size_t steps = min(count_lines(text), length / SHORTEST_STEP + 1);
	struct late_list *list = kvzalloc(struct_size(list, steps, steps), GFP_KERNEL);

	if (!list)
		return NULL;
	/* The last line may come without its end, and gets one. */
	list->text = kvmalloc(length + 2, GFP_KERNEL);
	if (!list->text) {
		kvfree(list);
		return NULL;
	}
	memcpy(list->text, text, length + 1);
	return list;
}

int late_list_parse(const char *text, size_t length, struct late_list **ret_list, char *reason)
{
	struct parser p = { .reason = reason };
	char *copy;
	int r;

	if (strlen(text) != length) {
		p.line = count_lines(text);
		return refuse(&p, "a zero byte");
	}
	xa_init(&p.functions);
	p.list = list_new(text, length);
	copy = kvmalloc(length + 1, GFP_KERNEL);
	r = p.list && copy ? find_functions(&p) : -ENOMEM;
	if (!r) {
		memcpy(copy, text, length + 1);
		r = parse_lines(&p, copy);
	}
	put_functions(&p);
	kvfree(copy);
	if (r) {
		late_list_free(p.list);
		return r;
	}
	if (p.skipped)
		scnprintf(reason, LATE_REASON_SIZE, "skipped %u of %u lines; %s", p.skipped, p.line,
			  p.first);
	*ret_list = p.list;
	return 0;
}

void late_list_free(struct late_list *list)
{
	size_t i;

	if (!list)
		return;
	for (i = 0; i < list->count; i++)
		put_device(list->steps[i].dev);
	kvfree(list->text);
	kvfree(list);
}
