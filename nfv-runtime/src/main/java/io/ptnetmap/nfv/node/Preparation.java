// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.ChainDescriptor.Form;
import io.ptnetmap.nfv.chain.ChainDescriptorException;
import io.ptnetmap.nfv.chain.ChainFiles;
import io.ptnetmap.nfv.chain.Problem;
import io.ptnetmap.nfv.node.RefusedException.Reason;
import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import io.ptnetmap.nfv.registry.FunctionLoadException;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads and checks descriptors. Thread-safe. */
final class Preparation implements AutoCloseable {
    private static final String SUFFIX = ".yaml";

    private final Path directory;
    private final ChainFiles files;
    private final List<Path> functionPath;
    private final Functions functions = new Functions();
    private final Functions.Use common;

    Preparation(NodeSettings settings) {
        directory = settings.state().resolve("chains");
        files = settings.files();
        functionPath = settings.functionPath().stream()
                .map(path -> path.toAbsolutePath().normalize())
                .toList();
        common = functions.use(functionPath);
    }

    /** Functions that every chain may use. */
    FunctionRegistry functions() {
        return common.registry();
    }

    /**
     * Reads a descriptor.
     *
     * @throws RefusedException if it is not of that form
     */
    ChainDescriptor read(String text, Form form) {
        try {
            return ChainDescriptor.parse(text, form, Path.of("descriptor"), files);
        } catch (ChainDescriptorException malformed) {
            throw refusal(Reason.MALFORMED, "the descriptor cannot be read", malformed);
        }
    }

    /**
     * Checks a descriptor.
     *
     * @throws RefusedException if it cannot run, with the fields that are wrong
     */
    Prepared prepare(String name, String text, Form form) {
        Path source = directory.resolve(name + SUFFIX);
        try {
            ChainDescriptor descriptor = ChainDescriptor.parse(text, form, source, files);
            List<Path> all = new ArrayList<>(functionPath);
            all.addAll(descriptor.functionPath());
            Functions.Use use = functions.use(all);
            try {
                return new Prepared(descriptor, form, text, descriptor.resolve(use.registry(), all), use);
            } catch (RuntimeException refused) {
                use.close();
                throw refused;
            }
        } catch (ChainDescriptorException wrong) {
            throw refusal(Reason.INVALID, "the descriptor cannot be used", wrong);
        } catch (FunctionLoadException missing) {
            throw new RefusedException(
                    Reason.INVALID,
                    missing.getMessage(),
                    List.of(new FieldError(
                            "/function-path", missing.getMessage(), OptionalInt.empty(), OptionalInt.empty())));
        }
    }

    /** What is wrong with a descriptor, as the API says it. */
    static RefusedException refusal(Reason reason, String message, ChainDescriptorException wrong) {
        List<FieldError> errors =
                wrong.problems().stream().map(Preparation::fieldError).toList();
        return new RefusedException(reason, message + ": " + errors.getFirst().detail(), errors);
    }

    private static FieldError fieldError(Problem problem) {
        return new FieldError(
                pointer(problem.path()),
                problem.message(),
                problem.line() > 0 ? OptionalInt.of(problem.line()) : OptionalInt.empty(),
                problem.line() > 0 ? OptionalInt.of(problem.column()) : OptionalInt.empty());
    }

    /** {@code functions[1].config} as a JSON pointer (RFC 6901). */
    static String pointer(String path) {
        StringBuilder pointer = new StringBuilder();
        for (String step : path.split("[.\\[\\]]+")) {
            if (!step.isEmpty()) {
                pointer.append('/').append(step.replace("~", "~0").replace("/", "~1"));
            }
        }
        return pointer.toString();
    }

    /** Writes a descriptor to its file, for the processes that run parts of the chain. */
    void publish(Prepared prepared) {
        Path file = prepared.chain().source();
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(directory);
            // What runs the chain reads YAML, which JSON is as well, if it is written with some care.
            Files.writeString(
                    draft,
                    prepared.form() == Form.JSON ? prepared.descriptor().json().toPrettyString() : prepared.text());
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot write " + file + ": " + FileErrors.why(failure), failure);
        }
    }

    /** Removes the files of a chain that is no more. */
    void forget(String name) {
        try {
            Files.deleteIfExists(directory.resolve(name + SUFFIX));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        common.close();
    }
}
