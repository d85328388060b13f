// SPDX-License-Identifier: BSD-2-Clause
/**
 * State per flow: {@link io.ptnetmap.nfv.api.flow.FlowKey} names a flow, {@link io.ptnetmap.nfv.api.flow.FlowTable} gives it an
 * entry number, under which a function keeps what it knows in arrays of its own.
 */
package io.ptnetmap.nfv.api.flow;
