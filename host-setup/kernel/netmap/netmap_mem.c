// SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
/* Regions: memory that programs map, and the objects in it. */

#include <linux/gcd.h>
#include <linux/highmem.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "netmap_kern.h"

#define NM_OBJECT_ALIGN		64
#define NM_MAX_CLUSTER		(4U << 20)
#define NM_PIPES		2	/* pairs that a private region has room for */

struct nm_limits {
	u32 min_size, max_size;
	u32 min_num, max_num;
};

static const struct nm_limits nm_global_limits[NM_POOLS] = {
	[NM_IF_POOL]	= { sizeof(struct netmap_if), 4096, 10, 10000 },
	[NM_RING_POOL]	= { sizeof(struct netmap_ring), 131072, 2, 1024 },
	[NM_BUF_POOL]	= { NM_OBJECT_ALIGN, 65536, 4, 1000000 },
};

static const struct nm_limits nm_private_limits[NM_POOLS] = {
	[NM_IF_POOL]	= { sizeof(struct netmap_if), 4096, 1, 100 },
	[NM_RING_POOL]	= { sizeof(struct netmap_ring), 131072, 2, 1024 },
	[NM_BUF_POOL]	= { NM_OBJECT_ALIGN, 65536, 4, 1000000 },
};

static u32 nm_global_size[NM_POOLS] = { 1024, 36864, 2048 };
static u32 nm_global_num[NM_POOLS] = { 100, 200, 163840 };
static u32 nm_private_size[NM_POOLS] = { 1024, 20480, 2048 };
static u32 nm_private_num[NM_POOLS] = { 2, 4, 4098 };

static struct nm_region nm_global;

#define NM_POOL_PARAMS(name, kind, what)						\
	module_param_named(name##_size, nm_global_size[kind], uint, 0644);		\
	MODULE_PARM_DESC(name##_size, "bytes of a " what " of the global region");	\
	module_param_named(name##_num, nm_global_num[kind], uint, 0644);		\
	MODULE_PARM_DESC(name##_num, "number of " what "s of the global region");	\
	module_param_named(name##_curr_size, nm_global.pool[kind].objsize, uint, 0444);	\
	MODULE_PARM_DESC(name##_curr_size, "in force now, 0 before the first use");	\
	module_param_named(name##_curr_num, nm_global.pool[kind].objtotal, uint, 0444);	\
	MODULE_PARM_DESC(name##_curr_num, "in force now, 0 before the first use");	\
	module_param_named(priv_##name##_size, nm_private_size[kind], uint, 0644);	\
	MODULE_PARM_DESC(priv_##name##_size, "least bytes of a " what " elsewhere");	\
	module_param_named(priv_##name##_num, nm_private_num[kind], uint, 0644);	\
	MODULE_PARM_DESC(priv_##name##_num, "least number of " what "s elsewhere")

NM_POOL_PARAMS(if, NM_IF_POOL, "netmap_if");
NM_POOL_PARAMS(ring, NM_RING_POOL, "ring");
NM_POOL_PARAMS(buf, NM_BUF_POOL, "buffer");

static DEFINE_IDR(nm_regions);	/* by mem_id */

/* -------------------------------------------------------------------- finding */

void nm_region_get(struct nm_region *region)
{
	lockdep_assert_held(&nm_lock);
	region->refs++;
}

struct nm_region *nm_region_by_id(u16 id)
{
	struct nm_region *region = idr_find(&nm_regions, id);

	if (region)
		nm_region_get(region);
	return region;
}

struct nm_region *nm_region_by_hostid(u32 hostid)
{
	struct nm_region *region;
	int id;

	idr_for_each_entry(&nm_regions, region, id) {
		if (region->hostid == hostid && hostid && !region->gone) {
			nm_region_get(region);
			return region;
		}
	}
	return NULL;
}

static int nm_region_init(struct nm_region *region, int first_id, int end_id)
{
	int id;

	lockdep_assert_held(&nm_lock);
	init_rwsem(&region->external_lock);
	INIT_LIST_HEAD(&region->privs);
	region->refs = 1;
	id = idr_alloc_cyclic(&nm_regions, region, first_id, end_id, GFP_KERNEL);
	if (id < 0)
		return id;
	region->id = id;
	return 0;
}

static struct nm_region *nm_region_new(void)
{
	struct nm_region *region = kzalloc(sizeof(*region), GFP_KERNEL);
	int err;

	if (!region)
		return ERR_PTR(-ENOMEM);
	err = nm_region_init(region, NM_GLOBAL_MEM_ID + 1, U16_MAX + 1);
	if (err) {
		kfree(region);
		return ERR_PTR(err);
	}
	return region;
}

/* -------------------------------------------------------------- configuration */

/*
 * Objects are multiples of 64 bytes; pools are whole clusters: the least number of
 * objects that fills whole pages (2.9).  Returns the pool's bytes.
 */
static s64 nm_pool_configure(struct nm_pool *pool, const struct nm_limits *limits,
			     u64 offset, u32 size, u32 num)
{
	u32 cluster;

	if (size > limits->max_size || num < limits->min_num || num > limits->max_num)
		return -EINVAL;
	size = ALIGN(size, NM_OBJECT_ALIGN);
	if (size < limits->min_size || size > limits->max_size)
		return -EINVAL;
	cluster = PAGE_SIZE / gcd(size, PAGE_SIZE);
	if (cluster * size > NM_MAX_CLUSTER)
		return -EINVAL;

	pool->offset = offset;
	pool->objsize = size;
	pool->objtotal = roundup(num, cluster);
	return (u64)pool->objtotal * size;
}

static int nm_region_layout(struct nm_region *region, const struct nm_limits *limits,
			    const u32 *size, const u32 *num)
{
	u64 offset = 0;
	int i;

	for (i = 0; i < NM_POOLS; i++) {
		s64 bytes = nm_pool_configure(&region->pool[i], &limits[i], offset,
					      size[i], num[i]);

		if (bytes < 0) {
			pr_warn_ratelimited("netmap: %s region: %u objects of %u bytes are not possible, see %s%s_num and _size\n",
					    region->private ? "private" : "global",
					    num[i], size[i],
					    region->private ? "priv_" : "",
					    i == NM_IF_POOL ? "if" :
					    i == NM_RING_POOL ? "ring" : "buf");
			region->size = 0;
			return bytes;
		}
		offset += bytes;
	}
	region->meta_offset = 0;
	region->meta_size = region->pool[NM_BUF_POOL].offset;
	region->pages_offset = region->meta_size;
	region->num_pages = (offset - region->pages_offset) >> PAGE_SHIFT;
	region->size = offset;
	return 0;
}

int nm_region_configure(struct nm_region *region)
{
	u32 size[NM_POOLS], num[NM_POOLS];
	int i;

	lockdep_assert_held(&nm_lock);
	if (region->users || region->hostid)
		return 0;
	if (!region->private)
		return nm_region_layout(region, nm_global_limits, nm_global_size,
					nm_global_num);
	for (i = 0; i < NM_POOLS; i++) {
		size[i] = max(region->min_size[i], READ_ONCE(nm_private_size[i]));
		num[i] = max(region->min_num[i], READ_ONCE(nm_private_num[i]));
	}
	return nm_region_layout(region, nm_private_limits, size, num);
}

/*
 * A region for a parent of pipes, or for a pipe of so many rings and slots:
 * room for NM_PIPES pairs of them, and for one port with a ring per direction.
 */
struct nm_region *nm_region_private(u32 tx_rings, u32 rx_rings, u32 slots, u32 extra)
{
	struct nm_region *region = nm_region_new();
	u64 rings = 4 * NM_PIPES * (tx_rings + rx_rings) + 4;
	u64 want[NM_POOLS];
	int i, err;

	if (IS_ERR(region))
		return region;
	region->private = true;
	region->min_size[NM_IF_POOL] = min_t(u64, 4096,
		sizeof(struct netmap_if) + 8 * (tx_rings + rx_rings + 2));
	region->min_size[NM_RING_POOL] =
		sizeof(struct netmap_ring) + slots * sizeof(struct netmap_slot);
	region->min_size[NM_BUF_POOL] = 0;
	want[NM_IF_POOL] = 2 + 4 * NM_PIPES;
	want[NM_RING_POOL] = rings;
	want[NM_BUF_POOL] = rings * slots + NM_FIRST_BUF + extra;
	for (i = 0; i < NM_POOLS; i++)
		region->min_num[i] = min_t(u64, want[i], nm_private_limits[i].max_num);

	err = nm_region_configure(region);
	if (err) {
		nm_region_put(region);
		return ERR_PTR(err);
	}
	return region;
}

struct nm_region *nm_region_external(const struct nm_external *ext)
{
	struct nm_region *region;
	s64 bytes;
	int i;

	lockdep_assert_held(&nm_lock);
	if (!ext->hostid || !ext->size || !PAGE_ALIGNED(ext->size | ext->phys))
		return ERR_PTR(-EINVAL);
	for (i = NM_RING_POOL; i < NM_POOLS; i++) {
		u64 offset = ext->pool[i].offset;

		if (ext->pool[i].objsize < nm_global_limits[i].min_size ||
		    offset > ext->size ||
		    (u64)ext->pool[i].objsize * ext->pool[i].objtotal > ext->size - offset)
			return ERR_PTR(-EINVAL);
	}
	region = nm_region_by_hostid(ext->hostid);
	if (region) {
		nm_region_put(region);
		return ERR_PTR(-EEXIST);
	}

	region = nm_region_new();
	if (IS_ERR(region))
		return region;
	region->hostid = ext->hostid;
	region->external = ext->virt;
	region->external_phys = ext->phys;
	region->external_size = ext->size;
	for (i = NM_RING_POOL; i < NM_POOLS; i++) {
		region->pool[i].offset = ext->pool[i].offset;
		region->pool[i].objsize = ext->pool[i].objsize;
		region->pool[i].objtotal = ext->pool[i].objtotal;
	}
	bytes = nm_pool_configure(&region->pool[NM_IF_POOL], &nm_global_limits[NM_IF_POOL],
				  ext->size, nm_global_size[NM_IF_POOL],
				  nm_global_num[NM_IF_POOL]);
	if (bytes < 0) {
		nm_region_put(region);
		return ERR_PTR(bytes);
	}
	region->meta_offset = ext->size;
	region->meta_size = bytes;
	region->size = ext->size + bytes;
	return region;
}

/* --------------------------------------------------------------------- memory */

static int nm_pool_alloc(struct nm_pool *pool)
{
	pool->free = kvcalloc(BITS_TO_LONGS(pool->objtotal), sizeof(long), GFP_KERNEL);
	if (!pool->free)
		return -ENOMEM;
	bitmap_fill(pool->free, pool->objtotal);
	pool->objfree = pool->objtotal;
	pool->hint = 0;
	return 0;
}

static void nm_pages_free(struct nm_region *region)
{
	u64 i;

	if (!region->pages)
		return;
	for (i = 0; i < region->num_pages; i++) {
		if (region->pages[i])
			put_page(region->pages[i]);
		if (!(i % 1024))
			cond_resched();
	}
	kvfree(region->pages);
	region->pages = NULL;
}

static void nm_region_free(struct nm_region *region)
{
	int i;

	for (i = 0; i < NM_POOLS; i++) {
		kvfree(region->pool[i].free);
		region->pool[i].free = NULL;
		region->pool[i].objfree = 0;
	}
	vfree(region->meta);
	region->meta = NULL;
	nm_pages_free(region);
}

static int nm_region_alloc(struct nm_region *region)
{
	int err;

	/* How much is up to programs: that it is too much is theirs to know. */
	region->meta = __vmalloc(region->meta_size,
				 GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
	if (!region->meta)
		return -ENOMEM;
	err = nm_pool_alloc(&region->pool[NM_IF_POOL]);
	if (err || region->hostid)
		return err;

	region->pages = kvcalloc(region->num_pages, sizeof(*region->pages),
				 GFP_KERNEL_ACCOUNT);
	if (!region->pages)
		return -ENOMEM;
	err = nm_pool_alloc(&region->pool[NM_RING_POOL]);
	if (err)
		return err;
	err = nm_pool_alloc(&region->pool[NM_BUF_POOL]);
	if (err)
		return err;
	bitmap_clear(region->pool[NM_BUF_POOL].free, 0, NM_FIRST_BUF);
	region->pool[NM_BUF_POOL].objfree -= NM_FIRST_BUF;
	return 0;
}

int nm_region_start(struct nm_region *region)
{
	int err;

	lockdep_assert_held(&nm_lock);
	if (region->gone)
		return -ENXIO;
	if (!region->users) {
		err = nm_region_configure(region);
		if (!err)
			err = nm_region_alloc(region);
		if (err) {
			nm_region_free(region);
			return err;
		}
	}
	region->users++;
	return 0;
}

/* The last user's leaving frees all: what was lost on the way is found again. */
void nm_region_stop(struct nm_region *region)
{
	lockdep_assert_held(&nm_lock);
	if (--region->users) {
		nm_region_mend(region);
		return;
	}
	WARN_ON_ONCE(region->quota);
	nm_region_free(region);
}

void nm_region_put(struct nm_region *region)
{
	lockdep_assert_held(&nm_lock);
	if (--region->refs)
		return;
	idr_remove(&nm_regions, region->id);
	nm_region_free(region);
	kfree(region);
}

/*
 * Programs keep their mapping, but find empty pages of the kernel's in it from
 * now on: they meet errors, not signals.
 */
void nm_region_gone(struct nm_region *region)
{
	struct nm_priv *priv;

	lockdep_assert_held(&nm_lock);
	nm_port_stop_all(region);

	down_write(&region->external_lock);
	region->gone = true;
	region->num_pages = region->external_size >> PAGE_SHIFT;
	region->pages = kvcalloc(region->num_pages, sizeof(*region->pages),
				 GFP_KERNEL);
	up_write(&region->external_lock);

	list_for_each_entry(priv, &region->privs, node)
		unmap_mapping_range(priv->file->f_mapping, 0, 0, 1);
}

void *nm_region_address(struct nm_region *region, u64 offset)
{
	if (offset < region->external_size)
		return region->external + offset;
	return region->meta + (offset - region->meta_offset);
}

/* A page of own buffers: on first use it is allocated. */
static struct page *nm_region_page(struct nm_region *region, u64 i)
{
	struct page *page, *other;

	if (!region->pages)
		return NULL;
	page = READ_ONCE(region->pages[i]);
	if (page)
		return page;
	page = alloc_page(GFP_HIGHUSER | __GFP_ACCOUNT | __GFP_ZERO);
	if (!page)
		return NULL;
	other = cmpxchg(&region->pages[i], NULL, page);
	if (other) {
		__free_page(page);
		return other;
	}
	return page;
}

/* External memory has no struct page, its mappings are by page frame number. */
static vm_fault_t nm_external_fault(struct nm_region *region, struct vm_fault *vmf)
{
	u64 offset = (u64)vmf->pgoff << PAGE_SHIFT;
	vm_fault_t ret = VM_FAULT_OOM;
	unsigned long pfn = 0;
	struct page *page;

	down_read(&region->external_lock);
	if (offset >= region->external_size) {
		pfn = vmalloc_to_pfn(nm_region_address(region, offset));
	} else if (!region->gone) {
		pfn = PHYS_PFN(region->external_phys + offset);
	} else {
		page = nm_region_page(region, vmf->pgoff);
		if (page)
			pfn = page_to_pfn(page);
	}
	if (pfn)
		ret = vmf_insert_pfn(vmf->vma, vmf->address, pfn);
	up_read(&region->external_lock);
	return ret;
}

vm_fault_t nm_region_fault(struct nm_region *region, struct vm_fault *vmf)
{
	u64 offset = (u64)vmf->pgoff << PAGE_SHIFT;
	struct page *page;

	if (offset >= region->size)
		return VM_FAULT_SIGBUS;
	if (region->hostid)
		return nm_external_fault(region, vmf);

	if (offset < region->pages_offset)
		page = vmalloc_to_page(nm_region_address(region, offset));
	else
		page = nm_region_page(region, (offset - region->pages_offset) >> PAGE_SHIFT);
	if (!page)
		return VM_FAULT_OOM;
	get_page(page);
	vmf->page = page;
	return 0;
}

/* -------------------------------------------------------------------- objects */

/* The lowest free index. */
int nm_alloc_object(struct nm_region *region, int pool, u32 *index)
{
	struct nm_pool *p = &region->pool[pool];

	lockdep_assert_held(&nm_lock);
	if (!p->objfree)
		return -ENOMEM;
	*index = find_next_bit(p->free, p->objtotal, p->hint);
	__clear_bit(*index, p->free);
	p->objfree--;
	p->hint = *index + 1;
	return 0;
}

/* Whether it was an object in use: indices may come from programs. */
bool nm_free_object(struct nm_region *region, int pool, u32 index)
{
	struct nm_pool *p = &region->pool[pool];

	lockdep_assert_held(&nm_lock);
	if (!p->free || index >= p->objtotal || test_bit(index, p->free) ||
	    (pool == NM_BUF_POOL && index < NM_FIRST_BUF))
		return false;
	__set_bit(index, p->free);
	p->objfree++;
	p->hint = min(p->hint, index);
	return true;
}

u64 nm_object_offset(struct nm_region *region, int pool, u32 index)
{
	return region->pool[pool].offset + (u64)index * region->pool[pool].objsize;
}

/*
 * Extra buffers make a list: the first word of each is the next one's index.
 * Of external memory there are none to give.
 */
u32 nm_extra_next(struct nm_region *region, u32 index)
{
	u64 offset = (u64)index * region->pool[NM_BUF_POOL].objsize;
	struct page *page = region->pages[offset >> PAGE_SHIFT];
	u32 next = 0;

	if (page) {
		u32 *link = kmap_local_page(page) + offset_in_page(offset);

		next = READ_ONCE(*link);
		kunmap_local(link);
	}
	return next;
}

static bool nm_extra_link(struct nm_region *region, u32 index, u32 next)
{
	u64 offset = (u64)index * region->pool[NM_BUF_POOL].objsize;
	struct page *page = nm_region_page(region, offset >> PAGE_SHIFT);
	u32 *link;

	if (!page)
		return false;
	link = kmap_local_page(page) + offset_in_page(offset);
	WRITE_ONCE(*link, next);
	kunmap_local(link);
	return true;
}

/* Makes a list of up to want buffers, the last one allocated first. */
u32 nm_alloc_extra(struct nm_region *region, u32 want, u32 *head)
{
	u32 index, n = 0;

	*head = 0;
	while (n < want && !nm_alloc_object(region, NM_BUF_POOL, &index)) {
		if (!nm_extra_link(region, index, *head)) {
			nm_free_object(region, NM_BUF_POOL, index);
			break;
		}
		*head = index;
		if (!(++n % 1024))
			cond_resched();
	}
	region->quota += n;
	return n;
}

/*
 * Frees a program's list.  It ends at the first index that is not in use, so that
 * each buffer is freed once, whatever the program has written.
 */
void nm_free_extra(struct nm_region *region, u32 head)
{
	u32 n = 0;

	while (nm_free_object(region, NM_BUF_POOL, head)) {
		head = nm_extra_next(region, head);
		if (!(++n % 1024))
			cond_resched();
	}
}

int nm_mem_init(void)
{
	int err;

	mutex_lock(&nm_lock);
	err = nm_region_init(&nm_global, NM_GLOBAL_MEM_ID, NM_GLOBAL_MEM_ID + 1);
	mutex_unlock(&nm_lock);
	return err;
}

void nm_mem_exit(void)
{
	idr_destroy(&nm_regions);
}
