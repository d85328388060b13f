// SPDX-License-Identifier: BSD-2-Clause
/** The function {@code swap}: source and destination change places. */
package io.ptnetmap.functions.swap;
