// SPDX-License-Identifier: BSD-2-Clause
/** The function {@code sink}: counts packets and checks what generators put into them. */
package io.ptnetmap.functions.sink;
