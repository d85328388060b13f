// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.vm.CpioArchive;
import io.ptnetmap.nfv.vm.GuestFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a guest runs for its part of a chain: this framework's jars of the image and, in {@code /part}, Java's command line, the
 * chain's descriptor, the user's own functions and the files that they read.
 *
 * @param now what the chain is
 * @param vm the machine's name
 * @param pcap the capture that takes the place of the chain's own traffic
 * @param timed whether the functions' time is to be taken
 * @param javaOptions of the machine
 */
record GuestProgram(PresentChain.State now, String vm, Optional<Path> pcap, boolean timed, List<String> javaOptions)
        implements GuestFiles {
    /** The guest's directory for it. */
    static final String PART = "part/";

    private static final String CHAIN = PART + "chain.yaml";
    private static final String CAPTURE = PART + "capture.pcap";
    private static final String JARS = PART + "jars/";

    /** What this process has been given for short pauses serves the guest as well. */
    private static final List<String> INHERITED = List.of("-Xmn");

    private static final List<String> JAVA_OPTIONS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            "-XX:MaxRAMPercentage=50",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "-cp",
            "/opt/ptnetmap/lib/*:/" + JARS + "*");

    @Override
    public void addTo(CpioArchive archive) throws IOException {
        archive.file(PART + "java.args", javaArguments().getBytes(StandardCharsets.UTF_8));
        archive.file(CHAIN, now.file());
        if (makesPackets() && pcap.isPresent()) {
            archive.file(CAPTURE, pcap.get());
        }
        List<Path> functions = now.chain().functionPath();
        for (int i = 0; i < functions.size(); i++) {
            addFunctions(archive, JARS + i + "-", functions.get(i));
        }
        for (Map.Entry<String, Path> file : filesOf(now.chain(), vm).entrySet()) {
            archive.file(PART + file.getKey(), file.getValue());
        }
    }

    /** Whether the chain's first function runs here, which a capture may replace. */
    private boolean makesPackets() {
        return now.chain().nodes().getFirst().vm().equals(vm);
    }

    /** The contents of an argument file, as java(1) describes it. */
    private String javaArguments() {
        List<String> arguments = new ArrayList<>(javaOptions);
        arguments.addAll(JavaProcess.ownOptions(INHERITED));
        arguments.addAll(JAVA_OPTIONS);
        arguments.addAll(List.of(VmMain.class.getName(), "/" + CHAIN, vm));
        arguments.add(
                makesPackets()
                        ? pcap.map(file -> "/" + CAPTURE).orElse("")
                        : pcap.map(Path::toString).orElse(""));
        arguments.add(timed ? VmMain.TIMED : "");
        arguments.add(now.linksArgument());
        return arguments.stream().map(GuestProgram::quote).collect(Collectors.joining("\n", "", "\n"));
    }

    static String quote(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /** A jar, the jars of a directory, or a tree of classes as a jar. */
    private static void addFunctions(CpioArchive archive, String prefix, Path entry) throws IOException {
        if (!Files.isDirectory(entry)) {
            archive.file(prefix + "functions.jar", entry);
            return;
        }
        List<Path> jars;
        try (Stream<Path> files = Files.list(entry)) {
            jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
        if (jars.isEmpty()) {
            archive.file(prefix + "classes.jar", jarOf(entry));
        }
        for (Path jar : jars) {
            archive.file(prefix + jar.getFileName(), jar);
        }
    }

    private static byte[] jarOf(Path tree) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes);
                Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.filter(file -> !file.equals(tree)).sorted().toList()) {
                boolean directory = Files.isDirectory(file);
                // With its directories: Micronaut finds functions by listing one.
                jar.putNextEntry(new JarEntry(tree.relativize(file) + (directory ? "/" : "")));
                if (!directory) {
                    Files.copy(file, jar);
                }
            }
        }
        return bytes.toByteArray();
    }

    /**
     * The files that the functions of a machine read, by their names in it: where the functions find them, beside the descriptor.
     *
     * @throws IOException if there is none of a name
     */
    static Map<String, Path> filesOf(Chain chain, String vm) throws IOException {
        Map<String, Path> all = new TreeMap<>();
        for (String name : chain.vms().get(vm).files()) {
            Path root = chain.files().resolve(name);
            if (!Files.exists(root)) {
                throw new IOException("no file " + root + ", which the chain lists for the machine");
            }
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(Files::isRegularFile)
                        .forEach(file -> all.put(
                                chain.files().directory().relativize(file).toString(), file));
            } catch (UncheckedIOException unreadable) {
                throw unreadable.getCause();
            }
        }
        return all;
    }
}
