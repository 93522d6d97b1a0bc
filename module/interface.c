// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/kexit_late: one write() is one whole list, or "disarm"; read() tells what is armed, or after
 * a write that was refused, or of which lines were skipped, why.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "late.h"

/* A list of 200,000 functions. */
#define WRITE_MAX SZ_4M

/* One open file. */
struct reader {
	struct mutex lock;
	char *answer;		       /* what read() gives, or NULL: not asked yet */
	loff_t read;		       /* how much of it was given */
	char reason[LATE_REASON_SIZE]; /* "": the last write has nothing to be told of */
};

static void forget_answer(struct reader *reader)
{
	kvfree(reader->answer);
	reader->answer = NULL;
	reader->read = 0;
}

static int interface_open(struct inode *inode, struct file *file)
{
	struct reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	file->private_data = reader;
	return stream_open(inode, file);
}

static int interface_release(struct inode *inode, struct file *file)
{
	struct reader *reader = file->private_data;

	forget_answer(reader);
	kfree(reader);
	return 0;
}

static ssize_t interface_read(struct file *file, char __user *buffer, size_t size, loff_t *pos)
{
	struct reader *reader = file->private_data;
	ssize_t n = -ENOMEM;

	mutex_lock(&reader->lock);
	if (!reader->answer)
		reader->answer = reader->reason[0] ? kasprintf(GFP_KERNEL, "%s\n", reader->reason)
						   : late_describe();
	if (reader->answer)
		n = simple_read_from_buffer(buffer, size, &reader->read, reader->answer,
					    strlen(reader->answer));
	mutex_unlock(&reader->lock);
	return n;
}

static int take(const char *text, size_t length, char *reason)
{
	struct late_list *list;
	int r;

	if (!strcmp(text, "disarm") || !strcmp(text, "disarm\n"))
		return late_arm(NULL);
	r = late_list_parse(text, length, &list, reason);
	if (r)
		return r;
	r = late_arm(list);
	if (r)
		late_list_free(list);
	return r;
}

static int copy_and_take(const char __user *buffer, size_t length, char *reason)
{
	char *text;
	int r;

	if (length > WRITE_MAX) {
		strscpy(reason, "the list is longer than 4 MiB", LATE_REASON_SIZE);
		return -EINVAL;
	}
	text = kvmalloc(length + 1, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	text[length] = '\0';
	if (copy_from_user(text, buffer, length))
		r = -EFAULT;
	else
		r = take(text, length, reason);
	kvfree(text);
	return r;
}

static ssize_t interface_write(struct file *file, const char __user *buffer, size_t length,
			       loff_t *pos)
{
	struct reader *reader = file->private_data;
	int r;

	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	mutex_lock(&reader->lock);
	forget_answer(reader);
	reader->reason[0] = '\0';
	r = copy_and_take(buffer, length, reader->reason);
	if (r == -EBUSY)
		strscpy(reader->reason, "the jump has begun", LATE_REASON_SIZE);
	mutex_unlock(&reader->lock);
	return r ? r : length;
}

static const struct file_operations interface_operations = {
	.owner = THIS_MODULE,
	.open = interface_open,
	.release = interface_release,
	.read = interface_read,
	.write = interface_write,
};

static struct miscdevice interface = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kexit_late",
	.mode = 0600,
	.fops = &interface_operations,
};

static int __init interface_init(void)
{
	int r = late_hook_init();

	if (r)
		return r;
	r = misc_register(&interface);
	if (r)
		late_hook_done();
	return r;
}
module_init(interface_init);

static void __exit interface_exit(void)
{
	misc_deregister(&interface);
	late_hook_done();
}
module_exit(interface_exit);

MODULE_DESCRIPTION("What kexit leaves to the end of a kexec: Bus Master off, resets, a bound");
MODULE_AUTHOR("kexit");
MODULE_VERSION(LATE_VERSION);
MODULE_LICENSE("GPL");
