// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

/**
 * Comes after the last packet of a trace that ends before it has told of as many as were wanted.
 *
 * @param ended why
 */
public record TraceEnd(String chain, String ended) {}
