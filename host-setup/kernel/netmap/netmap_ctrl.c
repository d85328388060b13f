// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* Requests: NIOCCTRL with its bodies and options, and what came before it. */

#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "netmap_kern.h"

union nm_body {
	struct nmreq_register reg;
	struct nmreq_port_info_get info;
	struct nmreq_pools_info pools;
	struct nmreq_vale_attach attach;
	struct nmreq_vale_list list;
	struct nmreq_vale_newif newif;
	struct nmreq_port_hdr hdr;
	struct nmreq_sync_kloop_start kloop;
};

static const u8 nm_body_size[] = {
	[NETMAP_REQ_REGISTER] = sizeof(struct nmreq_register),
	[NETMAP_REQ_PORT_INFO_GET] = sizeof(struct nmreq_port_info_get),
	[NETMAP_REQ_VALE_ATTACH] = sizeof(struct nmreq_vale_attach),
	[NETMAP_REQ_VALE_DETACH] = sizeof(struct nmreq_vale_detach),
	[NETMAP_REQ_VALE_LIST] = sizeof(struct nmreq_vale_list),
	[NETMAP_REQ_PORT_HDR_SET] = sizeof(struct nmreq_port_hdr),
	[NETMAP_REQ_PORT_HDR_GET] = sizeof(struct nmreq_port_hdr),
	[NETMAP_REQ_VALE_NEWIF] = sizeof(struct nmreq_vale_newif),
	[NETMAP_REQ_VALE_DELIF] = 0,
	[NETMAP_REQ_VALE_POLLING_ENABLE] = sizeof(struct nmreq_vale_polling),
	[NETMAP_REQ_VALE_POLLING_DISABLE] = sizeof(struct nmreq_vale_polling),
	[NETMAP_REQ_POOLS_INFO_GET] = sizeof(struct nmreq_pools_info),
	[NETMAP_REQ_SYNC_KLOOP_START] = sizeof(struct nmreq_sync_kloop_start),
	[NETMAP_REQ_SYNC_KLOOP_STOP] = 0,
	[NETMAP_REQ_CSB_ENABLE] = 0,
};

/* --------------------------------------------------------------------- options */

#define NM_MAX_OPTIONS	(NETMAP_REQ_MAXSIZE / sizeof(struct nmreq_option))

/* An option as it was read, once, from the program. */
struct nm_option {
	u64 address;
	u32 type;
	u32 status;
	u64 size;
	void *body;		/* what follows its header, of types we know */
};

struct nm_request {
	struct nmreq_header hdr;
	union nm_body body;
	u32 num_options;
	struct nm_option *options;
};

/* Bytes after the header; 0 for types that are not known. */
static size_t nm_option_body(const struct nm_option *opt)
{
	const size_t head = sizeof(struct nmreq_option);

	switch (opt->type) {
	case NETMAP_REQ_OPT_EXTMEM:
		return sizeof(struct nmreq_opt_extmem) - head;
	case NETMAP_REQ_OPT_CSB:
		return sizeof(struct nmreq_opt_csb) - head;
	case NETMAP_REQ_OPT_SYNC_KLOOP_MODE:
		return sizeof(struct nmreq_opt_sync_kloop_mode) - head;
	case NETMAP_REQ_OPT_OFFSETS:
		return sizeof(struct nmreq_opt_offsets) - head;
	case NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS:
		return opt->size > head ? opt->size - head : 0;
	default:
		return 0;
	}
}

static struct nm_option *nm_option_find(const struct nm_request *req, u32 type)
{
	u32 i;

	for (i = 0; i < req->num_options; i++)
		if (req->options[i].type == type)
			return &req->options[i];
	return NULL;
}

/* Reads one option; total counts the bytes of the whole request. */
static int nm_option_read(struct nm_request *req, struct nm_option *opt, size_t *total)
{
	size_t body = nm_option_body(opt);
	struct nm_option *twin;

	if (!opt->type)
		return -EINVAL;
	if (opt->type < NETMAP_REQ_OPT_MAX) {
		twin = nm_option_find(req, opt->type);
		if (twin != opt) {
			twin->status = EINVAL;
			opt->status = EINVAL;
			return -EINVAL;
		}
		if (opt->size > NETMAP_REQ_MAXSIZE)
			return -EMSGSIZE;
	}
	*total += sizeof(struct nmreq_option) + body;
	if (*total > NETMAP_REQ_MAXSIZE)
		return -EMSGSIZE;
	if (!body)
		return 0;
	opt->body = memdup_user(u64_to_user_ptr(opt->address + sizeof(struct nmreq_option)),
				body);
	if (IS_ERR(opt->body)) {
		int err = PTR_ERR(opt->body);

		opt->body = NULL;
		return err;
	}
	return 0;
}

static int nm_options_read(struct nm_request *req, size_t total)
{
	u64 address = req->hdr.nr_options;
	struct nmreq_option head;
	struct nm_option *opt;
	int err;

	if (!address)
		return 0;
	req->options = kcalloc(NM_MAX_OPTIONS, sizeof(*req->options), GFP_KERNEL_ACCOUNT);
	if (!req->options)
		return -ENOMEM;
	while (address) {
		if (req->num_options == NM_MAX_OPTIONS)
			return -EMSGSIZE;
		if (copy_from_user(&head, u64_to_user_ptr(address), sizeof(head)))
			return -EFAULT;
		opt = &req->options[req->num_options++];
		opt->address = address;
		opt->type = head.nro_reqtype;
		opt->status = EOPNOTSUPP;
		opt->size = head.nro_size;
		err = nm_option_read(req, opt, &total);
		if (err)
			return err;
		address = head.nro_next;
	}
	return 0;
}

/* Tells what came of each option, also where the request has failed. */
static void nm_options_finish(struct nm_request *req)
{
	struct nmreq_option __user *opt;
	u32 i;

	for (i = 0; i < req->num_options; i++) {
		opt = u64_to_user_ptr(req->options[i].address);
		/* Where it cannot be told there is nobody to tell. */
		if (put_user(req->options[i].status, &opt->nro_status))
			pr_debug("netmap: status of option %u is lost\n", i);
		kfree(req->options[i].body);
	}
	kfree(req->options);
}

/* --------------------------------------------------------------------- binding */

static int nm_wish_region(struct nm_wish *wish, u16 mem_id)
{
	wish->region = NULL;
	if (mem_id) {
		wish->region = nm_region_by_id(mem_id);
		if (!wish->region)
			return -EINVAL;
	}
	return 0;
}

static struct nm_port *nm_find(const char *name, struct nm_wish *wish, u16 mem_id)
{
	struct nm_port *port;
	int err = nm_wish_region(wish, mem_id);

	if (err)
		return ERR_PTR(err);
	port = nm_port_find(name, wish);
	if (wish->region)
		nm_region_put(wish->region);
	return port;
}

static int nm_register_port(struct nm_priv *priv, const char *name,
			    struct nmreq_register *reg, struct nm_port **bound)
{
	struct nm_wish wish = {
		.mode = reg->nr_mode,
		.num_rings = { [NR_TX] = reg->nr_tx_rings, [NR_RX] = reg->nr_rx_rings },
		.num_slots = { [NR_TX] = reg->nr_tx_slots, [NR_RX] = reg->nr_rx_slots },
		.extra = reg->nr_extra_bufs,
		.create = true,
	};
	struct nm_port *port = nm_find(name, &wish, reg->nr_mem_id);
	int err;

	if (IS_ERR(port))
		return PTR_ERR(port);
	err = nm_bind(priv, port, reg->nr_mode, reg->nr_ringid, (u32)reg->nr_flags,
		      reg->nr_extra_bufs);
	if (!err) {
		reg->nr_offset = priv->nifp_offset;
		reg->nr_memsize = priv->region->size;
		reg->nr_tx_slots = port->num_slots[NR_TX];
		reg->nr_rx_slots = port->num_slots[NR_RX];
		reg->nr_tx_rings = port->num_rings[NR_TX];
		reg->nr_rx_rings = port->num_rings[NR_RX];
		reg->nr_host_tx_rings = 0;
		reg->nr_host_rx_rings = 0;
		reg->nr_mem_id = priv->region->id;
		reg->nr_extra_bufs = priv->extra_bufs;
		*bound = port;
	}
	nm_port_put(port);
	return err;
}

static int nm_register_check(struct nm_priv *priv, struct nm_request *req)
{
	const struct nmreq_register *reg = &req->body.reg;
	u32 i;

	if (priv->port)
		return -EBUSY;
	if (reg->nr_mode == NR_REG_DEFAULT || reg->nr_mode == NR_REG_PIPE_MASTER ||
	    reg->nr_mode == NR_REG_PIPE_SLAVE || reg->nr_mode > NR_REG_ONE_SW)
		return -EINVAL;
	if (reg->nr_flags & (NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON)) {
		pr_warn_ratelimited("netmap: %s: this module has no monitors\n",
				    req->hdr.nr_name);
		return -EOPNOTSUPP;
	}
	for (i = 0; i < req->num_options; i++)
		if (req->options[i].type != NETMAP_REQ_OPT_CSB)
			return -EOPNOTSUPP;
	return 0;
}

static int nm_csb_option(struct nm_priv *priv, struct nm_port *port, struct nm_option *opt)
{
	const u64 *blocks = opt->body;
	int err = nm_csb_enable(priv, port, blocks[0], blocks[1]);

	opt->status = -err;
	return err;
}

/* With priv->lock.  Nobody can use the binding before port is written. */
static int nm_register(struct nm_priv *priv, struct nm_request *req)
{
	struct nm_option *csb = nm_option_find(req, NETMAP_REQ_OPT_CSB);
	struct nmreq_register reply = req->body.reg;
	struct nm_port *port;
	int err;

	err = nm_register_check(priv, req);
	if (err)
		return err;
	mutex_lock(&nm_lock);
	err = nm_register_port(priv, req->hdr.nr_name, &reply, &port);
	mutex_unlock(&nm_lock);
	if (err)
		return err;
	if (csb) {
		err = nm_csb_option(priv, port, csb);
		if (err) {
			mutex_lock(&nm_lock);
			nm_unbind(priv, port);
			mutex_unlock(&nm_lock);
			return err;
		}
	}
	req->body.reg = reply;
	/* Pairs with nm_priv_port(): syncs and faults see the whole binding. */
	smp_store_release(&priv->port, port);
	return 0;
}

/* ------------------------------------------------------------------- questions */

static int nm_port_info(const char *name, struct nmreq_port_info_get *info)
{
	struct nm_wish wish = {
		.mode = NR_REG_ALL_NIC,
		.num_rings = { [NR_TX] = info->nr_tx_rings, [NR_RX] = info->nr_rx_rings },
		.num_slots = { [NR_TX] = info->nr_tx_slots, [NR_RX] = info->nr_rx_slots },
		.create = true,
	};
	struct nm_region *region;
	struct nm_port *port;
	int err;

	if (!*name) {
		region = nm_region_by_id(info->nr_mem_id ?: NM_GLOBAL_MEM_ID);
		if (!region)
			return -EINVAL;
		err = nm_region_configure(region);
		info->nr_memsize = region->size;
		info->nr_mem_id = region->id;
		nm_region_put(region);
		return err;
	}

	port = nm_find(name, &wish, info->nr_mem_id);
	if (IS_ERR(port))
		return PTR_ERR(port);
	err = nm_region_configure(port->region);
	info->nr_memsize = port->region->size;
	info->nr_mem_id = port->region->id;
	info->nr_tx_slots = port->num_slots[NR_TX];
	info->nr_rx_slots = port->num_slots[NR_RX];
	info->nr_tx_rings = port->num_rings[NR_TX];
	info->nr_rx_rings = port->num_rings[NR_RX];
	info->nr_host_tx_rings = 0;
	info->nr_host_rx_rings = 0;
	nm_port_put(port);
	return err;
}

static int nm_pools_info(const char *name, struct nmreq_pools_info *info)
{
	struct nm_wish wish = { .mode = NR_REG_ALL_NIC, .create = true };
	struct nm_port *port = nm_find(name, &wish, info->nr_mem_id);
	struct nm_region *region;
	int err;

	if (IS_ERR(port))
		return PTR_ERR(port);
	region = port->region;
	err = nm_region_configure(region);
	memset(info, 0, sizeof(*info));
	info->nr_memsize = region->size;
	info->nr_mem_id = region->id;
	info->nr_if_pool_offset = region->pool[NM_IF_POOL].offset;
	info->nr_if_pool_objtotal = region->pool[NM_IF_POOL].objtotal;
	info->nr_if_pool_objsize = region->pool[NM_IF_POOL].objsize;
	info->nr_ring_pool_offset = region->pool[NM_RING_POOL].offset;
	info->nr_ring_pool_objtotal = region->pool[NM_RING_POOL].objtotal;
	info->nr_ring_pool_objsize = region->pool[NM_RING_POOL].objsize;
	info->nr_buf_pool_offset = region->pool[NM_BUF_POOL].offset;
	info->nr_buf_pool_objtotal = region->pool[NM_BUF_POOL].objtotal;
	info->nr_buf_pool_objsize = region->pool[NM_BUF_POOL].objsize;
	nm_port_put(port);
	return err;
}

/* No packet carries a virtio-net header, and only ports of switches could. */
static int nm_port_hdr(const char *name, u16 type, struct nmreq_port_hdr *hdr)
{
	struct nm_wish wish = { .mode = NR_REG_ALL_NIC };
	struct nm_port *port;

	if (type == NETMAP_REQ_PORT_HDR_SET)
		return hdr->nr_hdr_len == 0 || hdr->nr_hdr_len == 10 ||
		       hdr->nr_hdr_len == 12 ? -ENXIO : -EINVAL;
	port = nm_find(name, &wish, 0);
	if (IS_ERR(port))
		return PTR_ERR(port);
	hdr->nr_hdr_len = 0;
	nm_port_put(port);
	return 0;
}

/* A kernel without switches: nothing is there, nothing can be made. */
static int nm_vale(const struct nm_request *req)
{
	const char *name = req->hdr.nr_name;
	bool vale = !strncmp(name, NM_BDG_NAME, strlen(NM_BDG_NAME));

	switch (req->hdr.nr_reqtype) {
	case NETMAP_REQ_VALE_ATTACH:
		return vale ? -EOPNOTSUPP : -EINVAL;
	case NETMAP_REQ_VALE_DETACH:
		return vale ? -ENXIO : -EINVAL;
	case NETMAP_REQ_VALE_LIST:
		return vale || !*name ? -ENOENT : -EINVAL;
	case NETMAP_REQ_VALE_NEWIF:
		return vale || strlen(name) >= IFNAMSIZ ? -EINVAL : -EOPNOTSUPP;
	case NETMAP_REQ_VALE_DELIF:
		return -ENXIO;
	default:
		return -EOPNOTSUPP;
	}
}

/* ------------------------------------------------------------------------ loop */

static int nm_csb_request(struct nm_priv *priv, struct nm_request *req)
{
	struct nm_option *csb = nm_option_find(req, NETMAP_REQ_OPT_CSB);

	if (!csb)
		return -EINVAL;
	if (!priv->port)
		return -ENXIO;
	return nm_csb_option(priv, priv->port, csb);
}

/* The loop serves all rings itself: it does not send in the kicker's context. */
static int nm_kloop_mode(struct nm_option *opt)
{
	const u32 *mode = opt->body;

	if (*mode & ~(NM_OPT_SYNC_KLOOP_DIRECT_TX | NM_OPT_SYNC_KLOOP_DIRECT_RX)) {
		opt->status = EINVAL;
		return -EINVAL;
	}
	if (!*mode)
		opt->status = 0;
	return 0;
}

static int nm_kloop_start(struct nm_priv *priv, struct nm_request *req)
{
	struct nm_option *fds = nm_option_find(req, NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS);
	struct nm_option *mode = nm_option_find(req, NETMAP_REQ_OPT_SYNC_KLOOP_MODE);
	int err;

	if (!nm_priv_port(priv))
		return -ENXIO;
	if (mode) {
		err = nm_kloop_mode(mode);
		if (err)
			return err;
	}
	if (fds && fds->size != sizeof(struct nmreq_option) +
				nm_priv_rings(priv) * sizeof(struct nm_eventfds))
		err = -EINVAL;
	else
		err = nm_kloop_run(priv, req->body.kloop.sleep_us, fds ? fds->body : NULL);
	if (fds)
		fds->status = -err;
	return err;
}

/* -------------------------------------------------------------------- dispatch */

static int nm_request_handle(struct nm_priv *priv, struct nm_request *req)
{
	const char *name = req->hdr.nr_name;
	int err;

	switch (req->hdr.nr_reqtype) {
	case NETMAP_REQ_REGISTER:
		mutex_lock(&priv->lock);
		err = nm_register(priv, req);
		mutex_unlock(&priv->lock);
		return err;
	case NETMAP_REQ_CSB_ENABLE:
		mutex_lock(&priv->lock);
		err = nm_csb_request(priv, req);
		mutex_unlock(&priv->lock);
		return err;
	case NETMAP_REQ_SYNC_KLOOP_START:
		return nm_kloop_start(priv, req);
	case NETMAP_REQ_SYNC_KLOOP_STOP:
		return nm_kloop_stop(priv);
	case NETMAP_REQ_PORT_INFO_GET:
		mutex_lock(&nm_lock);
		err = nm_port_info(name, &req->body.info);
		mutex_unlock(&nm_lock);
		return err;
	case NETMAP_REQ_POOLS_INFO_GET:
		mutex_lock(&nm_lock);
		err = nm_pools_info(name, &req->body.pools);
		mutex_unlock(&nm_lock);
		return err;
	case NETMAP_REQ_PORT_HDR_SET:
	case NETMAP_REQ_PORT_HDR_GET:
		mutex_lock(&nm_lock);
		err = nm_port_hdr(name, req->hdr.nr_reqtype, &req->body.hdr);
		mutex_unlock(&nm_lock);
		return err;
	default:
		return nm_vale(req);
	}
}

static int nm_request_check(const struct nmreq_header *hdr)
{
	if (hdr->nr_version < NETMAP_MIN_API || hdr->nr_version > NETMAP_MAX_API ||
	    hdr->nr_reserved || !hdr->nr_reqtype ||
	    hdr->nr_reqtype >= ARRAY_SIZE(nm_body_size))
		return -EINVAL;
	return !nm_body_size[hdr->nr_reqtype] == !hdr->nr_body ? 0 : -EINVAL;
}

long nm_ctrl(struct nm_priv *priv, void __user *arg)
{
	struct nm_request *req;
	size_t size;
	long err;

	req = kzalloc(sizeof(*req), GFP_KERNEL_ACCOUNT);
	if (!req)
		return -ENOMEM;
	err = -EFAULT;
	if (copy_from_user(&req->hdr, arg, sizeof(req->hdr)))
		goto out;
	req->hdr.nr_name[NETMAP_REQ_IFNAMSIZ - 1] = '\0';
	err = nm_request_check(&req->hdr);
	if (err)
		goto reply;

	size = nm_body_size[req->hdr.nr_reqtype];
	err = -EFAULT;
	if (copy_from_user(&req->body, u64_to_user_ptr(req->hdr.nr_body), size))
		goto reply;
	err = nm_options_read(req, size);
	if (!err)
		err = nm_request_handle(priv, req);
	if (!err && copy_to_user(u64_to_user_ptr(req->hdr.nr_body), &req->body, size))
		err = -EFAULT;
	nm_options_finish(req);
reply:
	/* The fixed part goes back also where the request failed. */
	if (copy_to_user(arg, &req->hdr, sizeof(req->hdr)))
		err = -EFAULT;
out:
	kfree(req);
	return err;
}

/* ----------------------------------------------------------------- API 11 to 13 */

static void nm_legacy_mode(const struct nmreq *old, struct nmreq_header *hdr,
			  struct nmreq_register *reg)
{
	u16 ring = old->nr_ringid & NETMAP_RING_MASK;
	size_t len = strlen(hdr->nr_name);

	reg->nr_mode = old->nr_flags & NR_REG_MASK;
	reg->nr_flags = old->nr_flags & ~NR_REG_MASK;
	reg->nr_ringid = ring;
	if (old->nr_ringid & NETMAP_NO_TX_POLL)
		reg->nr_flags |= NR_NO_TX_POLL;
	if (old->nr_ringid & NETMAP_DO_RX_POLL)
		reg->nr_flags |= NR_DO_RX_POLL;

	switch (reg->nr_mode) {
	case NR_REG_DEFAULT:
		reg->nr_mode = old->nr_ringid & NETMAP_SW_RING ? NR_REG_SW :
			       old->nr_ringid & NETMAP_HW_RING ? NR_REG_ONE_NIC :
			       NR_REG_ALL_NIC;
		break;
	case NR_REG_PIPE_MASTER:
	case NR_REG_PIPE_SLAVE:
		snprintf(hdr->nr_name + len, sizeof(hdr->nr_name) - len, "%c%u",
			 reg->nr_mode == NR_REG_PIPE_MASTER ? '{' : '}', ring);
		reg->nr_mode = NR_REG_ALL_NIC;
		reg->nr_ringid = 0;
		break;
	}
}

static int nm_legacy_register(struct nm_priv *priv, struct nm_request *req,
			      struct nmreq *old)
{
	struct nmreq_register *reg = &req->body.reg;
	int err;

	req->hdr.nr_reqtype = NETMAP_REQ_REGISTER;
	reg->nr_tx_slots = old->nr_tx_slots;
	reg->nr_rx_slots = old->nr_rx_slots;
	reg->nr_tx_rings = old->nr_tx_rings;
	reg->nr_rx_rings = old->nr_rx_rings;
	reg->nr_mem_id = old->nr_arg2;
	reg->nr_extra_bufs = old->nr_arg3;
	nm_legacy_mode(old, &req->hdr, reg);
	err = nm_request_handle(priv, req);
	if (err)
		return err;
	old->nr_offset = reg->nr_offset;
	old->nr_memsize = reg->nr_memsize;
	old->nr_tx_slots = reg->nr_tx_slots;
	old->nr_rx_slots = reg->nr_rx_slots;
	old->nr_tx_rings = reg->nr_tx_rings;
	old->nr_rx_rings = reg->nr_rx_rings;
	old->nr_arg2 = reg->nr_mem_id;
	old->nr_arg3 = reg->nr_extra_bufs;
	return 0;
}

static int nm_legacy_info(struct nm_priv *priv, struct nm_request *req, struct nmreq *old)
{
	struct nmreq_port_info_get *info = &req->body.info;
	int err;

	req->hdr.nr_reqtype = NETMAP_REQ_PORT_INFO_GET;
	info->nr_tx_slots = old->nr_tx_slots;
	info->nr_rx_slots = old->nr_rx_slots;
	info->nr_tx_rings = old->nr_tx_rings;
	info->nr_rx_rings = old->nr_rx_rings;
	info->nr_mem_id = old->nr_arg2;
	err = nm_request_handle(priv, req);
	if (err)
		return err;
	old->nr_memsize = info->nr_memsize;
	old->nr_tx_slots = info->nr_tx_slots;
	old->nr_rx_slots = info->nr_rx_slots;
	old->nr_tx_rings = info->nr_tx_rings;
	old->nr_rx_rings = info->nr_rx_rings;
	old->nr_arg2 = info->nr_mem_id;
	return 0;
}

/* The requests that legacy commands stand for; 0: none. */
static u16 nm_legacy_type(unsigned int cmd, u16 nr_cmd)
{
	if (nr_cmd == NETMAP_BDG_LIST && cmd == NIOCGINFO)
		return NETMAP_REQ_VALE_LIST;
	if (cmd == NIOCGINFO)
		return NETMAP_REQ_PORT_INFO_GET;
	switch (nr_cmd) {
	case 0:
		return NETMAP_REQ_REGISTER;
	case NETMAP_BDG_ATTACH:
		return NETMAP_REQ_VALE_ATTACH;
	case NETMAP_BDG_DETACH:
		return NETMAP_REQ_VALE_DETACH;
	case NETMAP_BDG_VNET_HDR:
		return NETMAP_REQ_PORT_HDR_SET;
	case NETMAP_VNET_HDR_GET:
		return NETMAP_REQ_PORT_HDR_GET;
	case NETMAP_BDG_NEWIF:
		return NETMAP_REQ_VALE_NEWIF;
	case NETMAP_BDG_DELIF:
		return NETMAP_REQ_VALE_DELIF;
	case NETMAP_BDG_POLLING_ON:
		return NETMAP_REQ_VALE_POLLING_ENABLE;
	case NETMAP_BDG_POLLING_OFF:
		return NETMAP_REQ_VALE_POLLING_DISABLE;
	default:
		return 0;
	}
}

static int nm_legacy_handle(struct nm_priv *priv, unsigned int cmd, struct nmreq *old)
{
	struct nm_request req = { };
	u16 type = nm_legacy_type(cmd, old->nr_cmd);
	int err;

	if (old->nr_version < NETMAP_MIN_API)
		return -EINVAL;
	strscpy(req.hdr.nr_name, old->nr_name, sizeof(old->nr_name));
	req.hdr.nr_reqtype = type;
	switch (type) {
	case 0:
		return -EINVAL;
	case NETMAP_REQ_REGISTER:
		return nm_legacy_register(priv, &req, old);
	case NETMAP_REQ_PORT_INFO_GET:
		return nm_legacy_info(priv, &req, old);
	case NETMAP_REQ_PORT_HDR_SET:
	case NETMAP_REQ_PORT_HDR_GET:
		req.body.hdr.nr_hdr_len = old->nr_arg1;
		err = nm_request_handle(priv, &req);
		if (!err)
			old->nr_arg1 = req.body.hdr.nr_hdr_len;
		return err;
	default:
		return nm_request_handle(priv, &req);
	}
}

long nm_legacy(struct nm_priv *priv, unsigned int cmd, void __user *arg)
{
	struct nmreq old;
	long err;

	if (copy_from_user(&old, arg, sizeof(old)))
		return -EFAULT;
	err = nm_legacy_handle(priv, cmd, &old);
	if (copy_to_user(arg, &old, sizeof(old)))
		return -EFAULT;
	return err;
}
