// SPDX-License-Identifier: GPL-2.0-or-later
//
// A PCI network driver without shutdown() gets one that closes its interface.
//
// kexec calls shutdown() and then, for lack of anything better, clears Bus Master. A driver with no
// shutdown() leaves its receiver on when the link is up, and whoever sets Bus Master next lets it
// write into memory that is somebody else's by then. ndo_stop() is the driver's own way to stop its
// engines, run at each `ip link set down`; tg3 and bnx2 call it the same way from their shutdown().
//
//	spatch --sp-file netdev-close.cocci -D patch --in-place drivers/net/ethernet/realtek/8139cp.c
//
// Left alone: a driver that has a shutdown(), and one that keeps something else than its one
// struct net_device as driver data. To be looked at for each driver: what ndo_stop() leaves running
// still runs, and wake-on-LAN that needs an open interface when the power goes wants more than this.

virtual patch

@driver@
identifier drv, remove_fn;
@@
struct pci_driver drv = {
	.remove = remove_fn,
};

@has_shutdown@
identifier driver.drv, own;
@@
struct pci_driver drv = {
	.shutdown = own,
};

@data depends on !has_shutdown@
identifier driver.remove_fn, pdev, netdev;
@@
remove_fn(struct pci_dev *pdev)
{
	...
	struct net_device *netdev = pci_get_drvdata(pdev);
	...
}

@script:python naming@
remove_fn << driver.remove_fn;
netdev << data.netdev;
shutdown_fn;
@@
coccinelle.shutdown_fn = remove_fn.replace("remove", "shutdown")

@close@
identifier driver.remove_fn, naming.shutdown_fn, data.pdev, data.netdev;
@@
 remove_fn(struct pci_dev *pdev)
 {
 	...
 }
+
+static void shutdown_fn(struct pci_dev *pdev)
+{
+	struct net_device *netdev = pci_get_drvdata(pdev);
+
+	/* After a kexec the memory that the chip writes to has other uses. */
+	rtnl_lock();
+	netif_device_detach(netdev);
+	if (netif_running(netdev))
+		dev_close(netdev);
+	rtnl_unlock();
+}

@depends on close@
identifier driver.drv, driver.remove_fn, naming.shutdown_fn;
@@
struct pci_driver drv = {
	.remove = remove_fn,
+	.shutdown = shutdown_fn,
};

@declared depends on close@
@@
#include <linux/rtnetlink.h>

@before_pci depends on close && !declared@
@@
+#include <linux/rtnetlink.h>
 #include <linux/pci.h>
