// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.node.model.Json;
import java.util.Locale;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** What a node has told, as documents for programs and people. */
final class Documents {
    private Documents() {}

    /** Indented JSON. */
    static String json(Object value) {
        return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }

    /** YAML in blocks, with the end of its last line. Text that readers would take for a number is quoted, as an operation's id. */
    static String yaml(Object value) {
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setSchema(new CoreSchema())
                .build();
        return new Dump(settings).dumpToString(Json.mapper().convertValue(value, Object.class));
    }

    /** {@code chain-state} for {@code CHAIN_STATE}. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
