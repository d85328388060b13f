// SPDX-License-Identifier: BSD-2-Clause
/**
 * netmap in user space: {@link io.ptnetmap.host.EmbeddedHost} keeps regions of shared memory with pipes in them, {@link
 * io.ptnetmap.host.AttachServer} lets other processes open their ends, {@link io.ptnetmap.host.AttachClient} is such a
 * process's view. Ends that are a virtual machine's are run by the host's {@link io.ptnetmap.host.Kloop}.
 */
package io.ptnetmap.host;
