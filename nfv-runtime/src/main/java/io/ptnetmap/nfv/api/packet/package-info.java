// SPDX-License-Identifier: BSD-2-Clause
/**
 * What is in a packet, at three levels.
 *
 * <p>{@link io.ptnetmap.nfv.api.packet.Headers} finds everything that most functions ask for in one pass: kind, addresses,
 * ports, offsets, and whether the packet is malformed. One {@linkplain io.ptnetmap.nfv.api.packet.HeaderView view} per
 * header type reads and writes single fields. {@link io.ptnetmap.nfv.api.packet.Checksum} and {@link
 * io.ptnetmap.nfv.api.packet.Rewrite} keep checksums right when fields change. All of them are objects that a function makes
 * once and places on packet after packet; none allocates, none throws for what a packet holds, none reads past its end.
 *
 * <p>Addresses on the data path are numbers: a MAC address is the low 48 bits of a {@code long}, an IPv4 address is an {@code
 * int}, an IPv6 address two {@code long}s. {@link io.ptnetmap.nfv.api.packet.MacAddress}, {@link
 * io.ptnetmap.nfv.api.packet.IpAddress}, {@link io.ptnetmap.nfv.api.packet.IpPrefix} and {@link
 * io.ptnetmap.nfv.api.packet.PortRange} are the values that people write in configurations.
 */
package io.ptnetmap.nfv.api.packet;
