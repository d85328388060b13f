// SPDX-License-Identifier: BSD-2-Clause
/**
 * The node: a long-running process that hosts chains and changes them on request. This package knows chains, what is to be
 * done with them, what has happened to them, and the store that outlives the process; {@link io.ptnetmap.nfv.node.http} makes
 * it an API.
 */
package io.ptnetmap.nfv.node;
