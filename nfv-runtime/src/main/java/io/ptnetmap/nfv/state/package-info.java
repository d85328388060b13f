// SPDX-License-Identifier: BSD-2-Clause
/** What functions know, where it outlives the process: {@link io.ptnetmap.nfv.state.FunctionStates}. */
package io.ptnetmap.nfv.state;
