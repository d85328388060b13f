// SPDX-License-Identifier: BSD-2-Clause
/** Access to native memory by address: the one place where the binding leaves Java's safety net, see {@link Memory}. */
package io.ptnetmap.memory;
