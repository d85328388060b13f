// SPDX-License-Identifier: BSD-2-Clause
/**
 * Capture files of Ethernet: {@link io.ptnetmap.capture.CaptureReader} and {@link io.ptnetmap.capture.CaptureWriter} for pcap and
 * pcapng.
 *
 * <p>Formats: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
package io.ptnetmap.capture;
