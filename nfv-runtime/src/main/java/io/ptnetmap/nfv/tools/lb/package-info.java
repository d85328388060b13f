// SPDX-License-Identifier: BSD-2-Clause
/** The load balancer: {@link io.ptnetmap.nfv.tools.lb.LoadBalancer} deals the packets of a port out to pipes, by flow. */
package io.ptnetmap.nfv.tools.lb;
