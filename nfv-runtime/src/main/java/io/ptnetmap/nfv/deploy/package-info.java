// SPDX-License-Identifier: BSD-2-Clause
/** Running a {@link io.ptnetmap.nfv.chain.Chain}: workers in this process, functions in processes of their own. */
package io.ptnetmap.nfv.deploy;
