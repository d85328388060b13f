// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.util.Optional;

/**
 * A netmap port at the end of a chain.
 *
 * @param name such as {@code netmap:eth0}
 * @param function its name in the chain
 * @param description what serves it and why
 */
public record PortDetails(
        String name, String chain, String function, Optional<String> description, Optional<FunctionAccount> account) {}
