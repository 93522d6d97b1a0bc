// SPDX-License-Identifier: GPL-2.0-or-later
/* Which device tree, and which overlays, a label of U-Boot's gets. */
#include "entry/board.h"
#include "unit/entry/test_entry_bench.h"
#include "unit/fake/fake_dtb.h"

#include <sys/mman.h>
#include <unistd.h>

/* What this machine is; each string of `compatible` has a NUL. */
#define BOARD "acme,board-two\0acme,soc"
#define MODEL "Acme Board Two"

static const struct entry_board board = {
	.compatible = BOARD,
	.compatible_length = sizeof(BOARD),
	.model = MODEL,
};

#define ADD_TREE(b, path, compatible, model)                                                       \
	do {                                                                                       \
		size_t size_;                                                                      \
		unsigned char *file_ = FAKE_DTB(compatible, model, &size_);                        \
                                                                                                   \
		fake_bytes((b)->fake, path, file_, size_);                                         \
		free(file_);                                                                       \
	} while (0)

static int set_up(void **state)
{
	struct bench *b;

	bench_set_up(state);
	b = *state;
	b->list->board = &board;
	b->list->applies_overlays = true;
	bench_file(b, "/k", "kernel");
	ADD_TREE(b, "/dtbs/acme/one.dtb", "acme,board-one\0acme,soc", "Acme Board One");
	ADD_TREE(b, "/dtbs/acme/soc.dtb", "acme,soc", "Acme");
	ADD_TREE(b, "/dtbs/acme/plus.dtb", "acme,board-two\0acme,soc\0more", "Acme Board Two");
	bench_file(b, "/dtbs/notes.txt", "no tree");
	bench_file(b, "/dtbs/short.dtb", "x");
	return 0;
}

static struct entry *read_label(struct bench *b, const char *lines)
{
	char text[1024];

	snprintf(text, sizeof(text), "label a\nlinux /k\n%s", lines);
	bench_file(b, "/extlinux/extlinux.conf", text);
	bench_read(b);
	return bench_find(b, "a");
}

static void assert_only_problem(struct bench *b, const char *text)
{
	assert_int_equal(b->list->problem_count, 1);
	assert_string_equal(b->list->problems[0].reason, text);
}

static void the_tree_of_this_board_is_found(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	ADD_TREE(b, "/dtbs/acme/deep/two.dtb", BOARD, MODEL);
	entry = read_label(b, "fdtdir /dtbs\n");
	assert_string_equal(entry->devicetree.path, "/dtbs/acme/deep/two.dtb");
	assert_ptr_equal(entry->devicetree.root, b->root);
	assert_null(entry->greyed);
	assert_int_equal(b->list->problem_count, 0);
}

static void a_tree_that_is_named_comes_first(void **state)
{
	struct bench *b = *state;

	ADD_TREE(b, "/dtbs/two.dtb", BOARD, MODEL);
	assert_string_equal(
		read_label(b, "fdtdir /dtbs\nfdt /dtbs/acme/one.dtb\n")->devicetree.path,
		"/dtbs/acme/one.dtb");
}

static void of_several_the_model_decides(void **state)
{
	struct bench *b = *state;

	ADD_TREE(b, "/dtbs/two-with-lid.dtb", BOARD, "Acme Board Two with a lid");
	ADD_TREE(b, "/dtbs/two.dtb", BOARD, MODEL);
	assert_string_equal(read_label(b, "fdtdir ../dtbs/\n")->devicetree.path,
			    "/extlinux/../dtbs/two.dtb");
}

static void two_of_one_model_are_none(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	ADD_TREE(b, "/dtbs/two.dtb", BOARD, MODEL);
	ADD_TREE(b, "/dtbs/more/two.dtb", BOARD, MODEL);
	entry = read_label(b, "fdtdir /dtbs\n");
	assert_null(entry->devicetree.root);
	assert_null(entry->greyed);
	assert_int_equal(b->list->problem_count, 1);
	assert_non_null(strstr(b->list->problems[0].reason,
			       "FDTDIR of label 'a': /dtbs has several trees for this board "
			       "(acme,board-two), such as /dtbs/"));
	assert_non_null(strstr(b->list->problems[0].reason,
			       "two.dtb: the running kernel's device tree is used"));
}

static void one_file_by_two_names_is_one(void **state)
{
	struct bench *b = *state;

	ADD_TREE(b, "/dtbs/acme/two.dtb", BOARD, MODEL);
	fake_link(b->fake, "/dtbs/vendor", "acme");
	fake_link(b->fake, "/dtbs/itself", ".");
	assert_non_null(read_label(b, "fdtdir /dtbs\n")->devicetree.root);
	assert_int_equal(b->list->problem_count, 0);
}

static void without_one_the_running_kernels_is_used(void **state)
{
	struct bench *b = *state;
	struct entry *entry = read_label(b, "fdtdir /dtbs\n");

	assert_null(entry->devicetree.root);
	assert_null(entry->greyed);
	assert_only_problem(
		b, "FDTDIR of label 'a': /dtbs has no tree for this board (acme,board-two): "
		   "the running kernel's device tree is used");
}

static void a_folder_that_is_not_there_has_none(void **state)
{
	struct bench *b = *state;

	assert_null(read_label(b, "fdtdir /gone\n")->greyed);
	assert_int_equal(b->list->problem_count, 1);
}

static void a_machine_without_a_tree_passes_it_over(void **state)
{
	struct bench *b = *state;

	b->list->board = NULL;
	assert_null(read_label(b, "fdtdir /dtbs\n")->devicetree.root);
	assert_int_equal(b->list->problem_count, 0);
}

static void a_kernel_that_is_locked_down_loads_none(void **state)
{
	struct bench *b = *state;

	b->list->is_locked_down = true;
	ADD_TREE(b, "/dtbs/two.dtb", BOARD, MODEL);
	assert_null(read_label(b, "fdtdir /dtbs\n")->devicetree.root);
	assert_only_problem(b,
			    "FDTDIR of label 'a': this kernel is locked down, and loads none: the "
			    "running kernel's device tree is used");
}

static void overlays_are_for_the_tree_that_is_found(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	ADD_TREE(b, "/dtbs/two.dtb", BOARD, MODEL);
	bench_file(b, "/one.dtbo", "1");
	bench_file(b, "/extlinux/two.dtbo", "2");
	entry = read_label(b, "fdtdir /dtbs\nfdtoverlays /one.dtbo  two.dtbo\n"
			      "fdtoverlays /later.dtbo\n");
	assert_null(entry->greyed);
	assert_int_equal(entry->overlay_count, 2);
	assert_string_equal(entry->overlays[0].path, "/one.dtbo");
	assert_string_equal(entry->overlays[1].path, "/extlinux/two.dtbo");
	assert_int_equal(b->list->problem_count, 0);
}

/* label_boot_fdtoverlay(): "Failed loading overlay", and on with the next. */
static void an_overlay_that_is_not_there_is_left_out(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	bench_file(b, "/one.dtbo", "1");
	entry = read_label(b, "fdt /dtbs/acme/one.dtb\nfdtoverlays /gone.dtbo /one.dtbo\n");
	assert_null(entry->greyed);
	assert_int_equal(entry->overlay_count, 1);
	assert_only_problem(b,
			    "the overlay /gone.dtbo of label 'a' is not there: left out, as U-Boot "
			    "does");
}

/* label_boot(): without either line they are not looked at. */
static void overlays_of_no_tree_are_nothing(void **state)
{
	struct bench *b = *state;
	struct entry *entry;

	bench_file(b, "/one.dtbo", "1");
	entry = read_label(b, "fdtoverlays /one.dtbo\n");
	assert_null(entry->greyed);
	assert_int_equal(entry->overlay_count, 0);
}

static void overlays_of_an_unknown_tree_grey(void **state)
{
	struct bench *b = *state;

	bench_file(b, "/one.dtbo", "1");
	assert_string_equal(read_label(b, "fdtdir /dtbs\nfdtoverlays /one.dtbo\n")->greyed,
			    "it needs device tree overlays, and the tree that they change is not "
			    "known: /dtbs has no tree for this board (acme,board-two)");
}

static void without_libfdt_overlays_grey(void **state)
{
	struct bench *b = *state;

	b->list->applies_overlays = false;
	bench_file(b, "/one.dtbo", "1");
	assert_string_equal(
		read_label(b, "fdt /dtbs/acme/one.dtb\nfdtoverlays /one.dtbo\n")->greyed,
		"it needs device tree overlays, and kexit applies none");
}

static void labels_of_one_folder_agree(void **state)
{
	struct bench *b = *state;

	ADD_TREE(b, "/dtbs/two.dtb", BOARD, MODEL);
	bench_file(b, "/extlinux/extlinux.conf",
		   "label a\nlinux /k\nfdtdir /dtbs\nlabel b\nlinux /k\nfdtdir /gone\n"
		   "label c\nlinux /k\nfdtdir /dtbs\nlabel d\nlinux /k\nfdtdir /dtbs\n");
	bench_read(b);
	assert_string_equal(bench_find(b, "a")->devicetree.path, "/dtbs/two.dtb");
	assert_null(bench_find(b, "b")->devicetree.root);
	assert_string_equal(bench_find(b, "c")->devicetree.path, "/dtbs/two.dtb");
	assert_string_equal(bench_find(b, "d")->devicetree.path, "/dtbs/two.dtb");
}

static void the_running_kernels_tree_names_the_board(void **state)
{
	struct bench *b = *state;

	b->list->board = NULL;
	fake_bytes(b->fake, "/proc/device-tree/compatible", BOARD, sizeof(BOARD));
	fake_bytes(b->fake, "/proc/device-tree/model", MODEL, sizeof(MODEL));
	assert_int_equal(entry_board_read(b->list, b->fake->sys.root), 0);
	assert_int_equal(b->list->board->compatible_length, sizeof(BOARD));
	assert_memory_equal(b->list->board->compatible, BOARD, sizeof(BOARD));
	assert_string_equal(b->list->board->model, MODEL);
}

static void a_machine_without_a_tree_has_no_board(void **state)
{
	struct bench *b = *state;

	b->list->board = NULL;
	assert_int_equal(entry_board_read(b->list, b->fake->sys.root), 0);
	assert_null(b->list->board);
}

static bool fits(const unsigned char *bytes, size_t length, bool *ret_is_model)
{
	int fd = memfd_create("tree", MFD_CLOEXEC);
	bool is_so;

	assert_int_equal(write(fd, bytes, length), length);
	is_so = entry_board_fits(&board, fd, ret_is_model);
	close(fd);
	return is_so;
}

/* Whatever is missing of a file, and whatever word of it is another: an answer, and a true one. */
static void a_broken_tree_is_no_boards(void **state)
{
	size_t size;
	unsigned char *file = FAKE_DTB(BOARD, MODEL, &size);
	bool is_model = false;

	assert_true(fits(file, size, &is_model));
	assert_true(is_model);
	for (size_t length = 0; length < 56; length++)
		assert_false(fits(file, length, &is_model));
	for (size_t length = 56; length < size; length++)
		fits(file, length, &is_model);
	for (size_t at = 0; at < size; at++) {
		unsigned char before = file[at];

		file[at] = 0xff;
		fits(file, size, &is_model);
		file[at] = before;
	}
	free(file);
}

#define TREE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(the_tree_of_this_board_is_found),
		TREE_TEST(a_tree_that_is_named_comes_first),
		TREE_TEST(of_several_the_model_decides),
		TREE_TEST(two_of_one_model_are_none),
		TREE_TEST(one_file_by_two_names_is_one),
		TREE_TEST(without_one_the_running_kernels_is_used),
		TREE_TEST(a_folder_that_is_not_there_has_none),
		TREE_TEST(a_machine_without_a_tree_passes_it_over),
		TREE_TEST(a_kernel_that_is_locked_down_loads_none),
		TREE_TEST(overlays_are_for_the_tree_that_is_found),
		TREE_TEST(an_overlay_that_is_not_there_is_left_out),
		TREE_TEST(overlays_of_no_tree_are_nothing),
		TREE_TEST(overlays_of_an_unknown_tree_grey),
		TREE_TEST(without_libfdt_overlays_grey),
		TREE_TEST(labels_of_one_folder_agree),
		TREE_TEST(the_running_kernels_tree_names_the_board),
		TREE_TEST(a_machine_without_a_tree_has_no_board),
		TREE_TEST(a_broken_tree_is_no_boards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
