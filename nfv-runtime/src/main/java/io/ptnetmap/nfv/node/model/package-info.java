// SPDX-License-Identifier: BSD-2-Clause
/**
 * What the node's API tells, one record per schema of the contract ({@code openapi.yaml}): {@link
 * io.ptnetmap.nfv.node.model.Json} writes and reads them as the contract says.
 */
package io.ptnetmap.nfv.node.model;
