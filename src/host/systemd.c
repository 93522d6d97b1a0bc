// SPDX-License-Identifier: GPL-2.0-or-later
/* systemd asked to end the system; see systemd.h. */
#include "host/systemd.h"

#include "host/pid1.h"

#include <errno.h>
#include <string.h>

bool systemd_runs(const struct sysroot *root)
{
	struct pid1 pid1;

	return pid1_is_manager(root, &pid1) && !strcmp(pid1.name, "systemd");
}

int systemd_end(const struct sys *sys, enum systemd_end end, struct error *e)
{
	const char *target = end == SYSTEMD_KEXEC ? "kexec.target" : "reboot.target";
	char *const argv[] = {
		(char[]){ "systemctl" },
		(char[]){ "start" },
		(char[]){ "--no-block" },
		(char[]){ "--job-mode=replace-irreversibly" },
		end == SYSTEMD_KEXEC ? (char[]){ "kexec.target" } : (char[]){ "reboot.target" },
		NULL,
	};
	char output[512];
	int r = sys_run(sys, argv, output, sizeof(output));

	if (r == 0)
		return 0;
	output[strcspn(output, "\n")] = '\0';
	if (r < 0)
		return error_set(e, r, "systemctl cannot be run: %s", errno_text(r));
	return error_set(e, -EIO, "systemctl start %s ended with %d: %s", target, r,
			 *output ? output : "it said nothing");
}

bool systemd_goes_to_kexec(const struct sys *sys)
{
	char *const argv[] = {
		(char[]){ "systemctl" },  (char[]){ "list-jobs" },    (char[]){ "--no-legend" },
		(char[]){ "--no-pager" }, (char[]){ "kexec.target" }, NULL,
	};
	char output[512];

	/* "  123 kexec.target start waiting" */
	return sys_run(sys, argv, output, sizeof(output)) == 0 &&
	       strstr(output, "kexec.target start");
}
