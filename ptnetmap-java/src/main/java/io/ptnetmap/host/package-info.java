// SPDX-License-Identifier: BSD-2-Clause
/**
 * netmap in user space: {@link io.ptnetmap.host.EmbeddedHost} keeps regions of shared memory with pipes in them, {@link
 * io.ptnetmap.host.AttachServer} lets other processes open their ends, {@link io.ptnetmap.host.AttachClient} is such a
 * process's view.
 */
package io.ptnetmap.host;
