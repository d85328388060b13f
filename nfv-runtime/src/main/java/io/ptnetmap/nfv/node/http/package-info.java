// SPDX-License-Identifier: BSD-2-Clause
/**
 * The node's API as {@code openapi.yaml} describes it: {@link io.ptnetmap.nfv.node.http.Api} answers requests, whichever way
 * they come; the rest brings them by HTTP, keeps out who may not ask, and sends what has no end.
 */
package io.ptnetmap.nfv.node.http;
