// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.nfv.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * QEMU and the guest in one process: takes QEMU's command line, unpacks the guest's files, attaches to the host as any process
 * does, and runs the part that the guest would run.
 */
public final class FakeGuest {
    private FakeGuest() {}

    /** @param arguments a directory for files, the name of a function that refuses to start (or -), QEMU's */
    public static void main(String[] arguments) throws Exception {
        List<String> options = Arrays.asList(arguments);
        Path files = Files.createTempDirectory(Path.of(arguments[0]), "guest");
        Path initial = Path.of(options.get(options.indexOf("-initrd") + 1));
        new ProcessBuilder("cpio", "-i", "-d", "--quiet")
                .directory(files.toFile())
                .inheritIO()
                .redirectInput(initial.toFile())
                .start()
                .waitFor();
        Thread.ofPlatform().daemon().start(() -> answerMonitor(connect(valueOf(options, "id=qmp", "path"))));
        Control control = new Control(connect(valueOf(options, "id=control", "path")));
        Path held = heldFile(Path.of(arguments[0]));
        while (Files.exists(held)) {
            Thread.sleep(10);
        }
        System.out.println("the guest has booted");
        List<String> java = Files.readAllLines(files.resolve("part/java.args")).stream()
                .map(line -> line.substring(1, line.length() - 1))
                .toList();
        List<String> program = new ArrayList<>(java.subList(java.indexOf(VmMain.class.getName()) + 1, java.size()));
        program.set(0, files + program.getFirst());
        if (program.get(1).equals(arguments[1])) {
            throw new IllegalStateException("this guest has no disk");
        }
        VmMain.serve(control, program.toArray(String[]::new), () -> {
            Netmap netmap = Netmap.over(AttachClient.connect(Path.of(valueOf(options, "id=n0", "devname"))));
            return number -> netmap.openPort(valueOf(options, "id=n" + number, "ifname"));
        });
        System.exit(0);
    }

    /** As long as there is this file, no guest gets further than to its boot. */
    static Path heldFile(Path directory) {
        return directory.resolve("held");
    }

    /** What stands behind {@code key=} in the option that has a word. */
    private static String valueOf(List<String> options, String word, String key) {
        return options.stream()
                .map(option -> List.of(option.split(",")))
                .filter(parts -> parts.contains(word))
                .flatMap(List::stream)
                .filter(part -> part.startsWith(key + "="))
                .map(part -> part.substring(key.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private static SocketChannel connect(String path) {
        try {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(path));
            return channel;
        } catch (IOException refused) {
            throw new IllegalStateException(refused);
        }
    }

    private static void answerMonitor(SocketChannel channel) {
        try (BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
                Writer out = Channels.newWriter(channel, StandardCharsets.UTF_8)) {
            out.write("{\"QMP\": {}}\n");
            out.flush();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.write("{\"return\": {}}\n");
                out.flush();
                if (line.contains("quit")) {
                    System.exit(0);
                }
            }
        } catch (IOException ended) {
            System.exit(1);
        }
    }

    /** The program to take for QEMU: this one, in the test's Java. */
    static Path program(Path directory, String refusing) throws IOException {
        String java = JavaCommand.of(FakeGuest.class, directory.toString(), refusing).stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        Path program = Files.writeString(directory.resolve("qemu"), """
                #!/bin/sh
                case "$*" in
                    --version|'-sandbox on --version') echo 'QEMU emulator version 0.0 (fake)'; exit;;
                    '-device e1000-paravirt,help') echo 'e1000-paravirt options:'; exit;;
                esac
                exec %s "$@"
                """.formatted(java));
        program.toFile().setExecutable(true);
        return program;
    }
}
