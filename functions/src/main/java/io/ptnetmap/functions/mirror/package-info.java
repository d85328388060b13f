// SPDX-License-Identifier: BSD-2-Clause
/** The function {@code mirror}: a copy of passing traffic in a capture file. */
package io.ptnetmap.functions.mirror;
