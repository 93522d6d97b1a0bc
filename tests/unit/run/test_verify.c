// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The look after a release, on a function in a folder of this machine, so that its registers can be
 * mapped, and fault.
 */
#include "unit/inspect/test_inspect_fake.h"

#include "run/verify.h"
#include "sys/nvme.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NVME_CC	  0x14
#define NVME_CSTS 0x1c

static char folder[32];

static void path_of(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", folder, name);
}

static void put(const char *name, const void *data, size_t size)
{
	char path[96];
	int fd;

	path_of(path, sizeof(path), name);
	fd = open(path, O_WRONLY | O_CREAT, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), (ssize_t)size);
	close(fd);
}

/* Config space is that file. */
static int config_write16(void *context, const char *path, unsigned int offset, uint16_t mask,
			  uint16_t value)
{
	char config[256];
	uint16_t now;
	int fd;

	(void)context;
	snprintf(config, sizeof(config), "%s/config", path);
	fd = open(config, O_RDWR);
	if (fd < 0 || pread(fd, &now, sizeof(now), offset) != sizeof(now))
		return -EIO;
	now = (uint16_t)((now & ~mask) | (value & mask));
	if (pwrite(fd, &now, sizeof(now), offset) != sizeof(now))
		return -EIO;
	close(fd);
	return 0;
}

static const struct sys_ops ops = { .config_write16 = config_write16 };

struct bench {
	struct sys sys;
	struct pci_facts facts;
	struct device device;
	struct decision decision;
	struct release_task task;
	struct record *record;
	char path[64], record_dir[96];
};

/* An NVMe controller that masters the bus, the first @size bytes of its registers there. */
static struct bench *bench_new(uint8_t csts, size_t size)
{
	static uint8_t registers[0x4000];
	struct bench *b = calloc(1, sizeof(*b));
	static const char resource[] = "0x00000000fe000000 0x00000000fe003fff 0x0000000000040200\n";
	struct function f;
	struct fake fake = { 0 };

	strcpy(folder, "/tmp/kexit-verify-XXXXXX");
	assert_non_null(mkdtemp(folder));
	fake_function(&f, &fake, 0x010802, 0x144d, 0xa824, 0);
	fake_put16(&f, PCI_REG_COMMAND, PCI_CMD_MEMORY | PCI_CMD_MASTER);
	put("config", f.config.bytes, PCI_CONFIG_SIZE);
	put("resource", resource, strlen(resource));
	registers[NVME_CC] = 1;
	registers[NVME_CSTS] = csts;
	put("resource0", registers, size);
	snprintf(b->record_dir, sizeof(b->record_dir), "/dev/shm/kexit-verify-%d", getpid());
	assert_int_equal(record_create(b->record_dir, "exec", &b->record, NULL), 0);
	assert_int_equal(sysroot_open(NULL, &b->sys.root), 0);
	b->sys.ops = &ops;
	snprintf(b->path, sizeof(b->path), "/..%s", folder);
	b->facts.class_code = 0x010802;
	b->device = (struct device){ .path = b->path, .name = "0000:00:05.0", .pci = &b->facts };
	b->decision = (struct decision){ .device = &b->device, .deadline_ms = 2000 };
	b->task = (struct release_task){ .sys = &b->sys,
					 .record = b->record,
					 .decision = &b->decision };
	return b;
}

static void bench_free(struct bench *b)
{
	char command[200];

	record_close(b->record);
	sysroot_close(b->sys.root);
	snprintf(command, sizeof(command), "rm -r %s %s", folder, b->record_dir);
	assert_int_equal(system(command), 0);
	free(b);
}

static bool is_master(const struct bench *b)
{
	struct pci_config config;

	assert_int_equal(pci_config_read(b->sys.root, folder, &config), 0);
	return pci_config_u16(&config, PCI_REG_COMMAND) & PCI_CMD_MASTER;
}

static void a_fault_in_the_look_does_not_leave_bus_master_on(void **state)
{
	struct bench *b = bench_new(0, 0); /* its registers end before they begin: SIGBUS */
	struct release_answer answer = { 0 };
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGBUS, SIG_DFL);
		release_verify(&b->task, 0, &answer);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
	assert_false(is_master(b));
	bench_free(b);
}

/* CSTS 09h: ready, shutdown complete. */
static void shut_down_it_is_quiet(void **state)
{
	struct bench *b = bench_new(0x09, 0x4000);
	struct release_answer answer = { .outcome = OUTCOME_RELEASED };

	(void)state;
	release_verify(&b->task, 0, &answer);
	assert_int_equal(answer.verdict, VERDICT_QUIET);
	assert_int_equal(answer.outcome, OUTCOME_RELEASED);
	assert_true(answer.cleared);
	bench_free(b);
}

/* CSTS 05h: ready, shutdown under way; a child ends it, as the controller would. */
static void a_shutdown_under_way_is_waited_for(void **state)
{
	struct bench *b = bench_new(0x05, 0x4000);
	struct release_answer answer = { .outcome = OUTCOME_RELEASED };
	pid_t pid = fork();
	char path[96];

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd;

		path_of(path, sizeof(path), "resource0");
		usleep(100000);
		fd = open(path, O_WRONLY);
		_exit(pwrite(fd, "\x09", 1, NVME_CSTS) == 1 ? 0 : 1);
	}
	release_verify(&b->task, 60000, &answer);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(answer.verdict, VERDICT_QUIET);
	assert_false(answer.is_ending);
	bench_free(b);
}

static void one_that_does_not_end_in_its_time_is_named(void **state)
{
	struct bench *b = bench_new(0x05, 0x4000);
	struct release_answer answer = { .outcome = OUTCOME_RELEASED };

	(void)state;
	release_verify(&b->task, 40, &answer);
	assert_int_equal(answer.outcome, OUTCOME_NOT_QUIET);
	assert_true(answer.is_ending);
	assert_non_null(strstr(answer.text, "shutting down"));
	assert_non_null(strstr(answer.text, "not reset"));
	bench_free(b);
}

/* No controller's node here: the kernel's own patience, but half the release's deadline at most. */
static void the_wait_is_bounded(void **state)
{
	struct bench *b = bench_new(0, 0x4000);

	(void)state;
	assert_int_equal(verify_patience_ms(&b->task), 1000);
	b->decision.deadline_ms = 180000;
	assert_int_equal(verify_patience_ms(&b->task), 5000);
	b->facts.class_code = 0x020000;
	assert_int_equal(verify_patience_ms(&b->task), 0);
	bench_free(b);
}

/* Identify Controller, bytes 91:88, in microseconds. */
static void the_time_of_a_shutdown_is_read_from_what_the_controller_says(void **state)
{
	static const uint8_t data[4096] = {
		[84] = 0xff, [88] = 0x80, 0x96, 0x98, 0x00, [92] = 0xff
	};

	(void)state;
	assert_int_equal(nvme_identified_shutdown_us(data), 10000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_in_the_look_does_not_leave_bus_master_on),
		cmocka_unit_test(shut_down_it_is_quiet),
		cmocka_unit_test(a_shutdown_under_way_is_waited_for),
		cmocka_unit_test(one_that_does_not_end_in_its_time_is_named),
		cmocka_unit_test(the_wait_is_bounded),
		cmocka_unit_test(the_time_of_a_shutdown_is_read_from_what_the_controller_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
