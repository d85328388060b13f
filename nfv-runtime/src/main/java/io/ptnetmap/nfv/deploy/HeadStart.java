// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Does beforehand what the start of a chain needs, on threads beside those that read the command line and the chain: most of the
 * time to the first packet is spent in static initializers and in code that runs once. Nothing depends on it: what it
 * finds out is thrown away, and what it finds wrong is told by those who come later.
 */
public final class HeadStart {
    /** More processes than these are started when their turn comes. */
    private static final int MOST_PROCESSES = 8;

    private static final Pattern OWN_PROCESS = Pattern.compile("(?m)^[^#\\n]*\\bprocess\\s*:\\s*[\"']?own\\b");
    private static final Pattern MACHINE = Pattern.compile("(?m)^[^#\\n]*\\bvm\\s*:\\s*[\"'\\w]");

    private HeadStart() {}

    /**
     * Begins.
     *
     * @param arguments of the command that runs a chain, its file among them; none where that is not known
     */
    public static void begin(String... arguments) {
        Optional<Path> chain = Stream.of(arguments)
                .filter(argument -> argument.endsWith(".yaml") || argument.endsWith(".yml"))
                .map(Path::of)
                .filter(Files::isRegularFile)
                .findFirst();
        JavaProcess.expect();
        chain.ifPresent(file -> start("head-start-processes", () -> startProcesses(file)));
        start("head-start-functions", () -> readFunctions(chain));
        start("head-start-ports", KernelDriver::available);
    }

    /** Ends what was begun and is not needed. */
    public static void end() {
        JavaProcess.dismiss();
    }

    private static void start(String name, Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(() -> attempt(work));
    }

    private static void attempt(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException failure) {
            LoggerFactory.getLogger(HeadStart.class).debug("to be told when the chain comes to it", failure);
        }
    }

    private static void readFunctions(Optional<Path> chain) {
        try (FunctionRegistry functions = FunctionRegistry.open()) {
            functions.validator();
            chain.ifPresent(file -> ChainDescriptor.read(file).resolve(functions, List.of()));
        }
    }

    /** Those that the chain seems to need; to find out for certain takes as long as they take to get ready. */
    private static void startProcesses(Path chain) {
        String text = textOf(chain);
        long own = OWN_PROCESS.matcher(text).results().count();
        if (own == 0 && !MACHINE.matcher(text).find()) {
            return;
        }
        if (Netmap.namedSocket().isEmpty()) {
            JavaProcess.prepare(HostMain.class);
        }
        for (int i = 0; i < Math.min(own, MOST_PROCESSES); i++) {
            JavaProcess.prepare(PartMain.class, chain.toString());
        }
        Control.warmUp();
    }

    private static String textOf(Path chain) {
        try {
            return Files.readString(chain);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
