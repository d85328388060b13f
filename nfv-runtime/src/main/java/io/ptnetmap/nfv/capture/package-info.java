// SPDX-License-Identifier: BSD-2-Clause
/**
 * Seeing packets in a chain at work: what passes a hop ({@link io.ptnetmap.nfv.capture.TapOptions}), and what each function does to
 * single packets ({@link io.ptnetmap.nfv.capture.PacketTrace}).
 */
package io.ptnetmap.nfv.capture;
