// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import picocli.CommandLine.Option;

/** In which form a command tells what it has found. */
final class OutputOption {
    /** The forms. */
    enum Form {
        TABLE,
        WIDE,
        NAME,
        JSON,
        YAML
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "table",
            description = "table, wide (more columns), name, json or yaml. Default: ${DEFAULT-VALUE}.")
    private Form form;

    Form form() {
        return form;
    }
}
