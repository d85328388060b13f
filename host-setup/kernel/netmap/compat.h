/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/* What differs between the kernels that netmap.ko is built for: 6.1 and later. */
#ifndef _NETMAP_COMPAT_H_
#define _NETMAP_COMPAT_H_

#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

static inline void nm_eventfd_signal(struct eventfd_ctx *ctx)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx, 1);
#else
	eventfd_signal(ctx);
#endif
}

#endif /* _NETMAP_COMPAT_H_ */
