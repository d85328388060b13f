// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The program {@code pipe.c}, compiled on the spot for this processor and kept in the user's cache directory. */
final class CTwin {
    private static final String SOURCE = "pipe.c";
    private static final List<String> FLAGS = List.of("-O3", "-march=native");

    /** There is no C compiler, or it does not work here. The message says why, in a line. */
    static final class MissingException extends RuntimeException {
        MissingException(String message) {
            super(message);
        }
    }

    private final Path cache;
    private final String compiler;

    /**
     * @param cache directory for the compiled program
     * @param compiler name or path of the C compiler
     */
    CTwin(Path cache, String compiler) {
        this.cache = cache;
        this.compiler = compiler;
    }

    /** gcc, and {@code ptnetmap} in the user's cache directory ({@code XDG_CACHE_HOME}, else {@code ~/.cache}). */
    static CTwin system() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path cache = xdg == null || xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        return new CTwin(cache.resolve("ptnetmap"), "gcc");
    }

    /** How the program is compiled, for people. */
    String command() {
        return compiler + " " + String.join(" ", FLAGS);
    }

    /**
     * The program; compiles it unless this very source has been compiled here before.
     *
     * @throws MissingException if that does not work
     */
    Path program() {
        try {
            byte[] source = source();
            Path program = cache.resolve("pipe-" + key(source));
            if (!Files.isExecutable(program)) {
                Files.createDirectories(cache);
                compile(source, program);
            }
            return program;
        } catch (IOException failure) {
            throw new MissingException(compiler + ": " + failure.getMessage());
        }
    }

    private static byte[] source() throws IOException {
        try (InputStream in = CTwin.class.getResourceAsStream(SOURCE)) {
            return in.readAllBytes();
        }
    }

    private String key(byte[] source) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(command().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(source), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Compiles next to the target, then renames: another process never sees half a program. */
    private void compile(byte[] source, Path program) throws IOException {
        Path unfinished = Files.createTempFile(cache, "pipe-", ".tmp");
        try {
            List<String> command = new ArrayList<>(List.of(compiler));
            command.addAll(FLAGS);
            command.addAll(List.of("-x", "c", "-o", unfinished.toString(), "-"));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().write(source);
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new MissingException(
                        command() + " fails: " + said.lines().findFirst().orElse("without a word"));
            }
            Files.move(unfinished, program, StandardCopyOption.ATOMIC_MOVE);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MissingException(compiler + " was interrupted");
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
