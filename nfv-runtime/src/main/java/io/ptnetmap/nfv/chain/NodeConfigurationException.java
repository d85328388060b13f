// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.nfv.api.ConfigurationException;

/**
 * A {@link ConfigurationException} of a certain node of a chain, thrown when its function is made or started. {@link
 * ChainDescriptor#explain} finds the place in the descriptor.
 */
public final class NodeConfigurationException extends RuntimeException {
    private final String node;
    private final String field;

    /** @param node name of the node whose function refuses its configuration */
    public NodeConfigurationException(String node, ConfigurationException cause) {
        this(node, cause.field(), cause.getMessage(), cause);
    }

    /**
     * For a refusal that was reported by another process.
     *
     * @param node name of the node
     * @param field path of the field within the node's {@code config}; may be empty
     * @param message what is wrong and what to do, one line
     */
    public NodeConfigurationException(String node, String field, String message) {
        this(node, field, message, null);
    }

    private NodeConfigurationException(String node, String field, String message, Throwable cause) {
        super(message, cause);
        this.node = node;
        this.field = field;
    }

    /** Name of the node. */
    public String node() {
        return node;
    }

    /** Path of the field within the node's {@code config}, empty where none can be named. */
    public String field() {
        return field;
    }
}
