// SPDX-License-Identifier: BSD-2-Clause
/** Programs over netmap ports alone, without functions and chains: all that they use is {@code io.ptnetmap}. */
package io.ptnetmap.samples.binding;
