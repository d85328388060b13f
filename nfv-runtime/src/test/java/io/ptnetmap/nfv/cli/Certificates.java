// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Certificates and authorities that openssl(1) makes. */
final class Certificates {
    private final Path directory;

    Certificates(Path directory) {
        this.directory = directory;
    }

    /** Makes an authority; its certificate. */
    Path authority(String name) throws IOException, InterruptedException {
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=NAME -keyout NAME.key -out NAME.pem", name);
        return directory.resolve(name + ".pem");
    }

    /**
     * Has an authority make a certificate, and puts it where a node looks: {@code node.pem} and {@code node.key}.
     *
     * @param names that it is for, such as {@code DNS:node,IP:10.0.0.1}
     * @param days how long it is valid from now on
     */
    void issue(String authority, String names, int days) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("extensions"), "subjectAltName=" + names + "\n");
        openssl("req -newkey rsa:2048 -nodes -subj /CN=node -keyout new.key -out new.csr", authority);
        openssl(
                "x509 -req -in new.csr -CA NAME.pem -CAkey NAME.key -CAcreateserial -extfile extensions -out new.pem"
                        + " -days " + days,
                authority);
        for (String file : List.of("key", "pem")) {
            Files.move(
                    directory.resolve("new." + file),
                    directory.resolve("node." + file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void openssl(String arguments, String name) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("openssl"));
        line.addAll(List.of(arguments.replace("NAME", name).split(" ")));
        Process process = new ProcessBuilder(line)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
    }
}
