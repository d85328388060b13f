// SPDX-License-Identifier: BSD-2-Clause
/** A first network function, to read and to copy: {@link io.ptnetmap.samples.first.NextHop}. */
package io.ptnetmap.samples.first;
