// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.registry.FunctionDescription;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * A function of a user's own, outside this build: {@code own-function} is what {@code nfv new-function} writes. It is built as its
 * {@code pom.xml} says, by the same compiler and annotation processors, and behaves like the functions that come along.
 */
class OwnFunctionTest {
    private static final Path PROJECT = OwnFunction.PROJECT;
    private static final String CLASS = "com.example.vnf.TtlGuard";
    private static final String LICENCE = "// SPDX-License-Identifier: BSD-2-Clause\n";

    @TempDir
    static Path directory;

    private static Path classes;
    private static Path jar;

    @BeforeAll
    static void build() throws IOException {
        jar = OwnFunction.jar(directory);
        classes = directory.resolve("classes");
    }

    @Test
    void theProjectIsWhatNewFunctionWrites() throws Exception {
        Path written = directory.resolve("written");
        Nfv.run("new-function", "ttl-guard", "--package", "com.example.vnf", "--directory", written.toString())
                .succeeded();
        assertEquals(contents(written), contents(PROJECT));
    }

    /** Text of all files, by name; without the licence, which stands at the head of our sources only. */
    private static TreeMap<String, String> contents(Path project) throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(project)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = project.relativize(file).toString();
                if (!name.startsWith("target/")) {
                    contents.put(name, Files.readString(file).replace(LICENCE, ""));
                }
            }
        }
        return contents;
    }

    @Test
    void itsTestsPass() throws Exception {
        Path tests = directory.resolve("test-classes");
        OwnFunction.compile(
                PROJECT.resolve("src/test/java"), tests, classes + ":" + System.getProperty("java.class.path"));
        URL[] urls = {classes.toUri().toURL(), tests.toUri().toURL()};
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(urls, before)) {
            Thread.currentThread().setContextClassLoader(loader);
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(DiscoverySelectors.selectClass(loader.loadClass(CLASS + "Test")))
                                    .build(),
                            summary);
            assertEquals(List.of(), summary.getSummary().getFailures());
            assertTrue(summary.getSummary().getTestsSucceededCount() > 0, "it has no tests");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void theRegistryFindsItInAJarInADirectoryAndInClasses() throws Exception {
        Path plugins = Files.createDirectory(directory.resolve("plugins"));
        Files.copy(jar, plugins.resolve("my.jar"));
        for (Path place : List.of(jar, plugins, classes)) {
            try (FunctionRegistry functions = FunctionRegistry.open(List.of(place))) {
                FunctionDescription found = functions.find("ttl-guard").orElseThrow();
                assertEquals(CLASS, found.implementation().getName());
                assertTrue(found.origin().startsWith(place.toString()), found.origin());
                assertTrue(functions.find("firewall").isPresent());
            }
        }
    }

    @Test
    void itStandsOnChainsLikeAnyOther() throws Exception {
        Path chain = Files.writeString(directory.resolve("own.yaml"), """
                chain: own
                functions:
                  - {type: pcap-source, config: {file: "%s"}}
                  - {type: ttl-guard, config: {minimum-ttl: 3}, process: PLACE}
                  - {type: sink}
                """.formatted(
                        Capture.TRAFFIC.resolve("inside.pcap").toAbsolutePath()));
        long old = Capture.read(Capture.TRAFFIC.resolve("inside.pcap")).stream()
                .filter(frame -> frame.bytes()[12] == 8 && frame.bytes()[13] == 0 && frame.bytes()[22] < 3)
                .filter(frame -> frame.bytes()[22] >= 0)
                .count();
        for (String place : List.of("same", "own")) {
            Path placed = Files.writeString(
                    directory.resolve(place + ".yaml"), Files.readString(chain).replace("PLACE", place));
            Nfv.Result result = Nfv.run("run", "--no-live", placed.toString(), "--functions", jar.toString())
                    .succeeded();
            assertTrue(
                    result.out().stream().anyMatch(line -> line.matches(" +ttl-guard +ttl-too-small +" + old)),
                    result::text);
            assertTrue(result.text().contains("every packet accounted for"), result::text);
        }
    }

    @Test
    void itsOwnChainRuns() throws Exception {
        Path project = directory.resolve("project");
        Files.createDirectories(project.resolve("target"));
        Files.copy(PROJECT.resolve("chain.yaml"), project.resolve("chain.yaml"));
        Files.copy(jar, project.resolve("target/ttl-guard-1.0.jar"));
        String capture = Capture.TRAFFIC.resolve("inside.pcap").toAbsolutePath().toString();
        Nfv.Result result = Nfv.run(
                        "run", "--no-live", project.resolve("chain.yaml").toString(), "--pcap", capture)
                .succeeded();
        assertTrue(result.text().contains("every packet accounted for"), result::text);
        assertTrue(Files.size(project.resolve("target/out.pcap")) > 24);
    }

    @Test
    void mistakesInItsConfigurationNameThePlace() throws Exception {
        assertMistake("{minimum-ttl: 300}", "functions[1].config.minimum-ttl: ", "255");
        assertMistake("{minimum-ttl: few}", "functions[1].config.minimum-ttl: ", "few");
        assertMistake("{minimal-ttl: 3}", "functions[1].config", "minimum-ttl");
    }

    private static void assertMistake(String config, String field, String hint) throws Exception {
        Path chain = Files.writeString(directory.resolve("mistake.yaml"), """
                chain: mistake
                functions:
                  - {type: generator, config: {count: 1}}
                  - type: ttl-guard
                    config: CONFIG
                  - {type: sink}
                """.replace("CONFIG", config));
        Nfv.Result result = Nfv.run("run", chain.toString(), "--functions", jar.toString());
        assertEquals(3, result.exitCode(), result.err()::toString);
        assertEquals(1, result.err().size(), result.err()::toString);
        String line = result.err().getFirst();
        assertTrue(line.startsWith(chain + ":5:"), line);
        assertTrue(line.contains(field) && line.contains(hint), line);
    }

    @Test
    void itsHelpIsThatOfItsRecord() throws Exception {
        Nfv.Result help =
                Nfv.run("functions", "ttl-guard", "--functions", jar.toString()).succeeded();
        Stream.of(
                        "Drops IPv4 packets whose TTL is below a minimum",
                        "minimum-ttl: whole number, at least 0, at most 255, default 5",
                        "Smallest TTL that passes",
                        jar.toString())
                .forEach(text -> assertTrue(help.text().contains(text), () -> text + " is not in\n" + help.text()));
    }
}
