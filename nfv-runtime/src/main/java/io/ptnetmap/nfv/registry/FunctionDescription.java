// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.registry;

import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Stateful;
import java.util.Optional;

/**
 * What is known of a function before an instance of it is made.
 *
 * @param name in chain descriptors
 * @param summary one line
 * @param kind where it stands in a chain
 * @param readOnly whether it only looks at packets
 * @param implementation the class with {@link FunctionType}
 * @param config the record that its constructor takes; empty for a function without configuration
 * @param origin the jar or directory that it comes from, for messages
 */
public record FunctionDescription(
        String name,
        String summary,
        FunctionType.Kind kind,
        boolean readOnly,
        Class<? extends NetworkFunction> implementation,
        Optional<Class<?>> config,
        String origin) {
    /** Whether it has a state that others can take over, and that can be kept. */
    public boolean stateful() {
        return Stateful.class.isAssignableFrom(implementation);
    }
}
