// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.ChainDescriptor.Form;
import io.ptnetmap.nfv.chain.ChainDescriptorException;
import io.ptnetmap.nfv.chain.ChainFiles;
import io.ptnetmap.nfv.chain.Problem;
import io.ptnetmap.nfv.client.Descriptor;
import io.ptnetmap.nfv.client.NodeException;
import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A chain's file on its way to a node, which reads it; here only the chain's name is looked for.
 *
 * @param name as its user named it
 * @param text what is in it
 */
record DescriptorFile(String name, String text) {
    private static final Path STANDARD_INPUT = Path.of("-");
    /** In YAML, block or flow, and in JSON. */
    private static final Pattern CHAIN = Pattern.compile(
            "^\\s*\\{?\\s*[\"']?chain[\"']?\\s*:\\s*[\"']?([A-Za-z0-9][A-Za-z0-9_.-]*)", Pattern.MULTILINE);

    /** Reads a file; {@code -} is standard input. */
    static DescriptorFile read(Path file) {
        try {
            return file.equals(STANDARD_INPUT)
                    ? new DescriptorFile("<stdin>", new String(System.in.readAllBytes(), StandardCharsets.UTF_8))
                    : new DescriptorFile(file.toString(), ChainDescriptor.text(file));
        } catch (IOException failure) {
            throw new UncheckedIOException("standard input cannot be read: " + failure.getMessage(), failure);
        }
    }

    /** The chain's name, if it has one that can be an address. */
    Optional<String> chain() {
        Matcher found = CHAIN.matcher(text);
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }

    /** What a node is to read. */
    Descriptor descriptor() {
        return isJson() ? Descriptor.json(text) : Descriptor.yaml(text);
    }

    /** Reads it here. The files that it names are looked for beside it, for standard input in this directory. */
    ChainDescriptor parse() {
        Path file = Path.of(name);
        return ChainDescriptor.parse(text, isJson() ? Form.JSON : Form.YAML, file, ChainFiles.beside(file));
    }

    private boolean isJson() {
        return name.endsWith(".json");
    }

    /** What the node says of places in the text, as the commands say it that read a chain themselves. */
    RuntimeException explain(NodeException refused) {
        List<FieldError> errors = refused.problem().errors();
        return errors.stream().noneMatch(error -> error.line().isPresent())
                ? refused
                : new ChainDescriptorException(errors.stream()
                        .map(error -> new Problem(
                                name,
                                error.line().orElse(0),
                                error.column().orElse(0),
                                path(error.pointer()),
                                error.detail()))
                        .toList());
    }

    /** {@code functions[1].config.rules[0]} for {@code /functions/1/config/rules/0}. */
    static String path(String pointer) {
        StringBuilder path = new StringBuilder();
        for (String step : pointer.split("/")) {
            String key = step.replace("~1", "/").replace("~0", "~");
            if (key.matches("[0-9]+")) {
                path.append('[').append(key).append(']');
            } else if (!key.isEmpty()) {
                path.append(path.isEmpty() ? "" : ".").append(key);
            }
        }
        return path.toString();
    }
}
