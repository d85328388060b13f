// SPDX-License-Identifier: BSD-2-Clause
/** What the two drivers, {@code /dev/netmap} and the embedded host, offer to {@code io.ptnetmap} above them. */
package io.ptnetmap.driver;
