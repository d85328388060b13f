/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Helpers for programs that use netmap: addressing and messages; and, with
 * NETMAP_WITH_LIBS defined, functions that open a port and move packets:
 *
 *	struct nm_desc *d = nm_open("netmap:eth0", NULL, 0, NULL);
 *	struct pollfd pfd = { .fd = NETMAP_FD(d), .events = POLLIN };
 *	struct nm_pkthdr h;
 *	const u_char *p;
 *
 *	while (poll(&pfd, 1, -1) >= 0)
 *		while ((p = nm_nextpkt(d, &h)))
 *			consume(p, h.len);
 *	nm_close(d);
 */
#ifndef _NET_NETMAP_USER_H_
#define _NET_NETMAP_USER_H_

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <net/if.h>

#include <net/netmap.h>

#ifndef likely
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif

/* ---------------------------------------------------------------- addressing */

#define _NETMAP_OFFSET(type, ptr, offset)	\
	((type)(void *)((char *)(ptr) + (offset)))

#define NETMAP_IF(_base, _ofs)	_NETMAP_OFFSET(struct netmap_if *, _base, _ofs)

#define NETMAP_TXRING(nifp, index)	\
	_NETMAP_OFFSET(struct netmap_ring *, nifp, (nifp)->ring_ofs[index])

/* The table has the transmit rings, hardware's then host's, first. */
#define NETMAP_RXRING(nifp, index)	\
	_NETMAP_OFFSET(struct netmap_ring *, nifp,			\
		       (nifp)->ring_ofs[(index) + (nifp)->ni_tx_rings +	\
					(nifp)->ni_host_tx_rings])

#define NETMAP_BUF(ring, index)	\
	((char *)(ring) + (ring)->buf_ofs +	\
	 ((size_t)(index) * (ring)->nr_buf_size))

#define NETMAP_BUF_IDX(ring, buf)	\
	(((char *)(buf) - ((char *)(ring) + (ring)->buf_ofs)) /	\
	 (ring)->nr_buf_size)

/* Offset of the packet in the slot's buffer, where offsets are in use. */
#define NETMAP_ROFFSET(ring, slot)	((slot)->ptr & (ring)->offset_mask)

#define NETMAP_WOFFSET(ring, slot, offset)				\
	((slot)->ptr = ((slot)->ptr & ~(ring)->offset_mask) |		\
		       ((offset) & (ring)->offset_mask))

#define NETMAP_BUF_OFFSET(ring, slot)	\
	(NETMAP_BUF(ring, (slot)->buf_idx) + NETMAP_ROFFSET(ring, slot))

static inline uint32_t nm_ring_next(struct netmap_ring *ring, uint32_t i)
{
	return unlikely(i + 1 == ring->num_slots) ? 0 : i + 1;
}

/* Whether slots that were handed over are still being sent. */
static inline int nm_tx_pending(struct netmap_ring *ring)
{
	return nm_ring_next(ring, ring->tail) != ring->head;
}

/* Slots of the user: packets to read, or room to send. */
static inline uint32_t nm_ring_space(struct netmap_ring *ring)
{
	uint32_t space = ring->tail - ring->head;

	return ring->tail < ring->head ? space + ring->num_slots : space;
}

static inline void nm_pkt_copy(const void *_src, void *_dst, int len)
{
	memcpy(_dst, _src, len);
}

/* ----------------------------------------------------------- debug messages */

#ifndef ND
#define ND(_fmt, ...)	do { } while (0)
#define D(_fmt, ...)							\
	do {								\
		struct timeval _t0;					\
		gettimeofday(&_t0, NULL);				\
		fprintf(stderr, "%03d.%06d %s [%d] " _fmt "\n",		\
			(int)(_t0.tv_sec % 1000), (int)_t0.tv_usec,	\
			__func__, __LINE__, ##__VA_ARGS__);		\
	} while (0)

/* At most lps messages a second. */
#define RD(lps, format, ...)						\
	do {								\
		static int __t0, __cnt;					\
		struct timeval __xxts;					\
		gettimeofday(&__xxts, NULL);				\
		if (__t0 != __xxts.tv_sec) {				\
			__t0 = __xxts.tv_sec;				\
			__cnt = 0;					\
		}							\
		if (__cnt++ < (lps))					\
			D(format, ##__VA_ARGS__);			\
	} while (0)
#endif

#ifdef NETMAP_WITH_LIBS
#ifndef HAVE_NETMAP_WITH_LIBS
#define HAVE_NETMAP_WITH_LIBS	/* for programs to ask */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* --------------------------------------------------------------- descriptors */

#define NM_ERRBUF_SIZE	512	/* of nm_desc.msg */
#define MAXERRMSG	80	/* of what nm_parse() says */

struct nm_desc;

struct nm_pkthdr {
	struct timeval	ts;
	uint32_t	caplen;
	uint32_t	len;
	uint64_t	flags;		/* NM_MORE_PKTS */
	struct nm_desc	*d;
	struct netmap_slot *slot;
	uint8_t		*buf;
};

#define NM_MORE_PKTS	1	/* another packet follows at once */

struct nm_stat {
	u_int ps_recv;
	u_int ps_drop;
	u_int ps_ifdrop;
};

/* An open port.  The members up to req are for programs to use. */
struct nm_desc {
	struct nm_desc	*self;		/* marks a live one */
	int		fd;
	void		*mem;
	uint64_t	memsize;
	int		done_mmap;	/* mem is unmapped on close */
	struct netmap_if *nifp;
	uint16_t	first_tx_ring, last_tx_ring, cur_tx_ring;
	uint16_t	first_rx_ring, last_rx_ring, cur_rx_ring;
	struct nmreq	req;
	struct nm_pkthdr hdr;

	struct netmap_ring *some_ring;
	void		*buf_start;
	void		*buf_end;
	int		snaplen;
	int		promisc;
	int		to_ms;
	char		*errbuf;
	uint32_t	if_flags;
	uint32_t	if_reqcap;
	uint32_t	if_curcap;
	struct nm_stat	st;
	char		msg[NM_ERRBUF_SIZE];
};

typedef struct nm_pkthdr nm_pkthdr_t;
typedef struct nm_stat nm_stat_t;
typedef struct nm_desc nm_desc_t;
typedef void (*nm_cb_t)(u_char *, const struct nm_pkthdr *, const u_char *d);

#define P2NMD(p)		((struct nm_desc *)(void *)(p))
#define IS_NETMAP_DESC(d)	((d) && P2NMD(d)->self == P2NMD(d))
#define NETMAP_FD(d)		(P2NMD(d)->fd)

/* Flags of nm_open, beside the NR_* ones: what to take from its argument. */
enum {
	NM_OPEN_NO_MMAP	 = 0x040000,	/* no mapping; with a parent as without this */
	NM_OPEN_IFNAME	 = 0x080000,	/* nr_name, nr_ringid, nr_flags */
	NM_OPEN_ARG1	 = 0x100000,
	NM_OPEN_ARG2	 = 0x200000,
	NM_OPEN_ARG3	 = 0x400000,
	NM_OPEN_RING_CFG = 0x800000,	/* numbers of rings and slots */
};

/* ------------------------------------------------------------- names of ports */

static int nm_is_identifier(const char *s, const char *e)
{
	for (; s != e; s++)
		if (!isalnum((unsigned char)*s) && *s != '_')
			return 0;
	return 1;
}

static int nm_parse_fail(char *err, const char *why)
{
	if (err)
		snprintf(err, MAXERRMSG, "%s", why);
	errno = EINVAL;
	return -1;
}

/* A decimal number up to max, and nothing that looks like one but is not. */
static int nm_parse_number(const char **s, long max)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)**s))
		return -1;
	n = strtol(*s, &end, 10);
	*s = end;
	return n > max ? -1 : (int)n;
}

/* The letters that follow a '/': 0 where there is none of them. */
static uint32_t nm_parse_flags(const char **s)
{
	uint32_t flags = 0;

	for (;; (*s)++) {
		switch (**s) {
		case 'x':
			flags |= NR_EXCLUSIVE;
			break;
		case 'z':
			flags |= NR_ZCOPY_MON;
			break;
		case 't':
			flags |= NR_MONITOR_TX;
			break;
		case 'r':
			flags |= NR_MONITOR_RX;
			break;
		case 'R':
			flags |= NR_RX_RINGS_ONLY;
			break;
		case 'T':
			flags |= NR_TX_RINGS_ONLY;
			break;
		default:
			return flags;
		}
	}
}

/*
 * Takes netmap:NAME or valeSWITCH:PORT, with the suffixes * ^ -N {N }N /FLAGS
 * and @MEM_ID, apart into d->req; flags are added to those that are there.
 * Returns 0, or -1 with errno EINVAL and the reason in err (of MAXERRMSG bytes,
 * may be NULL).
 */
static int nm_parse(const char *ifname, struct nm_desc *d, char *err)
{
	const char *name = ifname, *s, *end;
	uint32_t mode = NR_REG_ALL_NIC, flags = 0, more;
	int ringid = 0, vale = 0, seen_flags = 0, mem_id = 0;

	if (!strncmp(ifname, "netmap:", 7)) {
		name = ifname + 7;
	} else if (!strncmp(ifname, NM_BDG_NAME, strlen(NM_BDG_NAME))) {
		vale = 1;
		s = strchr(ifname, ':');
		if (!s)
			return nm_parse_fail(err, "a switch's name and : are missing");
		if (!nm_is_identifier(ifname, s))
			return nm_parse_fail(err, "invalid name of a switch");
		if (s - ifname >= IFNAMSIZ)
			return nm_parse_fail(err, "name of the switch too long");
	} else {
		return nm_parse_fail(err, "begins neither with netmap: nor with vale");
	}

	s = vale ? strchr(ifname, ':') + 1 : name;
	end = s + strcspn(s, "-*^{}/@");
	if (vale && !nm_is_identifier(s, end))
		return nm_parse_fail(err, "invalid name of a switch's port");
	if (end - name >= (int)sizeof(d->req.nr_name))
		return nm_parse_fail(err, "name too long");
	memset(d->req.nr_name, 0, sizeof(d->req.nr_name));
	memcpy(d->req.nr_name, name, end - name);

	s = end;
	while (*s) {
		char c = *s++;

		switch (c) {
		case '*':
			mode = NR_REG_NIC_SW;
			break;
		case '^':
			mode = NR_REG_SW;
			break;
		case '-':
		case '{':
		case '}':
			mode = c == '-' ? NR_REG_ONE_NIC :
			       c == '{' ? NR_REG_PIPE_MASTER : NR_REG_PIPE_SLAVE;
			ringid = nm_parse_number(&s, NETMAP_RING_MASK - 1);
			if (ringid < 0)
				return nm_parse_fail(err, "invalid number of a ring or pipe");
			break;
		case '/':
			more = nm_parse_flags(&s);
			if (!more || seen_flags++)
				return nm_parse_fail(err, "invalid flags");
			flags |= more;
			break;
		case '@':
			if (mem_id)
				return nm_parse_fail(err, "two memory ids");
			mem_id = nm_parse_number(&s, UINT16_MAX);
			if (mem_id <= 0)
				return nm_parse_fail(err, "invalid memory id");
			break;
		}
		if (*s && *s != '/' && *s != '@')
			return nm_parse_fail(err, "only /FLAGS and @MEM_ID may follow here");
	}

	d->req.nr_flags = (d->req.nr_flags & ~NR_REG_MASK) | mode | flags;
	d->req.nr_ringid = ringid;
	d->req.nr_arg2 = mem_id;
	d->self = d;
	return 0;
}

/* -------------------------------------------------------------- open and close */

static int nm_mmap(struct nm_desc *d, const struct nm_desc *parent)
{
	if (d->done_mmap)
		return 0;

	if (IS_NETMAP_DESC(parent) && parent->mem &&
	    parent->req.nr_arg2 == d->req.nr_arg2) {
		d->memsize = parent->memsize;
		d->mem = parent->mem;
	} else {
		d->memsize = d->req.nr_memsize;
		d->mem = mmap(NULL, d->memsize, PROT_READ | PROT_WRITE,
			      MAP_SHARED, d->fd, 0);
		if (d->mem == MAP_FAILED) {
			d->mem = NULL;
			return EINVAL;
		}
		d->done_mmap = 1;
	}

	d->nifp = NETMAP_IF(d->mem, d->req.nr_offset);
	if (d->first_tx_ring <= d->last_tx_ring &&
	    d->nifp->ring_ofs[d->first_tx_ring])
		d->some_ring = NETMAP_TXRING(d->nifp, d->first_tx_ring);
	else
		d->some_ring = NETMAP_RXRING(d->nifp, d->first_rx_ring);
	d->buf_start = NETMAP_BUF(d->some_ring, 0);
	d->buf_end = (char *)d->mem + d->memsize;
	return 0;
}

static int nm_close(struct nm_desc *d)
{
	if (!IS_NETMAP_DESC(d))
		return EINVAL;
	if (d->done_mmap && d->mem)
		munmap(d->mem, d->memsize);
	if (d->fd >= 0)
		close(d->fd);
	memset(d, 0, sizeof(*d));
	free(d);
	return 0;
}

/* Which rings the descriptor has, from the mode and the reply. */
static void nm_set_ring_range(struct nm_desc *d)
{
	switch (d->req.nr_flags & NR_REG_MASK) {
	case NR_REG_SW:
		d->first_tx_ring = d->last_tx_ring = d->req.nr_tx_rings;
		d->first_rx_ring = d->last_rx_ring = d->req.nr_rx_rings;
		break;
	case NR_REG_NIC_SW:
		d->first_tx_ring = d->first_rx_ring = 0;
		d->last_tx_ring = d->req.nr_tx_rings;
		d->last_rx_ring = d->req.nr_rx_rings;
		break;
	case NR_REG_ONE_NIC:
		d->first_tx_ring = d->last_tx_ring =
		d->first_rx_ring = d->last_rx_ring =
			d->req.nr_ringid & NETMAP_RING_MASK;
		break;
	default:
		d->first_tx_ring = d->first_rx_ring = 0;
		d->last_tx_ring = d->req.nr_tx_rings - 1;
		d->last_rx_ring = d->req.nr_rx_rings - 1;
		break;
	}
	d->cur_tx_ring = d->first_tx_ring;
	d->cur_rx_ring = d->first_rx_ring;
}

/* What the flags say is to be as the parent has it. */
static void nm_import(struct nm_desc *d, uint64_t flags, const struct nm_desc *parent)
{
	const struct nmreq *req = &parent->req;

	if (flags & NM_OPEN_ARG1)
		d->req.nr_arg1 = req->nr_arg1;
	if (flags & NM_OPEN_ARG2)
		d->req.nr_arg2 = req->nr_arg2;
	if (flags & NM_OPEN_ARG3)
		d->req.nr_arg3 = req->nr_arg3;
	if (flags & NM_OPEN_RING_CFG) {
		d->req.nr_tx_slots = req->nr_tx_slots;
		d->req.nr_rx_slots = req->nr_rx_slots;
		d->req.nr_tx_rings = req->nr_tx_rings;
		d->req.nr_rx_rings = req->nr_rx_rings;
	}
	if (flags & NM_OPEN_IFNAME) {
		memcpy(d->req.nr_name, req->nr_name, sizeof(d->req.nr_name));
		d->req.nr_ringid = req->nr_ringid;
		d->req.nr_flags = req->nr_flags;
	}
}

/*
 * Opens a port.  req, if given, has wishes for its sizes and flags; arg is a
 * descriptor to take from what new_flags name, and whose mapping is shared if it
 * is of the same region.  NULL and errno if it fails; errno is 0 where the name is
 * not netmap's.
 */
static struct nm_desc *nm_open(const char *ifname, const struct nmreq *req,
			       uint64_t new_flags, const struct nm_desc *arg)
{
	const struct nm_desc *parent = IS_NETMAP_DESC(arg) ? arg : NULL;
	char why[MAXERRMSG] = "";
	struct nm_desc *d;
	int err;

	if (strncmp(ifname, "netmap:", 7) &&
	    strncmp(ifname, NM_BDG_NAME, strlen(NM_BDG_NAME))) {
		errno = 0;
		return NULL;
	}

	d = (struct nm_desc *)calloc(1, sizeof(*d));
	if (!d) {
		errno = ENOMEM;
		return NULL;
	}
	d->self = d;
	d->fd = -1;

	if (req)
		d->req = *req;
	if (!(new_flags & NM_OPEN_IFNAME) && nm_parse(ifname, d, why) < 0)
		goto fail;
	d->req.nr_version = NETMAP_API;
	d->req.nr_ringid &= NETMAP_RING_MASK;
	if (parent)
		nm_import(d, new_flags, parent);
	d->req.nr_ringid |= new_flags & (NETMAP_NO_TX_POLL | NETMAP_DO_RX_POLL);

	d->fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	if (d->fd < 0) {
		snprintf(why, sizeof(why), "%s cannot be opened", NETMAP_DEVICE_NAME);
		goto fail;
	}
	if (ioctl(d->fd, NIOCREGIF, &d->req)) {
		snprintf(why, sizeof(why), "cannot be registered");
		goto fail;
	}
	nm_set_ring_range(d);
	if ((!(new_flags & NM_OPEN_NO_MMAP) || parent) && nm_mmap(d, parent)) {
		snprintf(why, sizeof(why), "its memory cannot be mapped");
		goto fail;
	}
	return d;

fail:
	err = errno;
	D("%s: %s: %s", ifname, why, strerror(err));
	nm_close(d);
	errno = err;
	return NULL;
}

/* -------------------------------------------------------------------- packets */

static inline void nm_advance(struct netmap_ring *ring, uint32_t i)
{
	__atomic_store_n(&ring->cur, i, __ATOMIC_RELAXED);
	__atomic_store_n(&ring->head, i, __ATOMIC_RELEASE);
}

/*
 * Puts one packet in the first ring with room, over several slots if it is
 * longer than a buffer.  Returns its size, or 0 where there is no room.  It is
 * sent by the next poll or NIOCTXSYNC.
 */
static int nm_inject(struct nm_desc *d, const void *buf, size_t size)
{
	u_int c, n = d->last_tx_ring - d->first_tx_ring + 1, ri = d->cur_tx_ring;

	for (c = 0; c < n; c++, ri++) {
		const char *src = (const char *)buf;
		struct netmap_ring *ring;
		struct netmap_slot *slot;
		uint32_t i, slots;
		size_t left = size, part;

		if (ri > d->last_tx_ring)
			ri = d->first_tx_ring;
		ring = NETMAP_TXRING(d->nifp, ri);
		slots = size ? (size + ring->nr_buf_size - 1) / ring->nr_buf_size : 1;
		if (nm_ring_space(ring) < slots)
			continue;
		i = ring->head;
		for (;; i = nm_ring_next(ring, i)) {
			slot = &ring->slot[i];
			part = left < ring->nr_buf_size ? left : ring->nr_buf_size;
			nm_pkt_copy(src, NETMAP_BUF(ring, slot->buf_idx), part);
			slot->len = part;
			left -= part;
			slot->flags = left ? NS_MOREFRAG : 0;
			src += part;
			if (!left)
				break;
		}
		nm_advance(ring, nm_ring_next(ring, i));
		d->cur_tx_ring = ri;
		return (int)size;
	}
	return 0;
}

/* Fills hdr from the next slot of a ring that is not empty. */
static inline u_char *nm_take(struct nm_desc *d, struct netmap_ring *ring,
			      struct nm_pkthdr *hdr)
{
	uint32_t i = ring->head;
	struct netmap_slot *slot = &ring->slot[i];

	hdr->ts = ring->ts;
	hdr->len = hdr->caplen = slot->len;
	hdr->slot = slot;
	hdr->d = d;
	hdr->buf = (uint8_t *)NETMAP_BUF_OFFSET(ring, slot);
	nm_advance(ring, nm_ring_next(ring, i));
	return hdr->buf;
}

/*
 * The same for all slots of a packet: len is its length, caplen that of what lies
 * in one piece from the first slot's buffer on.
 */
static inline u_char *nm_take_packet(struct nm_desc *d, struct netmap_ring *ring,
				     struct nm_pkthdr *hdr)
{
	u_char *buf = nm_take(d, ring, hdr), *end = buf + hdr->len;
	struct netmap_slot *slot = hdr->slot;
	uint32_t i = ring->head;

	for (; (slot->flags & NS_MOREFRAG) && i != ring->tail; i = nm_ring_next(ring, i)) {
		slot = &ring->slot[i];
		hdr->len += slot->len;
		if (end != (u_char *)NETMAP_BUF_OFFSET(ring, slot)) {
			end = NULL;
			continue;
		}
		hdr->caplen += slot->len;
		end += slot->len;
	}
	nm_advance(ring, i);
	return buf;
}

/* The next ring, from number *ri on, that has packets; *ri becomes its number. */
static inline struct netmap_ring *nm_next_rx_ring(const struct nm_desc *d, u_int *ri)
{
	u_int c, n = d->last_rx_ring - d->first_rx_ring + 1;

	for (c = 0; c < n; c++, (*ri)++) {
		struct netmap_ring *ring;

		if (*ri > d->last_rx_ring)
			*ri = d->first_rx_ring;
		ring = NETMAP_RXRING(d->nifp, *ri);
		if (!nm_ring_empty(ring))
			return ring;
	}
	return NULL;
}

/*
 * Calls cb for up to cnt packets that are there (cnt <= 0: all of them), does
 * not wait.  Returns their number.  NM_MORE_PKTS marks all but the last.
 */
static int nm_dispatch(struct nm_desc *d, int cnt, nm_cb_t cb, u_char *arg)
{
	u_int ri = d->cur_rx_ring;
	struct netmap_ring *ring = nm_next_rx_ring(d, &ri);
	int got = 0;

	while (ring && (cnt <= 0 || got < cnt)) {
		u_char *buf = nm_take_packet(d, ring, &d->hdr);

		d->cur_rx_ring = ri;
		got++;
		ring = nm_next_rx_ring(d, &ri);
		d->hdr.flags = ring && got != cnt ? NM_MORE_PKTS : 0;
		cb(arg, &d->hdr, buf);
	}
	return got;
}

/*
 * The next packet, slot by slot, or NULL where none is there.  It is valid until
 * the next poll or NIOCRXSYNC.
 */
static u_char *nm_nextpkt(struct nm_desc *d, struct nm_pkthdr *hdr)
{
	u_int ri = d->cur_rx_ring;
	struct netmap_ring *ring = nm_next_rx_ring(d, &ri);

	if (!ring)
		return NULL;
	d->cur_rx_ring = ri;
	return nm_take(d, ring, hdr);
}

/* Not every program uses every function. */
static inline void nm_unused(void)
{
	(void)nm_open;
	(void)nm_inject;
	(void)nm_dispatch;
	(void)nm_nextpkt;
}

#endif /* !HAVE_NETMAP_WITH_LIBS */
#endif /* NETMAP_WITH_LIBS */

#endif /* _NET_NETMAP_USER_H_ */
