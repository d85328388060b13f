// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The launcher script as it is, in a checkout of its own, whose build is the distribution that is already there: what it puts on
 * the class path is enough for each command, and for lines that name none.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LauncherTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final long MOST_SECONDS = 120;

    private Path directory;
    private Path checkout;

    @BeforeAll
    void checkout(@TempDir Path temporary) throws IOException {
        directory = temporary;
        checkout = Files.createDirectory(directory.resolve("a checkout"));
        for (String module : List.of("ptnetmap-java", "nfv-runtime", "functions", "samples")) {
            Files.createDirectories(checkout.resolve(module, "src", "test"));
            Files.copy(PROJECT.resolve(module, "pom.xml"), checkout.resolve(module, "pom.xml"));
        }
        for (String file : List.of("pom.xml", "nfv")) {
            Files.copy(PROJECT.resolve(file), checkout.resolve(file));
        }
        Files.createSymbolicLink(checkout.resolve("host-setup"), PROJECT.resolve("host-setup"));
        Path maven = Files.writeString(
                Files.createDirectory(directory.resolve("bin")).resolve("mvn"),
                """
                #!/bin/sh
                echo built >>'%1$s/builds'
                mkdir -p '%2$s/functions/target/nfv'
                ln -s '%3$s/lib' '%3$s/node' '%2$s/functions/target/nfv'
                """.formatted(directory, checkout, InstalledNfv.DISTRIBUTION));
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Said(int exitCode, String out, String err) {}

    private Said nfv(String line) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(checkout.resolve("nfv").toString());
        if (!line.isEmpty()) {
            builder.command().addAll(List.of(line.split(" ")));
        }
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().merge("PATH", directory.resolve("bin").toString(), (path, ours) -> ours + ":" + path);
        Process process = builder.directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertTrue(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS));
        return new Said(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            --help|0|Usage: nfv
            help|0|Usage: nfv
            help apply|0|Usage: nfv apply
            -V|0|nfv
            completion bash|0|complete -F
            run --help|0|Usage: nfv run
            functions|0|firewall
            node --help|0|Usage: nfv node
            apply --help|0|Usage: nfv apply
            host --help|0|Usage: nfv host
            pkt-gen --help|0|Usage: nfv pkt-gen
            setup --help|0|Usage: nfv setup
            ''|2|Missing required subcommand
            frobnicate|2|there is no command 'frobnicate'
            """)
    void eachLineFindsItsClasses(String line, int exitCode, String words) throws Exception {
        Said said = nfv(line);
        assertEquals(exitCode, said.exitCode, said.err);
        assertFalse(said.err.contains("Exception"), said.err);
        assertTrue((exitCode == 0 ? said.out : said.err).contains(words), () -> said.out + said.err);
    }

    @Test
    void buildsWhatHasChangedAndNothingElse() throws Exception {
        nfv("-V");
        Path builds = directory.resolve("builds");
        long before = Files.readAllLines(builds).size();
        Files.writeString(checkout.resolve("functions/src/test/NewTest.java"), "class NewTest {}");
        Files.writeString(checkout.resolve("functions/notes.txt"), "not built");
        assertEquals("", nfv("-V").err);
        assertEquals(before, Files.readAllLines(builds).size());
        Files.writeString(checkout.resolve("functions/src/New.java"), "class New {}");
        assertEquals("", nfv("functions").err.replaceAll("nfv: building.*\n?", ""));
        assertEquals(before + 1, Files.readAllLines(builds).size());
    }
}
