// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.nfv.chain.YamlNode.Mapping;
import io.ptnetmap.nfv.registry.FunctionDescription;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.nio.file.Path;
import java.util.Optional;

/** The configuration of one function outside of any chain: YAML as it would stand under {@code config:}. */
public final class FunctionConfig {
    private final Problems problems;
    private final YamlNode root;
    private final Object value;

    private FunctionConfig(String origin, String yaml, FunctionDescription function, FunctionRegistry functions) {
        problems = new Problems(origin);
        root = YamlReader.read(yaml.isBlank() ? "{}" : yaml, problems);
        problems.throwIfAny();
        value = bind(function, new ConfigBinder(problems, functions.validator(), ChainFiles.in(Path.of(""))));
        problems.throwIfAny();
    }

    /**
     * Reads it from a file.
     *
     * @throws ChainDescriptorException with everything that is wrong
     */
    public static FunctionConfig read(Path file, FunctionDescription function, FunctionRegistry functions) {
        String yaml = ChainDescriptor.text(file);
        return new FunctionConfig(file.toString(), yaml, function, functions);
    }

    /**
     * Takes it from text.
     *
     * @param origin what messages call it
     * @throws ChainDescriptorException with everything that is wrong
     */
    public static FunctionConfig parse(
            String yaml, String origin, FunctionDescription function, FunctionRegistry functions) {
        return new FunctionConfig(origin, yaml, function, functions);
    }

    private Object bind(FunctionDescription function, ConfigBinder binder) {
        if (function.config().isPresent()) {
            Optional<?> bound = binder.bind(root, function.config().get(), "");
            return bound.orElse(null);
        }
        if (!(root instanceof Mapping mapping && mapping.entries().isEmpty())) {
            problems.add(root.at(), "", "function '" + function.name() + "' has no configuration; remove it");
        }
        return null;
    }

    /** The function's configuration record; null for a function that has none. */
    public Object value() {
        return value;
    }

    /** The place in this configuration of what the constructor or start of the function refused. */
    public ChainDescriptorException explain(NodeConfigurationException refusal) {
        return problems.fatal(root.locate(refusal.field()), refusal.field(), refusal.getMessage());
    }
}
