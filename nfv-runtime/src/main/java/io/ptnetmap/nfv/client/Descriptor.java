// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.ptnetmap.nfv.node.model.Json;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/**
 * A chain descriptor (docs/chain.md) on its way to a node.
 *
 * @param mediaType of the text
 * @param text the descriptor; YAML lets the node name lines and columns in what it refuses
 */
public record Descriptor(String mediaType, Buffer text) {
    /** A descriptor in YAML. */
    public static Descriptor yaml(String text) {
        return new Descriptor("application/yaml", Buffer.buffer(text));
    }

    /** A descriptor in JSON. */
    public static Descriptor json(String text) {
        return new Descriptor("application/json", Buffer.buffer(text));
    }

    /** A descriptor as maps and lists, such as that of a {@link io.ptnetmap.nfv.node.model.ChainDetails}. */
    public static Descriptor of(Map<String, Object> descriptor) {
        return new Descriptor("application/json", Buffer.buffer(Json.bytes(descriptor)));
    }
}
