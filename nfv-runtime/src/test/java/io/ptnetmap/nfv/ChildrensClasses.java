// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv;

import io.ptnetmap.nfv.cli.NodeRehearsal;
import io.ptnetmap.nfv.deploy.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * An archive of libraries' classes (CDS), which processes that tests start map instead of reading and checking them again: half of
 * what such a start takes. This JVM's options name it, for {@link JavaProcess} hands them on. It is made
 * where there is none for the libraries of today. A JVM takes an archive only if its class path begins as that of the JVM that
 * made it, and that has no directories: so those come last.
 */
public final class ChildrensClasses implements LauncherSessionListener {
    private static final String OPTION = "-XX:SharedArchiveFile=";
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        List<String> all = List.of(System.getProperty("java.class.path").split(File.pathSeparator));
        List<String> libraries =
                all.stream().filter(ChildrensClasses::isLibrary).toList();
        System.setProperty(
                "java.class.path",
                join(Stream.concat(libraries.stream(), all.stream().filter(entry -> !isLibrary(entry)))
                        .toList()));
        options().stream().filter(option -> option.startsWith(OPTION)).forEach(option -> {
            try {
                provide(Path.of(option.substring(OPTION.length())), join(libraries));
            } catch (IOException failure) {
                throw new UncheckedIOException("no archive of classes: " + failure.getMessage(), failure);
            }
        });
    }

    /** Those of this JVM's options with which others find the archive. */
    static List<String> options() {
        return JavaProcess.ownOptions(List.of(OPTION, "-Xlog:"));
    }

    /** What this build makes is another at each, so that an archive with it would not last. */
    private static boolean isLibrary(String entry) {
        return entry.endsWith(".jar") && !Path.of(entry).startsWith(PROJECT);
    }

    private static String join(List<String> entries) {
        return String.join(File.pathSeparator, entries);
    }

    /** Of several JVMs that share the tests one makes it. Tests do without where that fails. */
    private static void provide(Path archive, String libraries) throws IOException {
        Files.createDirectories(archive.getParent());
        Path made = archive.resolveSibling("libraries");
        try (FileChannel channel =
                FileChannel.open(archive.resolveSibling("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            if (Files.exists(made) && Files.readString(made).equals(libraries)) {
                return;
            }
            Path directory = Files.createTempDirectory(archive.getParent(), "rehearsal");
            Path classes = directory.resolve("classes");
            run(
                    "-XX:DumpLoadedClassList=" + classes,
                    "-cp",
                    System.getProperty("java.class.path"),
                    NodeRehearsal.class.getName(),
                    directory.toString());
            run("-Xshare:dump", "-XX:SharedClassListFile=" + classes, OPTION + archive, "-cp", libraries);
            Files.writeString(made, libraries);
        }
    }

    private static void run(String... arguments) throws IOException {
        List<String> line = JavaCommand.bare();
        line.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.waitFor(1, TimeUnit.MINUTES);
            process.destroyForcibly();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }
}
