// SPDX-License-Identifier: BSD-2-Clause
/** The accounts of a running chain, as plain values. */
package io.ptnetmap.nfv.telemetry;
