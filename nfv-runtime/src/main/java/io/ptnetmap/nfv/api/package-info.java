// SPDX-License-Identifier: BSD-2-Clause
/**
 * What the author of a network function needs, and all of it: {@link io.ptnetmap.nfv.api.NetworkFunction} to implement,
 * {@link io.ptnetmap.nfv.api.FunctionType} to be found, {@link io.ptnetmap.nfv.api.PacketBatch}, {@link
 * io.ptnetmap.nfv.api.Packet} and {@link io.ptnetmap.nfv.api.Output} to work with. Header views are in {@code
 * io.ptnetmap.nfv.api.packet}, flow tables in {@code io.ptnetmap.nfv.api.flow}.
 */
package io.ptnetmap.nfv.api;
