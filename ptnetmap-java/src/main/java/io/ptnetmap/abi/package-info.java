// SPDX-License-Identifier: BSD-2-Clause
/**
 * netmap's user ABI: every structure layout, constant and request number, for x86-64 and little endian. No other package
 * knows an offset. Section numbers ("ABI §2.3") refer to {@code docs/netmap-abi.md}.
 *
 * <p>One class per structure: documented offsets, {@code SIZE}, and static accessors that take the structure's address.
 */
package io.ptnetmap.abi;
