// SPDX-License-Identifier: BSD-2-Clause
/** The function {@code monitor}: who talks to whom, how much, per flow and protocol. */
package io.ptnetmap.functions.monitor;
