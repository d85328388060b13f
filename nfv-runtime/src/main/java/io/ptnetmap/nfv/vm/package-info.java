// SPDX-License-Identifier: BSD-2-Clause
/**
 * Virtual machines that run Java programs on ports of this host: finding QEMU and the guest image, choosing the accelerator,
 * starting and ending QEMU. Knows nothing of chains.
 */
package io.ptnetmap.nfv.vm;
