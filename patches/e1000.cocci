// SPDX-License-Identifier: GPL-2.0-or-later
//
// e1000: no receiver that is turned on for a restart.
//
// shutdown() brings the chip down, and then turns the receiver on again to see the packet that wakes
// a sleeping machine. A restart does not sleep. Only the receiver stays off here: what wakes a
// machine that is switched off later (WUC, WUFC) stays armed.

virtual patch

@@
identifier pdev, wake;
expression rctl;
@@
 __e1000_shutdown(struct pci_dev *pdev, bool *wake)
 {
 	<...
-	ew32(RCTL, rctl | E1000_RCTL_EN);
+	/* but not for a restart, which leaves nothing to wake */
+	ew32(RCTL, system_state == SYSTEM_RESTART ? rctl : rctl | E1000_RCTL_EN);
 	...>
 }
