// SPDX-License-Identifier: BSD-2-Clause
/** The chain model: a YAML descriptor read, checked and turned into a {@link io.ptnetmap.nfv.chain.Chain}. */
package io.ptnetmap.nfv.chain;
