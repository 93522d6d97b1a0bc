// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for Intel's 82574 (QEMU's e1000e) that misbehaves in ways real drivers do, chosen by
 * parameters, so that tests can show what becomes of it. It drives nothing: its link is only there for
 * the function to be seen as one that kexit knows the links of.
 *
 *   remove=revive     the receiver runs and the function masters the bus after remove() (default)
 *   remove=hang       remove() never returns
 *   remove=hang_rtnl  remove() never returns, and holds rtnl_lock
 *   remove=panic      the kernel panics in remove()
 *   shutdown=hang     shutdown() never returns (default: none, there is no shutdown())
 *   shutdown=slow     shutdown() takes three seconds
 *   reset_done=dma    after a reset that the driver is told of, the receiver runs and the function
 *                     masters the bus (default: none)
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

/* Intel 82574 data sheet, 10.2.5.1 (Receive Control Register), bit 1: Receiver Enable. */
#define RCTL	0x0100
#define RCTL_EN BIT(1)

static char *remove = "revive";
module_param(remove, charp, 0444);
MODULE_PARM_DESC(remove, "revive, hang, hang_rtnl or panic");

static char *shutdown = "none";
module_param(shutdown, charp, 0444);
MODULE_PARM_DESC(shutdown, "none, hang or slow");

static char *reset_done = "none";
module_param(reset_done, charp, 0444);
MODULE_PARM_DESC(reset_done, "none or dma");

struct reviver {
	void __iomem *registers;
	struct net_device *netdev;
};

static netdev_tx_t reviver_drop(struct sk_buff *skb, struct net_device *netdev)
{
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops reviver_netdev_ops = { .ndo_start_xmit = reviver_drop };

static int reviver_add_link(struct pci_dev *pdev, struct reviver *reviver)
{
	int r;

	reviver->netdev = alloc_etherdev(0);
	if (!reviver->netdev)
		return -ENOMEM;
	SET_NETDEV_DEV(reviver->netdev, &pdev->dev);
	reviver->netdev->netdev_ops = &reviver_netdev_ops;
	eth_hw_addr_random(reviver->netdev);
	r = register_netdev(reviver->netdev);
	if (r)
		free_netdev(reviver->netdev);
	return r;
}

static void reviver_revive(struct pci_dev *pdev)
{
	struct reviver *reviver = pci_get_drvdata(pdev);
	void __iomem *rctl = reviver->registers + RCTL;

	pci_set_master(pdev);
	writel(readl(rctl) | RCTL_EN, rctl);
	pci_info(pdev, "revived: RCTL=%#010x\n", readl(rctl));
}

static void __noreturn reviver_hang(struct pci_dev *pdev, const char *where)
{
	pci_warn(pdev, "%s hangs\n", where);
	for (;;)
		msleep(1000);
}

static int reviver_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct reviver *reviver = devm_kzalloc(&pdev->dev, sizeof(*reviver), GFP_KERNEL);
	int r;

	if (!reviver)
		return -ENOMEM;
	r = pci_enable_device_mem(pdev);
	if (r)
		return r;
	reviver->registers = pci_iomap(pdev, 0, 0);
	r = reviver->registers ? reviver_add_link(pdev, reviver) : -ENOMEM;
	if (r) {
		if (reviver->registers)
			pci_iounmap(pdev, reviver->registers);
		pci_disable_device(pdev);
		return r;
	}
	pci_set_drvdata(pdev, reviver);
	pci_set_master(pdev);
	return 0;
}

/* The device stays enabled: pci_disable_device() would clear Bus Master. */
static void reviver_remove(struct pci_dev *pdev)
{
	struct reviver *reviver = pci_get_drvdata(pdev);

	if (!strcmp(remove, "panic"))
		panic("reviver: in remove() of %s", pci_name(pdev));
	if (!strcmp(remove, "hang_rtnl"))
		rtnl_lock();
	if (strcmp(remove, "revive"))
		reviver_hang(pdev, "remove()");
	unregister_netdev(reviver->netdev);
	free_netdev(reviver->netdev);
	reviver_revive(pdev);
	pci_iounmap(pdev, reviver->registers);
}

static void reviver_shutdown(struct pci_dev *pdev)
{
	if (strcmp(shutdown, "slow"))
		reviver_hang(pdev, "shutdown()");
	pci_warn(pdev, "shutdown() takes three seconds\n");
	msleep(3000);
}

static void reviver_reset_done(struct pci_dev *pdev)
{
	if (!strcmp(reset_done, "dma"))
		reviver_revive(pdev);
}

static const struct pci_error_handlers reviver_error_handlers = {
	.reset_done = reviver_reset_done,
};

/* Others by driver_override. */
static const struct pci_device_id reviver_ids[] = { { PCI_DEVICE(PCI_VENDOR_ID_INTEL, 0x10d3) },
						    {} };
MODULE_DEVICE_TABLE(pci, reviver_ids);

static struct pci_driver reviver_driver = {
	.name = "reviver",
	.id_table = reviver_ids,
	.probe = reviver_probe,
	.remove = reviver_remove,
	.err_handler = &reviver_error_handlers,
};

static int __init reviver_init(void)
{
	if (strcmp(shutdown, "none"))
		reviver_driver.shutdown = reviver_shutdown;
	return pci_register_driver(&reviver_driver);
}
module_init(reviver_init);

static void __exit reviver_exit(void)
{
	pci_unregister_driver(&reviver_driver);
}
module_exit(reviver_exit);

MODULE_DESCRIPTION("Misbehaving driver for tests of kexit");
MODULE_LICENSE("GPL");
