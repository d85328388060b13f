// SPDX-License-Identifier: BSD-2-Clause
/** The driver for {@code /dev/netmap}: netmap's kernel module, by its control API 14. */
package io.ptnetmap.kernel;
