// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.util.List;
import java.util.Optional;

/**
 * Some of a list.
 *
 * @param next address of the next page; none on the last one
 */
public record Page<T>(List<T> items, Optional<String> next) {}
