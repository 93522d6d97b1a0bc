// SPDX-License-Identifier: GPL-2.0-or-later
//
// e1000e: no receiver that is on after a restart.
//
// Two ways lead to RCTL.EN = 1 after shutdown(). With wake-on-LAN (the default where the EEPROM says
// so) __e1000_shutdown() turns the receiver on again, for a machine that is about to sleep. And on
// 82574 and 82583 (FLAG2_NO_DISABLE_RX) e1000e_down() never turned it off.
//
// Here the PCIe master is disabled already (e1000e_pm_freeze() does it), as it is in the driver's
// own reset_hw(), which writes 0 to RCTL on all chips. What wakes a machine that is switched off
// later (WUC, WUFC) stays armed.

virtual patch

@@
identifier pdev, runtime, adapter;
@@
 __e1000_shutdown(struct pci_dev *pdev, bool runtime)
 {
 	...
 	e1000e_release_hw_control(adapter);
+
+	/* Only sleep needs the receiver: after a kexec its ring's memory has other uses. */
+	if (system_state == SYSTEM_RESTART) {
+		ew32(RCTL, er32(RCTL) & ~E1000_RCTL_EN);
+		e1e_flush();
+	}
 	...
 }
