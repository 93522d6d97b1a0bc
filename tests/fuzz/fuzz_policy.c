// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a rule file: parsed or refused with a message, and what was parsed can be judged by.
 *
 * libFuzzer's entry point. By hand, from the top folder:
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -iquote src \
 *     tests/fuzz/fuzz_policy.c src/plan/{glob,rule,policy}.c src/graph/graph.c \
 *     src/base/{arena,duration,error,map}.c BUILD/src/plan/builtin_policy.c -o fuzz_policy
 *   ./fuzz_policy -max_total_time=60 CORPUS src/plan data/policy.d
 */
#include "policy/policy.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct policy *policy)
{
	struct graph *graph = graph_new();
	struct device *device = graph_add_device(graph, "/devices/pci0000:00/0000:00:04.0", "pci");
	struct ruling ruling;

	device->driver = "nvme";
	device->modalias = "pci:v00008086d00005845sv00001AF4sd00001100bc01sc08i02";
	if (policy_judge(policy, graph, device, graph->arena, &ruling) < 0)
		abort();
	graph_free(graph);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy *policy = policy_new();
	struct error e = ERROR_NONE;
	int r = policy_parse(policy, "f", (const char *)data, size, &e);

	if (r == 0)
		judge(policy);
	else if (!e.text[0])
		abort(); /* refused without a word */
	policy_free(policy);
	return 0;
}
