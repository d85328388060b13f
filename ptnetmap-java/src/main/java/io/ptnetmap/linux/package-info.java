// SPDX-License-Identifier: BSD-2-Clause
/** The few system calls that the binding needs, with errno as exceptions; nothing of netmap. */
package io.ptnetmap.linux;
