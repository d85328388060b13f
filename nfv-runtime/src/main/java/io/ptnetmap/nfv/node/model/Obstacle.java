// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.util.Optional;

/**
 * Something that cannot be changed while packets flow.
 *
 * @param function name of the function or port; empty where it is about the chain as a whole
 * @param field of the descriptor, such as {@code vm}
 * @param reason why not, and what to do instead
 */
public record Obstacle(Optional<String> function, Optional<String> field, String reason) {}
