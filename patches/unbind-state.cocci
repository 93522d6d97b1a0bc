// SPDX-License-Identifier: GPL-2.0-or-later
//
// PCI: an unbind does not take the kernel's own protection away.
//
// pci_device_remove() sets the power state of a function in D0 to PCI_UNKNOWN, and pci_device_shutdown()
// clears Bus Master at a kexec only up to PCI_D3hot: a function whose driver forgot it is passed over.
// Nothing needs the state to be unknown: pci_enable_device() reads it anew.

virtual patch

@@
identifier dev, pci_dev;
@@
 pci_device_remove(struct device *dev)
 {
 	...
-	if (pci_dev->current_state == PCI_D0)
-		pci_dev->current_state = PCI_UNKNOWN;
 	...
 }
