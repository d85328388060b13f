// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

/** Format of a capture file. */
public enum CaptureFormat {
    /** The classic format that every tool reads. */
    PCAP,
    /** Its successor, with 64-bit timestamps. */
    PCAPNG
}
