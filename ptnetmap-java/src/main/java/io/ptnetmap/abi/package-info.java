// SPDX-License-Identifier: BSD-2-Clause
/**
 * netmap's user ABI: every structure layout, constant and request number, for x86-64 and little endian. No other package
 * knows an offset. Section numbers ("ABI §2.3") refer to {@code docs/netmap-abi.md}.
 *
 * <p>One class per structure, with the constants that its fields hold. Structures of the data path have documented offsets
 * and static accessors that take the structure's address; those of control requests are lists of {@link
 * io.ptnetmap.abi.Field}s under the names of the C fields, less their prefix.
 */
package io.ptnetmap.abi;
