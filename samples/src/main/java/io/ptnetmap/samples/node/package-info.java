// SPDX-License-Identifier: BSD-2-Clause
/** Programs for Vert.x that talk to a node. */
package io.ptnetmap.samples.node;
