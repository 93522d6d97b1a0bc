// SPDX-License-Identifier: GPL-2.0
/*
 * Does what a kernel that watches itself has to find, chosen by a parameter, so that a test whose
 * kernel found nothing has shown something.
 *
 *   fault=memory   memory is read after it was given back (KASAN)
 *   fault=locks    two locks are taken in both orders (lockdep)
 *   fault=leak     memory is forgotten (kmemleak)
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

static char *fault = "none";
module_param(fault, charp, 0444);
MODULE_PARM_DESC(fault, "memory, locks or leak");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void take_both(struct mutex *a, struct mutex *b)
{
	mutex_lock(a);
	mutex_lock(b);
	mutex_unlock(b);
	mutex_unlock(a);
}

static void read_after_free(void)
{
	char *memory = kzalloc(64, GFP_KERNEL);

	if (!memory)
		return;
	OPTIMIZER_HIDE_VAR(memory);
	kfree(memory);
	pr_info("read %d\n", READ_ONCE(memory[8]));
}

static int __init faulty_init(void)
{
	void *forgotten;

	if (!strcmp(fault, "memory"))
		read_after_free();
	if (!strcmp(fault, "locks")) {
		take_both(&first, &second);
		take_both(&second, &first);
	}
	if (!strcmp(fault, "leak")) {
		forgotten = kzalloc(64, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(forgotten);
	}
	return 0;
}
module_init(faulty_init);

static void __exit faulty_exit(void)
{
}
module_exit(faulty_exit);

MODULE_DESCRIPTION("Faults for tests of what finds them");
MODULE_LICENSE("GPL");
