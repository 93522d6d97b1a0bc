// SPDX-License-Identifier: GPL-2.0
/* The list as user space writes it, checked line by line: one wrong line refuses the whole. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "late.h"

/* More than any machine has functions to name; bounds the search for duplicates. */
#define STEPS_MAX   4096
#define TIMEOUT_MAX 86400

struct parser {
	struct late_list *list;
	size_t capacity;
	unsigned int line;
	bool has_timeout;
	char *reason; /* LATE_REASON_SIZE */
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

/* Takes the reference to @dev over, also when it refuses. */
static int add_step(struct parser *p, enum late_verb verb, struct device *dev)
{
	struct late_list *list = p->list;
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (list->steps[i].verb == verb && list->steps[i].dev == dev) {
			put_device(dev);
			return refuse(p, "a line above says the same of %s", dev_name(dev));
		}
	}
	if (list->count >= p->capacity) {
		put_device(dev);
		return refuse(p, "more than %zu steps", p->capacity);
	}
	list->steps[list->count++] = (struct late_step){ .verb = verb, .dev = dev };
	return 0;
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

/* The address as the kernel writes it, and not otherwise. */
static struct pci_dev *find_function(const char *address)
{
	unsigned int domain, bus, slot, function;
	struct pci_dev *pdev;

	if (sscanf(address, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return NULL;
	if (domain > INT_MAX || bus > 0xff || slot > 0x1f || function > 7)
		return NULL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, function));
	if (pdev && strcmp(pci_name(pdev), address)) {
		pci_dev_put(pdev);
		return NULL;
	}
	return pdev;
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

static int parse_function(struct parser *p, enum late_verb verb, const char *address)
{
	struct pci_dev *pdev = find_function(address);
	const char *wrong;

	if (!pdev)
		return refuse(p, "no PCI function '%.30s'", address);
	wrong = wrong_with(verb, pdev);
	if (wrong) {
		pci_dev_put(pdev);
		return refuse(p, "%s is %s", address, wrong);
	}
	return add_step(p, verb, &pdev->dev);
}

static int parse_stuck(struct parser *p, const char *path)
{
	struct device *dev = late_find_device(path);

	if (!dev)
		return refuse(p, "no device '%.100s'", path);
	return add_step(p, LATE_STUCK, dev);
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

static int parse_lines(struct parser *p, char *rest)
{
	char *line;
	int r = 0;

	/* The end of the last line is no line of its own. */
	while (r == 0 && (line = strsep(&rest, "\n")) && (rest || line[0])) {
		p->line++;
		r = parse_line(p, line);
	}
	if (r == 0 && p->line == 0) {
		p->line = 1;
		r = refuse(p, "the list is empty");
	}
	return r;
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

int late_list_parse(const char *text, size_t length, struct late_list **ret_list, char *reason)
{
	struct parser p = { .reason = reason };
	char *copy;
	int r;

	if (strlen(text) != length) {
		p.line = count_lines(text);
		return refuse(&p, "a zero byte");
	}
	p.capacity = min_t(size_t, count_lines(text), STEPS_MAX);
	p.list = kvzalloc(struct_size(p.list, steps, p.capacity), GFP_KERNEL);
	copy = kvmalloc(length + 1, GFP_KERNEL);
	if (p.list)
		p.list->text = kvmalloc(length + 1, GFP_KERNEL);
	if (p.list && p.list->text && copy) {
		memcpy(copy, text, length + 1);
		memcpy(p.list->text, text, length + 1);
		r = parse_lines(&p, copy);
	} else {
		r = -ENOMEM;
	}
	kvfree(copy);
	if (r)
		late_list_free(p.list);
	else
		*ret_list = p.list;
	return r;
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
