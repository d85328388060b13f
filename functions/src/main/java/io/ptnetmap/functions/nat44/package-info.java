// SPDX-License-Identifier: BSD-2-Clause
/** Network address and port translation for IPv4: {@link io.ptnetmap.functions.nat44.Nat44}. */
package io.ptnetmap.functions.nat44;
