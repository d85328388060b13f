// SPDX-License-Identifier: GPL-2.0
/*
 * Passthrough of the host's netmap rings by the e1000-paravirt device.
 *
 * The device is an ordinary e1000 until netmap opens the interface. Then its
 * host serves the rings of netmap's user through the CSB (BAR 4) instead, until
 * the last user closes. The driver negotiates, forwards commands and kicks to
 * the device and its interrupts to netmap, which does the rest: see netmap.ko.
 *
 * While the rings are passed through, the interface stays what it is to the
 * stack, but what the stack sends is dropped, and nothing is received.
 */

#include "e1000.h"
#include "e1000_pt.h"
#include "../netmap/ptnetmap_guest.h"

static bool paravirtual;
module_param(paravirtual, bool, 0444);
MODULE_PARM_DESC(paravirtual,
		 "Let netmap use the host's rings, on e1000-paravirt devices");

#define E1000_PT_SUBSYSTEM_VENDOR	0x1af4
#define E1000_PT_SUBSYSTEM		0x1101
#define E1000_PT_CSB_BAR		4

/* Registers, offsets in BAR 0 */
#define E1000_PTFEAT		0x02838	/* Features wanted, then agreed */
#define E1000_PTCTL		0x0283C	/* Command */
#define E1000_PTSTS		0x02840	/* errno of the last command */
#define E1000_PTVER		0x02844	/* Version; 0 = nothing to pass on */
#define E1000_PTICR		0x02848	/* Rings that interrupt by INTx */
#define E1000_HOSTMEMID		0x0284C
#define E1000_NIFP_OFFSET_LO	0x02850
#define E1000_NIFP_OFFSET_HI	0x02854
#define E1000_NUM_TX_RINGS	0x02858
#define E1000_NUM_RX_RINGS	0x0285C
#define E1000_NUM_TX_SLOTS	0x02860
#define E1000_NUM_RX_SLOTS	0x02864
#define E1000_PTSTATE		0x02868
#define E1000_PTKICK(ring)	(0x02A00 + 4 * (ring))

#define E1000_PT_VERSION	1
#define E1000_PTFEAT_CSB_BAR	0x4
#define E1000_PTSTATE_PASSED	1

/* How often to look whether the host of open rings still lives. */
#define E1000_PT_WATCH		HZ

struct e1000_pt_ring {
	struct e1000_pt *pt;
	u32 tail;		/* hwtail at the last interrupt */
	char name[32];		/* of the interrupt */
};

struct e1000_pt {
	struct e1000_adapter *adapter;
	struct netmap_pt_driver driver;
	const struct netmap_pt_port_ops *netmap;
	struct netmap_pt_port *port;	/* NULL while detached */
	struct mutex lock;		/* commands, and passed with them */
	bool passed;			/* not for the stack at present */
	bool msix;
	int line;			/* the interrupt without MSI-X */
	struct delayed_work watch;
	unsigned int rings;
	struct e1000_pt_ring ring[NETMAP_PT_MAX_RINGS];
};

static u32 e1000_pt_read(const struct e1000_pt *pt, u32 offset)
{
	return readl(pt->adapter->hw.hw_addr + offset);
}

static void e1000_pt_write(const struct e1000_pt *pt, u32 offset, u32 value)
{
	writel(value, pt->adapter->hw.hw_addr + offset);
}

/* Reading PTSTS also waits for the command to be done. */
static int e1000_pt_command(const struct e1000_pt *pt, u32 command)
{
	u32 status;

	e1000_pt_write(pt, E1000_PTCTL, command);
	status = e1000_pt_read(pt, E1000_PTSTS);
	return status <= MAX_ERRNO ? -(int)status : -EIO;
}

static int e1000_pt_control(const struct netmap_pt_driver *driver, u32 command)
{
	struct e1000_pt *pt = container_of(driver, struct e1000_pt, driver);
	int err;

	mutex_lock(&pt->lock);
	/* From before REGIF until after UNREGIF the device would not take what
	 * the stack sends.
	 */
	if (command == NETMAP_PT_REGIF)
		WRITE_ONCE(pt->passed, true);
	err = e1000_pt_command(pt, command);
	if (command == NETMAP_PT_REGIF && !err)
		schedule_delayed_work(&pt->watch, E1000_PT_WATCH);
	else if (command != NETMAP_PT_CONFIG)
		WRITE_ONCE(pt->passed, false);
	mutex_unlock(&pt->lock);
	return err;
}

static void e1000_pt_geometry(const struct netmap_pt_driver *driver,
			      struct netmap_pt_geometry *geometry)
{
	struct e1000_pt *pt = container_of(driver, struct e1000_pt, driver);

	geometry->nifp_offset = e1000_pt_read(pt, E1000_NIFP_OFFSET_LO) |
		(u64)e1000_pt_read(pt, E1000_NIFP_OFFSET_HI) << 32;
	geometry->mem_id = e1000_pt_read(pt, E1000_HOSTMEMID);
	geometry->tx_rings = e1000_pt_read(pt, E1000_NUM_TX_RINGS);
	geometry->rx_rings = e1000_pt_read(pt, E1000_NUM_RX_RINGS);
	geometry->tx_slots = e1000_pt_read(pt, E1000_NUM_TX_SLOTS);
	geometry->rx_slots = e1000_pt_read(pt, E1000_NUM_RX_SLOTS);
}

static void e1000_pt_kick(const struct netmap_pt_driver *driver,
			  unsigned int ring)
{
	struct e1000_pt *pt = container_of(driver, struct e1000_pt, driver);

	e1000_pt_write(pt, E1000_PTKICK(ring), 0);
}

bool __e1000_pt_drop(struct e1000_adapter *adapter, struct sk_buff *skb)
{
	if (likely(!READ_ONCE(adapter->pt->passed)))
		return false;
	dev_core_stats_tx_dropped_inc(adapter->netdev);
	dev_kfree_skb_any(skb);
	return true;
}

/* Tells netmap when the host is gone, or took the rings back by itself. */
static void e1000_pt_watch(struct work_struct *work)
{
	struct e1000_pt *pt = container_of(to_delayed_work(work),
					   struct e1000_pt, watch);
	struct e1000_adapter *adapter = pt->adapter;
	struct netmap_pt_port *port = READ_ONCE(pt->port);
	bool gone = false;

	mutex_lock(&pt->lock);
	if (port && pt->passed) {
		gone = e1000_pt_read(pt, E1000_PTSTATE) != E1000_PTSTATE_PASSED;
		if (gone)
			WRITE_ONCE(pt->passed, false);
		else
			schedule_delayed_work(&pt->watch, E1000_PT_WATCH);
	}
	mutex_unlock(&pt->lock);
	if (gone) {
		e_err(drv, "the host of the netmap rings is gone\n");
		pt->netmap->gone(port);
	}
}

static void e1000_pt_ring_news(struct e1000_pt *pt, unsigned int index)
{
	const struct nm_csb_ktoa *ktoa =
		pt->driver.csb + NETMAP_PT_CSB_KTOA;
	/* Pairs with netmap_pt_attach(): pt->netmap is there when the port is. */
	struct netmap_pt_port *port = smp_load_acquire(&pt->port);
	struct e1000_pt_ring *ring = &pt->ring[index];
	u32 tail = READ_ONCE(ktoa[index].hwtail);

	/* The host that goes interrupts once more, without news. */
	if (tail == ring->tail && READ_ONCE(pt->passed))
		mod_delayed_work(system_wq, &pt->watch, 0);
	ring->tail = tail;
	if (port)
		pt->netmap->interrupt(port, index);
}

static irqreturn_t e1000_pt_msix_intr(int irq, void *data)
{
	struct e1000_pt_ring *ring = data;

	e1000_pt_ring_news(ring->pt, ring - ring->pt->ring);
	return IRQ_HANDLED;
}

/* On the line it shares with e1000_intr, which has causes of its own. */
static irqreturn_t e1000_pt_line_intr(int irq, void *data)
{
	struct e1000_pt *pt = data;
	unsigned long causes = e1000_pt_read(pt, E1000_PTICR);
	unsigned int index;

	if (!causes)
		return IRQ_NONE;
	for_each_set_bit(index, &causes, pt->rings)
		e1000_pt_ring_news(pt, index);
	return IRQ_HANDLED;
}

static void e1000_pt_free_msix(struct e1000_pt *pt, unsigned int requested)
{
	struct pci_dev *pdev = pt->adapter->pdev;

	while (requested-- > 0)
		free_irq(pci_irq_vector(pdev, 1 + requested),
			 &pt->ring[requested]);
	pdev->irq = pt->line;
	pci_free_irq_vectors(pdev);
}

/* Vector 0 is for the causes of any e1000, vector 1 + i for ring i. */
static int e1000_pt_request_msix(struct e1000_pt *pt)
{
	struct pci_dev *pdev = pt->adapter->pdev;
	unsigned int i;
	int err;

	err = pci_alloc_irq_vectors(pdev, 1 + pt->rings, 1 + pt->rings,
				    PCI_IRQ_MSIX);
	if (err < 0)
		return err;
	for (i = 0; i < pt->rings; i++) {
		snprintf(pt->ring[i].name, sizeof(pt->ring[i].name),
			 "e1000-ring%u@%s", i, pci_name(pdev));
		err = request_irq(pci_irq_vector(pdev, 1 + i),
				  e1000_pt_msix_intr, 0, pt->ring[i].name,
				  &pt->ring[i]);
		if (err) {
			e1000_pt_free_msix(pt, i);
			return err;
		}
	}
	/* The rest of the driver requests and awaits this one. */
	pdev->irq = pci_irq_vector(pdev, 0);
	return 0;
}

static int e1000_pt_request_irqs(struct e1000_pt *pt)
{
	pt->line = pt->adapter->pdev->irq;
	pt->msix = !e1000_pt_request_msix(pt);
	if (pt->msix)
		return 0;
	snprintf(pt->ring[0].name, sizeof(pt->ring[0].name), "e1000-rings@%s",
		 pci_name(pt->adapter->pdev));
	return request_irq(pt->line, e1000_pt_line_intr, IRQF_SHARED,
			   pt->ring[0].name, pt);
}

static void e1000_pt_free_irqs(struct e1000_pt *pt)
{
	if (pt->msix)
		e1000_pt_free_msix(pt, pt->rings);
	else
		free_irq(pt->line, pt);
}

static void e1000_pt_synchronize_irqs(struct e1000_pt *pt)
{
	unsigned int i;

	if (!pt->msix) {
		synchronize_irq(pt->line);
		return;
	}
	for (i = 0; i < pt->rings; i++)
		synchronize_irq(pci_irq_vector(pt->adapter->pdev, 1 + i));
}

/* Returns whether there is anything to pass through; if not, says why. */
static bool e1000_pt_usable(struct e1000_adapter *adapter, struct e1000_pt *pt)
{
	struct netmap_pt_geometry geometry;
	u32 version = e1000_pt_read(pt, E1000_PTVER);

	if (version == 0) {
		e_dev_info("nothing to pass through: QEMU's -netdev lacks passthrough=on\n");
		return false;
	}
	if (version != E1000_PT_VERSION) {
		e_dev_err("QEMU passes rings through by version %u of the interface, this driver knows %u: build both from one release\n",
			  version, E1000_PT_VERSION);
		return false;
	}
	e1000_pt_geometry(&pt->driver, &geometry);
	if (geometry.tx_rings > NETMAP_PT_MAX_RINGS ||
	    geometry.rx_rings > NETMAP_PT_MAX_RINGS ||
	    geometry.tx_rings + geometry.rx_rings == 0 ||
	    geometry.tx_rings + geometry.rx_rings > NETMAP_PT_MAX_RINGS ||
	    pci_resource_len(adapter->pdev, E1000_PT_CSB_BAR) <
	    NETMAP_PT_CSB_SIZE) {
		e_dev_err("no passthrough: the device claims %u + %u rings and a CSB of %llu bytes\n",
			  geometry.tx_rings, geometry.rx_rings,
			  (u64)pci_resource_len(adapter->pdev,
						E1000_PT_CSB_BAR));
		return false;
	}
	pt->rings = geometry.tx_rings + geometry.rx_rings;
	return true;
}

void e1000_pt_attach(struct e1000_adapter *adapter)
{
	struct e1000_pt *pt = adapter->pt;
	typeof(netmap_pt_attach) *attach;
	int err;

	if (!pt)
		return;
	/* A kernel that was here before may have left the rings passed on. */
	e1000_pt_command(pt, NETMAP_PT_UNREGIF);
	e1000_pt_write(pt, E1000_PTFEAT, E1000_PTFEAT_CSB_BAR);
	if (!(e1000_pt_read(pt, E1000_PTFEAT) & E1000_PTFEAT_CSB_BAR)) {
		e_dev_err("no passthrough: the device keeps the CSB elsewhere than in BAR %u\n",
			  E1000_PT_CSB_BAR);
		return;
	}
	attach = symbol_get(netmap_pt_attach);
	if (!attach) {
		e_dev_err("no passthrough: load netmap before e1000\n");
		return;
	}
	err = attach(&pt->driver, &pt->port, &pt->netmap);
	if (err) {
		symbol_put(netmap_pt_attach);
		e_dev_err("no passthrough: netmap refuses the port, error %d\n",
			  err);
	}
}

void e1000_pt_detach(struct e1000_adapter *adapter)
{
	struct e1000_pt *pt = adapter->pt;
	struct netmap_pt_port *port;

	if (!pt || !pt->port)
		return;
	port = pt->port;
	WRITE_ONCE(pt->port, NULL);
	e1000_pt_synchronize_irqs(pt);
	cancel_delayed_work_sync(&pt->watch);
	pt->netmap->detach(port);
	e1000_pt_control(&pt->driver, NETMAP_PT_UNREGIF);
	symbol_put(netmap_pt_attach);
}

static int e1000_pt_setup(struct e1000_adapter *adapter, struct e1000_pt *pt)
{
	struct pci_dev *pdev = adapter->pdev;
	int err;

	pt->driver.csb = memremap(pci_resource_start(pdev, E1000_PT_CSB_BAR),
				  NETMAP_PT_CSB_SIZE, MEMREMAP_WB);
	if (!pt->driver.csb)
		return -ENOMEM;
	err = e1000_pt_request_irqs(pt);
	if (err)
		memunmap(pt->driver.csb);
	return err;
}

void e1000_pt_probe(struct e1000_adapter *adapter)
{
	struct pci_dev *pdev = adapter->pdev;
	struct e1000_pt *pt;
	unsigned int i;
	int err;

	if (!paravirtual ||
	    pdev->subsystem_vendor != E1000_PT_SUBSYSTEM_VENDOR ||
	    pdev->subsystem_device != E1000_PT_SUBSYSTEM)
		return;
	pt = kzalloc(sizeof(*pt), GFP_KERNEL);
	if (!pt)
		return;
	pt->adapter = adapter;
	mutex_init(&pt->lock);
	pt->driver.version = NETMAP_PT_VERSION;
	pt->driver.netdev = adapter->netdev;
	pt->driver.control = e1000_pt_control;
	pt->driver.geometry = e1000_pt_geometry;
	pt->driver.kick = e1000_pt_kick;
	INIT_DELAYED_WORK(&pt->watch, e1000_pt_watch);
	for (i = 0; i < NETMAP_PT_MAX_RINGS; i++)
		pt->ring[i].pt = pt;

	if (!e1000_pt_usable(adapter, pt)) {
		kfree(pt);
		return;
	}
	err = e1000_pt_setup(adapter, pt);
	if (err) {
		e_dev_err("no passthrough: cannot set up interrupts or CSB, error %d\n",
			  err);
		kfree(pt);
		return;
	}
	adapter->pt = pt;
	e1000_pt_attach(adapter);
}

void e1000_pt_remove(struct e1000_adapter *adapter)
{
	struct e1000_pt *pt = adapter->pt;

	if (!pt)
		return;
	e1000_pt_detach(adapter);
	e1000_pt_free_irqs(pt);
	cancel_delayed_work_sync(&pt->watch);
	memunmap(pt->driver.csb);
	adapter->pt = NULL;
	kfree(pt);
}
