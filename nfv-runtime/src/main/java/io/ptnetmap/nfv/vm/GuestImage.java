// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

/**
 * The guest that {@code nfv setup image} builds: a kernel, an initial file system and a disk with Java and this framework.
 *
 * @param directory of its files
 */
record GuestImage(Path directory) {
    /** By this the guest tells the disk with Java from others. */
    static final String DISK_SERIAL = "ptnetmap-root";

    private static final String PROPERTIES = "image.properties";
    private static final List<String> FILES = List.of("vmlinux", "initrd.cpio", "root.squashfs", PROPERTIES);

    /** @throws MachineException if a file is missing */
    static GuestImage in(Path directory) {
        for (String file : FILES) {
            if (!Files.isReadable(directory.resolve(file))) {
                throw new MachineException(
                        "no guest image: " + directory.resolve(file) + " is missing; build it by './nfv setup image'");
            }
        }
        return new GuestImage(directory);
    }

    Path kernel() {
        return directory.resolve("vmlinux");
    }

    /** Java and this framework, a squashfs. */
    Path disk() {
        return directory.resolve("root.squashfs");
    }

    /** What the build has noted about the image. */
    Properties properties() {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(directory.resolve(PROPERTIES))) {
            properties.load(in);
            return properties;
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new MachineException(
                    "the guest image's " + directory.resolve(PROPERTIES) + " cannot be read: " + unreadable.getMessage()
                            + "; build it again by './nfv setup image'",
                    unreadable);
        }
    }

    /** What Java in the guest is to be started with, as the build has found it to be best. */
    List<String> javaOptions() {
        return words("java.options");
    }

    /** What this image's kernel needs to be told besides the usual. */
    List<String> kernelParameters() {
        return words("append");
    }

    private List<String> words(String key) {
        return Stream.of(properties().getProperty(key, "").split("\\s+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Writes the image's initial file system with further files in it. */
    void writeInitialFiles(Path to, GuestFiles more) throws IOException {
        try (OutputStream out = Files.newOutputStream(to)) {
            long length = Files.copy(directory.resolve("initrd.cpio"), out);
            out.write(new byte[(int) (-length & CpioArchive.BLOCK - 1)]);
            try (CpioArchive archive = new CpioArchive(out)) {
                more.addTo(archive);
            }
        }
    }
}
