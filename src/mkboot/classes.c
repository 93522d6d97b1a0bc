// SPDX-License-Identifier: GPL-2.0-or-later
/* Module folders by class; see classes.h. */
#include "mkboot/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct rule {
	unsigned int class; /* 0: none, for what the rules below would take in */
	const char *prefix; /* of the path below the modules folder */
};

/* The first that matches decides. */
static const struct rule rules[] = {
	/* Disks on a network, on a wire for studios, of a simulation, or for one's own memory. */
	{ CLASS_NET, "kernel/drivers/block/aoe/" },
	{ CLASS_NET, "kernel/drivers/block/drbd/" },
	{ CLASS_NET, "kernel/drivers/block/nbd" },
	{ CLASS_NET, "kernel/drivers/block/rbd" },
	{ CLASS_NET, "kernel/drivers/block/rnbd/" },
	{ CLASS_NET, "kernel/drivers/nvme/host/nvme-fc" },
	{ CLASS_NET, "kernel/drivers/nvme/host/nvme-rdma" },
	{ CLASS_NET, "kernel/drivers/nvme/host/nvme-tcp" },
	{ 0, "kernel/drivers/nvme/target/" },
	{ 0, "kernel/drivers/block/null_blk" },
	{ 0, "kernel/drivers/block/xen-blkback/" },
	{ 0, "kernel/drivers/block/zram/" },
	{ 0, "kernel/drivers/block/pktcdvd" },
	{ 0, "kernel/drivers/scsi/scsi_debug" },
	{ 0, "kernel/drivers/scsi/pcmcia/" },
	{ 0, "kernel/drivers/scsi/ibmvscsi_tgt/" },
	/* Fibre Channel: some of the largest drivers, and most want firmware from elsewhere. */
	{ CLASS_SAN, "kernel/drivers/message/fusion/mptfc" },
	{ CLASS_SAN, "kernel/drivers/scsi/bfa/" },
	{ CLASS_SAN, "kernel/drivers/scsi/csiostor/" },
	{ CLASS_SAN, "kernel/drivers/scsi/elx/" },
	{ CLASS_SAN, "kernel/drivers/scsi/libfc/" },
	{ CLASS_SAN, "kernel/drivers/scsi/lpfc/" },
	{ CLASS_SAN, "kernel/drivers/scsi/qla2xxx/qla2xxx" },
	{ 0, "kernel/drivers/scsi/qla2xxx/" },
	{ CLASS_NET, "kernel/drivers/scsi/be2iscsi/" },
	{ CLASS_NET, "kernel/drivers/scsi/bnx2fc/" },
	{ CLASS_NET, "kernel/drivers/scsi/bnx2i/" },
	{ CLASS_NET, "kernel/drivers/scsi/cxgbi/" },
	{ CLASS_NET, "kernel/drivers/scsi/fcoe/" },
	{ CLASS_NET, "kernel/drivers/scsi/fnic/" },
	{ CLASS_NET, "kernel/drivers/scsi/iscsi_tcp" },
	{ CLASS_NET, "kernel/drivers/scsi/qedf/" },
	{ CLASS_NET, "kernel/drivers/scsi/qedi/" },
	{ CLASS_NET, "kernel/drivers/scsi/qla4xxx/" },
	{ CLASS_STORAGE, "kernel/drivers/ata/" },
	/* What is written to a disk is kept in RAM by a snapshot on a loop device. */
	{ CLASS_MD, "kernel/drivers/block/loop" },
	{ CLASS_STORAGE, "kernel/drivers/block/" },
	{ CLASS_STORAGE, "kernel/drivers/cdrom/" },
	{ CLASS_STORAGE, "kernel/drivers/hv/hv_vmbus" },
	{ CLASS_MMC, "kernel/drivers/memstick/" },
	{ CLASS_STORAGE, "kernel/drivers/message/fusion/" },
	{ CLASS_MMC, "kernel/drivers/mmc/" },
	{ CLASS_STORAGE, "kernel/drivers/nvme/" },
	{ CLASS_STORAGE, "kernel/drivers/nvdimm/" },
	{ CLASS_STORAGE, "kernel/drivers/pci/controller/" },
	{ CLASS_STORAGE, "kernel/drivers/scsi/" },
	{ CLASS_MMC, "kernel/drivers/ufs/" },
	{ CLASS_STORAGE, "kernel/drivers/virtio/" },
	{ 0, "kernel/drivers/usb/gadget/" },
	{ CLASS_USB, "kernel/drivers/usb/chipidea/" },
	{ CLASS_USB, "kernel/drivers/usb/common/" },
	{ CLASS_USB, "kernel/drivers/usb/core/" },
	{ CLASS_USB, "kernel/drivers/usb/dwc2/" },
	{ CLASS_USB, "kernel/drivers/usb/dwc3/" },
	{ CLASS_USB, "kernel/drivers/usb/host/" },
	{ CLASS_USB, "kernel/drivers/usb/storage/" },
	{ CLASS_HID, "kernel/drivers/hid/hid-generic" },
	{ CLASS_HID, "kernel/drivers/hid/hid." },
	{ CLASS_HID, "kernel/drivers/hid/hid-apple" },
	{ CLASS_HID, "kernel/drivers/hid/hid-cherry" },
	{ CLASS_HID, "kernel/drivers/hid/hid-hyperv" },
	{ CLASS_HID, "kernel/drivers/hid/hid-lenovo" },
	{ CLASS_HID, "kernel/drivers/hid/hid-logitech" },
	{ CLASS_HID, "kernel/drivers/hid/hid-microsoft" },
	{ CLASS_HID, "kernel/drivers/hid/usbhid/" },
	{ CLASS_HID, "kernel/drivers/input/keyboard/atkbd" },
	{ CLASS_HID, "kernel/drivers/input/serio/" },
	{ CLASS_FS, "kernel/fs/btrfs/" },
	{ CLASS_FS, "kernel/fs/efivarfs/" },
	{ CLASS_FS, "kernel/fs/erofs/" },
	{ CLASS_FS, "kernel/fs/ext4/" },
	{ CLASS_MMC, "kernel/fs/f2fs/" },
	{ CLASS_FS, "kernel/fs/fat/" },
	{ CLASS_FS, "kernel/fs/isofs/" },
	{ CLASS_FS, "kernel/fs/nls/nls_ascii" },
	{ CLASS_FS, "kernel/fs/nls/nls_cp437" },
	{ CLASS_FS, "kernel/fs/nls/nls_iso8859-1." },
	{ CLASS_FS, "kernel/fs/nls/nls_utf8" },
	{ CLASS_FS, "kernel/fs/squashfs/" },
	{ CLASS_FS, "kernel/fs/udf/" },
	{ CLASS_FS, "kernel/fs/xfs/" },
	/* What an unfinished or an emulated drive needs; dm-crypt and what comes with it stays. */
	{ 0, "kernel/drivers/md/dm-flakey" },
	{ CLASS_NET, "kernel/drivers/md/dm-log-userspace" },
	{ CLASS_NET, "kernel/drivers/md/md-cluster" },
	{ 0, "kernel/drivers/md/dm-log-writes" },
	{ 0, "kernel/drivers/md/dm-vdo/" },
	{ CLASS_MD, "kernel/drivers/md/" },
	/* Boards whose disk controllers wait for clocks, supplies and the like. */
	{ CLASS_SOC, "kernel/drivers/bus/" },
	{ CLASS_SOC, "kernel/drivers/clk/" },
	{ CLASS_SOC, "kernel/drivers/extcon/" },
	{ CLASS_SOC, "kernel/drivers/gpio/" },
	{ CLASS_SOC, "kernel/drivers/i2c/busses/" },
	{ CLASS_SOC, "kernel/drivers/mfd/" },
	{ CLASS_SOC, "kernel/drivers/mailbox/" },
	{ CLASS_SOC, "kernel/drivers/phy/" },
	{ CLASS_SOC, "kernel/drivers/pinctrl/" },
	{ CLASS_SOC, "kernel/drivers/regulator/" },
	{ CLASS_SOC, "kernel/drivers/reset/" },
	{ CLASS_SOC, "kernel/drivers/soc/" },
	{ 0, "kernel/drivers/net/wireless/" },
	{ 0, "kernel/drivers/net/can/" },
	{ CLASS_NET, "kernel/drivers/net/ethernet/" },
	{ CLASS_NET, "kernel/drivers/net/phy/" },
	{ CLASS_NET, "kernel/drivers/net/usb/" },
	{ CLASS_NET, "kernel/drivers/net/virtio_net" },
	{ CLASS_NET, "kernel/drivers/net/vmxnet3/" },
	{ CLASS_NET, "kernel/drivers/net/hyperv/" },
};

static const char *const names[] = {
	"storage", "usb", "hid", "fs", "md", "soc", "net", "san", "mmc"
};

#define NAMES (sizeof(names) / sizeof(names[0]))

const char *class_name(unsigned int one)
{
	for (size_t i = 0; i < NAMES; i++)
		if (one == 1U << i)
			return names[i];
	return NULL;
}

static unsigned int class_find(const char *name, size_t length)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strlen(names[i]) == length && !strncmp(names[i], name, length))
			return 1U << i;
	return 0;
}

int classes_parse(const char *text, unsigned int *ret_classes)
{
	unsigned int classes = 0;

	if (!strcmp(text, "none")) {
		*ret_classes = 0;
		return 0;
	}
	do {
		size_t length = strcspn(text, ",");
		unsigned int one = class_find(text, length);

		if (!one)
			return -EINVAL;
		classes |= one;
		text += length;
	} while (*text++ == ',');
	*ret_classes = classes;
	return 0;
}

unsigned int classes_of_module(const char *path)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (!strncmp(path, rules[i].prefix, strlen(rules[i].prefix)))
			return rules[i].class;
	return 0;
}

bool classes_has_no_use_for(const char *path)
{
	static const char *const folders[] = {
		"kernel/drivers/bluetooth/",
		"kernel/drivers/crypto/",
		"kernel/drivers/edac/",
		"kernel/drivers/gpu/",
		"kernel/drivers/hwmon/",
		"kernel/drivers/iio/",
		"kernel/drivers/infiniband/",
		"kernel/drivers/media/",
		"kernel/drivers/net/",
		"kernel/drivers/video/",
		"kernel/drivers/watchdog/",
		"kernel/net/",
		"kernel/sound/",
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return true;
	return false;
}
