// SPDX-License-Identifier: BSD-2-Clause
/** The {@code nfv} command. */
package io.ptnetmap.nfv.cli;
