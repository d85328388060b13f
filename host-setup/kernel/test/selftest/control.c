// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* Requests, their errors and options; mapping. */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "selftest.h"

static void device(void)
{
	struct stat stat_of;
	struct nm_ifreq config = { 0 };
	int fd = open_device();
	char byte;

	same(stat(NETMAP_DEVICE_NAME, &stat_of), 0);
	same(stat_of.st_mode & 0777, 0600);
	same(errno_of(ioctl(fd, 0x1234)), EOPNOTSUPP);
	same(errno_of(ioctl(fd, NIOCCTRL, NULL)), EINVAL);
	same(errno_of(ioctl(fd, NIOCREGIF, NULL)), EINVAL);
	same(errno_of(ioctl(fd, NIOCCTRL, 8)), EFAULT);
	same(errno_of(ioctl(fd, NIOCCONFIG, &config)), EINVAL);
	same(errno_of(ioctl(fd, NIOCTXSYNC)), ENXIO);
	same(errno_of(ioctl(fd, NIOCRXSYNC)), ENXIO);
	same(polled(fd, POLLIN | POLLOUT, 0), POLLERR);
	same(errno_of(read(fd, &byte, 1)), EINVAL);
	check(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED, "unbound");
	same(errno, EINVAL);
}

static void header(void)
{
	struct nmreq_port_info_get info = { 0 };
	struct nmreq_header good = {
		.nr_version = NETMAP_API,
		.nr_reqtype = NETMAP_REQ_PORT_INFO_GET,
		.nr_body = (uintptr_t)&info,
	}, hdr;
	int fd = open_device();

#define WITH(field, value)	(hdr = good, hdr.field = (value), errno_of(ioctl(fd, NIOCCTRL, &hdr)))
	same(WITH(nr_version, 14), 0);
	same(WITH(nr_version, 15), 0);
	same(WITH(nr_version, 13), EINVAL);
	same(WITH(nr_version, 16), EINVAL);
	same(WITH(nr_reserved, 1), EINVAL);
	same(WITH(nr_reqtype, 0), EINVAL);
	same(WITH(nr_reqtype, 16), EINVAL);
	same(WITH(nr_reqtype, 65535), EINVAL);
	same(WITH(nr_body, 0), EINVAL);
	same(hdr.nr_reserved, 0);
	same(WITH(nr_body, 8), EFAULT);
	same(WITH(nr_reqtype, NETMAP_REQ_VALE_DELIF), EINVAL);
#undef WITH
}

static void names(void)
{
	struct port port;
	struct how null = { .mode = NR_REG_NULL };

	same(try_open(&port, "nosuchdevice", NULL), ENXIO);
	same(try_open(&port, "", NULL), ENXIO);
	same(try_open(&port, "lo", NULL), EOPNOTSUPP);
	same(try_open(&port, "vale0:1", NULL), EOPNOTSUPP);
	same(try_open(&port, "{1", NULL), EINVAL);
	same(try_open(&port, "x{", NULL), EINVAL);
	same(try_open(&port, "}", NULL), EINVAL);
	same(try_open(&port, "a name that is no device's{1", NULL), EINVAL);
	same(try_open(&port, "any name", &null), EINVAL);
	null.mem_id = 1;
	same(try_open(&port, "any name", &null), 0);
	same(port.reg.nr_mem_id, 1);
}

static void modes(void)
{
	static const uint32_t refused[] = { NR_REG_SW, NR_REG_NIC_SW, NR_REG_ONE_SW,
					    NR_REG_PIPE_MASTER, NR_REG_PIPE_SLAVE, 9, 100 };
	const char *name = fresh("{1");
	struct port port;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		same(try_open(&port, name, &(struct how) { .mode = refused[i] }), EINVAL);
	port.fd = open_device();
	memset(&port.reg, 0, sizeof(port.reg));
	same(request(port.fd, NETMAP_REQ_REGISTER, name, &port.reg, NULL), EINVAL);
	same(try_open(&port, name, &(struct how) { .mode = NR_REG_ONE_NIC, .ringid = 1 }), EINVAL);
	same(try_open(&port, name, &(struct how) { .mem_id = 54321 }), EINVAL);
	same(try_open(&port, name, &(struct how) { .flags = NR_MONITOR_TX }), EOPNOTSUPP);
	same(try_open(&port, name, &(struct how) { .flags = NR_ACCEPT_VNET_HDR | NR_DO_RX_POLL }),
	     0);
}

static void bound_once(void)
{
	struct port port;
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	int fd = open_device();

	/* A refused REGISTER leaves the descriptor as it was. */
	same(request(fd, NETMAP_REQ_REGISTER, "nosuchdevice", &reg, NULL), ENXIO);
	same(request(fd, NETMAP_REQ_REGISTER, fresh("{1"), &reg, NULL), 0);
	same(request(fd, NETMAP_REQ_REGISTER, fresh("{2"), &reg, NULL), EBUSY);
	same(request(fd, NETMAP_REQ_REGISTER, fresh("{1"), &reg, NULL), EBUSY);
	same(try_open(&port, fresh("{1"), NULL), 0);
}

static void port_info(void)
{
	struct nmreq_port_info_get info = { 0 };
	struct nmreq_pools_info pools = { 0 };
	struct nmreq_port_hdr hdr = { .nr_hdr_len = 9 };
	struct port port;
	int fd = open_device();

	same(request(fd, NETMAP_REQ_PORT_INFO_GET, "", &info, NULL), 0);
	same(info.nr_mem_id, 1);
	same(info.nr_memsize, 343019520);
	memset(&info, 0, sizeof(info));
	same(request(fd, NETMAP_REQ_PORT_INFO_GET, fresh("{1"), &info, NULL), 0);
	same(info.nr_tx_slots, 1024);
	same(info.nr_rx_rings, 1);
	same(info.nr_host_tx_rings, 0);
	same(info.nr_memsize, 42369024);
	same(request(fd, NETMAP_REQ_PORT_INFO_GET, "nosuchdevice", &info, NULL), EINVAL);
	info.nr_mem_id = 0;
	same(request(fd, NETMAP_REQ_PORT_INFO_GET, "nosuchdevice", &info, NULL), ENXIO);

	same(request(fd, NETMAP_REQ_POOLS_INFO_GET, "", &pools, NULL), ENXIO);
	same(request(fd, NETMAP_REQ_POOLS_INFO_GET, fresh("{1"), &pools, NULL), 0);
	same(pools.nr_memsize, 42369024);
	same(pools.nr_if_pool_offset, 0);
	same(pools.nr_if_pool_objtotal, 12);
	same(pools.nr_if_pool_objsize, 1024);
	same(pools.nr_ring_pool_offset, 12288);
	same(pools.nr_ring_pool_objtotal, 20);
	same(pools.nr_ring_pool_objsize, 20480);
	same(pools.nr_buf_pool_offset, 421888);
	same(pools.nr_buf_pool_objtotal, 20482);
	same(pools.nr_buf_pool_objsize, 2048);

	same(request(fd, NETMAP_REQ_PORT_HDR_GET, fresh("{1"), &hdr, NULL), ENODEV);
	same(request(fd, NETMAP_REQ_PORT_HDR_GET, "nosuchdevice", &hdr, NULL), ENXIO);
	same(try_open(&port, fresh("{1"), NULL), 0);
	same(request(fd, NETMAP_REQ_PORT_HDR_GET, fresh("{1"), &hdr, NULL), 0);
	same(hdr.nr_hdr_len, 0);
	same(request(fd, NETMAP_REQ_PORT_HDR_SET, fresh("{1"), &hdr, NULL), ENXIO);
	hdr.nr_hdr_len = 9;
	same(request(fd, NETMAP_REQ_PORT_HDR_SET, fresh("{1"), &hdr, NULL), EINVAL);
	/* The parent of pipes can be asked for its region. */
	memset(&info, 0, sizeof(info));
	same(request(fd, NETMAP_REQ_PORT_INFO_GET, fresh(""), &info, NULL), 0);
	same(info.nr_mem_id, port.reg.nr_mem_id);
}

static void vale(void)
{
	struct nmreq_vale_attach attach = { .reg = { .nr_mode = NR_REG_ALL_NIC } };
	struct nmreq_vale_polling polling = { 0 };
	struct nmreq_vale_detach detach = { 0 };
	struct nmreq_vale_newif newif = { 0 };
	struct nmreq_vale_list list = { 0 };
	int fd = open_device();

	same(request(fd, NETMAP_REQ_VALE_LIST, "", &list, NULL), ENOENT);
	same(request(fd, NETMAP_REQ_VALE_LIST, "vale0:1", &list, NULL), ENOENT);
	same(request(fd, NETMAP_REQ_VALE_LIST, "lo", &list, NULL), EINVAL);
	same(request(fd, NETMAP_REQ_VALE_ATTACH, "vale0:lo", &attach, NULL), EOPNOTSUPP);
	same(request(fd, NETMAP_REQ_VALE_ATTACH, "lo", &attach, NULL), EINVAL);
	same(request(fd, NETMAP_REQ_VALE_DETACH, "vale0:lo", &detach, NULL), ENXIO);
	same(request(fd, NETMAP_REQ_VALE_DETACH, "lo", &detach, NULL), EINVAL);
	same(request(fd, NETMAP_REQ_VALE_NEWIF, "v0", &newif, NULL), EOPNOTSUPP);
	same(request(fd, NETMAP_REQ_VALE_NEWIF, "vale0", &newif, NULL), EINVAL);
	same(request(fd, NETMAP_REQ_VALE_DELIF, "v0", NULL, NULL), ENXIO);
	same(request(fd, NETMAP_REQ_VALE_POLLING_ENABLE, "vale0:lo", &polling, NULL), EOPNOTSUPP);
	same(request(fd, NETMAP_REQ_VALE_POLLING_DISABLE, "vale0:lo", &polling, NULL), EOPNOTSUPP);
}

static void options(void)
{
	struct nmreq_option unknown = { .nro_reqtype = 77 };
	struct nmreq_opt_csb csb = { .nro_opt.nro_reqtype = NETMAP_REQ_OPT_CSB };
	struct nmreq_opt_csb twin = csb;
	struct nmreq_opt_extmem extmem = { .nro_opt.nro_reqtype = NETMAP_REQ_OPT_EXTMEM };
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct nmreq_port_info_get info = { 0 };
	const char *name = fresh("{1");
	int fd = open_device();

	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &unknown), EOPNOTSUPP);
	same(unknown.nro_status, EOPNOTSUPP);
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &extmem), EOPNOTSUPP);
	same(extmem.nro_opt.nro_status, EOPNOTSUPP);
	/* Others ignore what they do not know. */
	unknown.nro_status = 0;
	same(request(fd, NETMAP_REQ_PORT_INFO_GET, name, &info, &unknown), 0);
	same(unknown.nro_status, EOPNOTSUPP);

	csb.nro_opt.nro_next = (uintptr_t)&twin;
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &csb), EINVAL);
	same(csb.nro_opt.nro_status, EINVAL);
	same(twin.nro_opt.nro_status, EINVAL);
	csb.nro_opt.nro_next = (uintptr_t)&csb;
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &csb), EINVAL);
	unknown.nro_next = (uintptr_t)&unknown;
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &unknown), EMSGSIZE);
	unknown.nro_next = 8;
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &unknown), EFAULT);
	unknown.nro_next = 0;
	unknown.nro_reqtype = 0;
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &unknown), EINVAL);
	csb.nro_opt.nro_next = 0;
	csb.nro_opt.nro_size = 5000;
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, &csb), EMSGSIZE);
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, (void *)8), EFAULT);
	same(request(fd, NETMAP_REQ_REGISTER, name, &reg, NULL), 0);
}

static void legacy(void)
{
	struct nmreq good = { .nr_version = NETMAP_API, .nr_flags = NR_REG_PIPE_MASTER,
			      .nr_ringid = 5, .nr_arg3 = 3 }, req;
	struct port other;
	int fd = open_device();

	strcpy(good.nr_name, fresh(""));
	req = good;
	req.nr_version = 13;
	same(errno_of(ioctl(fd, NIOCREGIF, &req)), EINVAL);
	req = good;
	req.nr_cmd = NETMAP_BDG_REGOPS;
	same(errno_of(ioctl(fd, NIOCREGIF, &req)), EINVAL);
	req = good;
	req.nr_cmd = NETMAP_BDG_VNET_HDR;
	req.nr_arg1 = 12;
	same(errno_of(ioctl(fd, NIOCREGIF, &req)), ENXIO);
	req.nr_arg1 = 9;
	same(errno_of(ioctl(fd, NIOCREGIF, &req)), EINVAL);
	req = good;
	strcpy(req.nr_name, "vale0:1");
	req.nr_cmd = NETMAP_BDG_LIST;
	same(errno_of(ioctl(fd, NIOCGINFO, &req)), ENOENT);
	req = good;
	strcpy(req.nr_name, "nosuchdevice");
	req.nr_flags = NR_REG_ALL_NIC;
	same(errno_of(ioctl(fd, NIOCREGIF, &req)), ENXIO);
	req = good;
	strcat(req.nr_name, "{5");
	same(errno_of(ioctl(fd, NIOCGINFO, &req)), 0);
	same(req.nr_memsize, 42369024);
	same(req.nr_tx_slots, 1024);

	req = good;
	same(errno_of(ioctl(fd, NIOCREGIF, &req)), 0);
	/* Extra buffers count in the size of a new region: here three of them do. */
	same(req.nr_memsize, 42369024 + 4 * 2048);
	same(req.nr_offset, 0);
	same(req.nr_rx_rings, 1);
	same(req.nr_arg3, 3);
	same(req.nr_flags, good.nr_flags);
	same(req.nr_ringid, good.nr_ringid);
	same(req.nr_version, good.nr_version);
	same(try_open(&other, fresh("}5"), NULL), 0);
	same(other.reg.nr_mem_id, req.nr_arg2);
	same(other.reg.nr_offset, 1024);
}

static void mapping(void)
{
	struct port port = open_port(fresh("{1"), &(struct how) { .flags = NR_EXCLUSIVE }), again;
	size_t size = port.reg.nr_memsize;
	char *private;

	check(mmap(NULL, size + 4096, PROT_READ, MAP_SHARED, port.fd, 0) == MAP_FAILED, "too long");
	same(errno, EINVAL);
	check(mmap(NULL, 8192, PROT_READ, MAP_SHARED, port.fd, size - 4096) == MAP_FAILED, "beyond");
	check(mmap(NULL, 4096, PROT_READ, MAP_SHARED, port.fd, size) == MAP_FAILED, "beyond");
	check(mremap(port.memory, size, size + 4096, MREMAP_MAYMOVE) == MAP_FAILED, "grown");
	private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, port.fd, 0);
	check(private != MAP_FAILED, "private");
	memset(private, 1, 4096);
	same(port.nifp->ni_tx_rings, 1);
	munmap(private, 4096);

	/* Whoever maps the port has it open. */
	close(port.fd);
	same(try_open(&again, fresh("{1"), NULL), EBUSY);
	munmap(port.memory, size);
	same(try_open(&again, fresh("{1"), NULL), 0);
}

static void parameters(void)
{
	same(number_in("/sys/module/netmap/parameters/buf_size", ""), 2048);
	same(number_in("/sys/module/netmap/parameters/buf_num", ""), 163840);
	same(number_in("/sys/module/netmap/parameters/ring_size", ""), 36864);
	same(number_in("/sys/module/netmap/parameters/ring_num", ""), 200);
	same(number_in("/sys/module/netmap/parameters/if_size", ""), 1024);
	same(number_in("/sys/module/netmap/parameters/if_num", ""), 100);
	same(number_in("/sys/module/netmap/parameters/priv_ring_size", ""), 20480);
	same(number_in("/sys/module/netmap/parameters/priv_buf_num", ""), 4098);
}

static void set_parameter(const char *name, const char *value)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/netmap/parameters/%s", name);
	file = fopen(path, "w");
	check(file, "%s", path);
	fputs(value, file);
	fclose(file);
}

static void global_region(void)
{
	struct how global = { .mem_id = 1, .slots = 64 };
	struct port a, b;
	size_t size;

	set_parameter("buf_num", "1000");
	a = open_port(fresh("{1"), &global);
	size = a.reg.nr_memsize;
	same(size, 102400 + 7372800 + 1000 * 2048);
	same(a.nifp->ni_flags, 0);
	/* Frozen while it is in use. */
	set_parameter("buf_num", "2000");
	b = open_port(fresh("}1"), &global);
	same(b.reg.nr_memsize, size);
	same(b.reg.nr_mem_id, 1);
	close_port(&a);
	close_port(&b);
	a = open_port(fresh("{1"), &global);
	same(a.reg.nr_memsize, size + 1000 * 2048);
	close_port(&a);
	set_parameter("buf_num", "3");
	same(try_open(&a, fresh("{1"), &global), EINVAL);
	set_parameter("buf_num", "163840");
	same(try_open(&a, fresh("{1"), &(struct how) { .mem_id = 1, .slots = 2288 }), 0);
	close(a.fd);
	same(try_open(&a, fresh("{1"), &(struct how) { .mem_id = 1, .slots = 2289 }), ENOMEM);
}

const struct test control_tests[] = {
	{ "device node, unbound descriptor (4)", device },
	{ "request header (5.1)", header },
	{ "port names (8.1)", names },
	{ "modes (5.3)", modes },
	{ "a descriptor is bound once (5.3)", bound_once },
	{ "sizes of ports and pools (5.4, 5.5, 5.8)", port_info },
	{ "requests for switches, which are not there (5.6 to 5.10)", vale },
	{ "options (6)", options },
	{ "legacy requests (7)", legacy },
	{ "mapping (4.4)", mapping },
	{ "module parameters (16)", parameters },
	{ "global region and its parameters (2.8, 2.9)", global_region },
	{ 0 }
};
