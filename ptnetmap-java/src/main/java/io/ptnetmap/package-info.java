// SPDX-License-Identifier: BSD-2-Clause
/**
 * netmap for Java. {@link io.ptnetmap.Netmap#open} gives a {@link io.ptnetmap.NetmapPort}, which has {@link
 * io.ptnetmap.RxRing}s and {@link io.ptnetmap.TxRing}s of slots; that is all there is to learn.
 *
 * <p>A program that reads packets from one port and writes them to another without copying:
 *
 * <pre>{@code
 * try (NetmapPort left = Netmap.open("netmap:chain}1");
 *         NetmapPort right = Netmap.open("netmap:chain{2")) {
 *     RxRing rx = left.rxRing(0);
 *     TxRing tx = right.txRing(0);
 *     while (true) {
 *         left.poll(Linux.POLLIN, -1);
 *         rx.forward(tx, 256);
 *         tx.sync();
 *     }
 * }
 * }</pre>
 *
 * <p>The same code runs over {@code /dev/netmap} where there is one and over the embedded host, netmap in user space,
 * elsewhere.
 */
package io.ptnetmap;
