// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import io.ptnetmap.nfv.api.FunctionType;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A type of function.
 *
 * @param stateful whether it has a state that can be kept for after a crash
 * @param schema JSON Schema of its configuration; not in lists
 */
public record FunctionTypeDetails(
        String name,
        String summary,
        FunctionType.Kind kind,
        boolean readOnly,
        boolean stateful,
        Optional<ObjectNode> schema) {}
