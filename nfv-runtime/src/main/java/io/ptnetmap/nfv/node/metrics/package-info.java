// SPDX-License-Identifier: BSD-2-Clause
/**
 * Metrics of a node: what {@code GET /metrics} and OTLP say is read from the same accounts as the API's statistics, when it is
 * asked for. The data path pays nothing for it.
 */
package io.ptnetmap.nfv.node.metrics;
