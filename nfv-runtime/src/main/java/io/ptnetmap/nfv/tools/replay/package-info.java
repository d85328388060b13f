// SPDX-License-Identifier: BSD-2-Clause
/**
 * The replayer: {@link io.ptnetmap.nfv.tools.replay.Replayer} sends a capture file through a link that it emulates, with a
 * bandwidth, a delay and losses.
 */
package io.ptnetmap.nfv.tools.replay;
