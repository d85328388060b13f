// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/*
 * memdev: the PCI function by which the hypervisor shares a region of its host
 * with this virtual machine (docs/passthrough.md). Its BAR 2 is the region.
 */

#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "netmap_kern.h"

#define MEMDEV_VENDOR		0x1af4
#define MEMDEV_DEVICE		0x10f1
#define MEMDEV_SUBSYSTEM	0x1102
#define MEMDEV_CLASS		0xff0000
#define MEMDEV_CLASS_MASK	0xffff00	/* any programming interface */

#define MEMDEV_REGISTERS_BAR	0
#define MEMDEV_REGION_BAR	2

/* Registers, offsets in BAR 0 */
#define MEMDEV_MEMSIZE_LO	0
#define MEMDEV_MEMSIZE_HI	4
#define MEMDEV_MEMID		8
#define MEMDEV_VERSION		12
#define MEMDEV_POOL(pool)	(64 + 12 * (pool))
#define MEMDEV_POOL_OFFSET_HI(pool)	(100 + 4 * (pool))
#define MEMDEV_REGISTERS	256

#define MEMDEV_VERSION_KNOWN	1

struct memdev {
	struct nm_region *region;
	void *memory;
};

static void memdev_read_pool(const void __iomem *registers, int pool,
			     struct nm_external *ext)
{
	const void __iomem *at = registers + MEMDEV_POOL(pool);

	ext->pool[pool].offset = readl(at) |
		(u64)readl(registers + MEMDEV_POOL_OFFSET_HI(pool)) << 32;
	ext->pool[pool].objtotal = readl(at + 4);
	ext->pool[pool].objsize = readl(at + 8);
}

static bool memdev_pool_fits(const struct nm_external *ext, int pool)
{
	u64 offset = ext->pool[pool].offset;
	u64 bytes = (u64)ext->pool[pool].objtotal * ext->pool[pool].objsize;

	return bytes > 0 && bytes <= ext->size && offset <= ext->size - bytes;
}

/* What the device says, checked: 0 or a negative errno. */
static int memdev_describe(struct pci_dev *pdev, struct nm_external *ext)
{
	void __iomem *registers;
	u32 version;
	int pool;

	registers = pci_iomap(pdev, MEMDEV_REGISTERS_BAR, MEMDEV_REGISTERS);
	if (!registers)
		return -ENOMEM;
	version = readl(registers + MEMDEV_VERSION);
	ext->hostid = readl(registers + MEMDEV_MEMID);
	ext->size = readl(registers + MEMDEV_MEMSIZE_LO) |
		(u64)readl(registers + MEMDEV_MEMSIZE_HI) << 32;
	ext->phys = pci_resource_start(pdev, MEMDEV_REGION_BAR);
	for (pool = 0; pool < NM_POOLS; pool++)
		memdev_read_pool(registers, pool, ext);
	pci_iounmap(pdev, registers);

	if (version != MEMDEV_VERSION_KNOWN) {
		pci_err(pdev, "netmap: memdev of version %u, this module knows %u: build QEMU and it from one release\n",
			version, MEMDEV_VERSION_KNOWN);
		return -EPROTO;
	}
	if (!ext->hostid || !ext->size || !PAGE_ALIGNED(ext->size) ||
	    ext->size > pci_resource_len(pdev, MEMDEV_REGION_BAR) ||
	    !memdev_pool_fits(ext, NM_RING_POOL) ||
	    !memdev_pool_fits(ext, NM_BUF_POOL)) {
		pci_err(pdev, "netmap: memdev describes region %u of %llu bytes, which cannot be\n",
			ext->hostid, ext->size);
		return -EPROTO;
	}
	return 0;
}

static int memdev_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct nm_external ext = {};
	struct memdev *memdev;
	int err;

	memdev = devm_kzalloc(&pdev->dev, sizeof(*memdev), GFP_KERNEL);
	if (!memdev)
		return -ENOMEM;
	err = pci_enable_device_mem(pdev);
	if (err)
		return err;
	err = pci_request_mem_regions(pdev, "netmap");
	if (err)
		goto disable;
	err = memdev_describe(pdev, &ext);
	if (err)
		goto release;
	memdev->memory = memremap(ext.phys, ext.size, MEMREMAP_WB);
	if (!memdev->memory) {
		err = -ENOMEM;
		goto release;
	}
	ext.virt = memdev->memory;
	mutex_lock(&nm_lock);
	memdev->region = nm_region_external(&ext);
	mutex_unlock(&nm_lock);
	if (IS_ERR(memdev->region)) {
		err = PTR_ERR(memdev->region);
		pci_err(pdev, "netmap: cannot use region %u, error %d\n",
			ext.hostid, err);
		goto unmap;
	}
	pci_set_drvdata(pdev, memdev);
	pci_info(pdev, "netmap: region %u of the host, %llu MiB, is memory %u\n",
		 ext.hostid, ext.size >> 20, memdev->region->id);
	return 0;

unmap:
	memunmap(memdev->memory);
release:
	pci_release_mem_regions(pdev);
disable:
	pci_disable_device(pdev);
	return err;
}

static void memdev_remove(struct pci_dev *pdev)
{
	struct memdev *memdev = pci_get_drvdata(pdev);

	mutex_lock(&nm_lock);
	nm_region_gone(memdev->region);
	nm_region_put(memdev->region);
	mutex_unlock(&nm_lock);
	memunmap(memdev->memory);
	pci_release_mem_regions(pdev);
	pci_disable_device(pdev);
}

static const struct pci_device_id memdev_ids[] = {
	{
		.vendor = MEMDEV_VENDOR,
		.device = MEMDEV_DEVICE,
		.subvendor = MEMDEV_VENDOR,
		.subdevice = MEMDEV_SUBSYSTEM,
		.class = MEMDEV_CLASS,
		.class_mask = MEMDEV_CLASS_MASK,
	},
	{}
};
MODULE_DEVICE_TABLE(pci, memdev_ids);

static struct pci_driver memdev_driver = {
	.name = "netmap-memdev",
	.id_table = memdev_ids,
	.probe = memdev_probe,
	.remove = memdev_remove,
};

int nm_memdev_init(void)
{
	return pci_register_driver(&memdev_driver);
}

void nm_memdev_exit(void)
{
	pci_unregister_driver(&memdev_driver);
}
