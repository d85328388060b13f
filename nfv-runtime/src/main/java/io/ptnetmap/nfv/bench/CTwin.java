// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.linux.UserDirectories;
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
import java.util.Optional;

/** A C program of this package, compiled on the spot for this processor and kept in the user's cache directory. */
final class CTwin {
    private static final String PIPE = "pipe.c";
    private static final List<String> FLAGS = List.of("-O3", "-march=native");

    private final Path cache;
    private final String compiler;
    private final String source;
    private final Library library;

    /**
     * What a program needs beside the C library.
     *
     * @param version part of what the compiled program is known by
     * @param headers flags of the compiler
     * @param objects flags of the linker
     */
    record Library(String version, List<String> headers, List<String> objects) {
        static final Library NONE = new Library("", List.of(), List.of());
    }

    /**
     * The program {@code pipe.c}.
     *
     * @param cache directory for the compiled program
     * @param compiler name or path of the C compiler
     */
    CTwin(Path cache, String compiler) {
        this(cache, compiler, PIPE, Library.NONE);
    }

    /** @param source name of the program's resource */
    CTwin(Path cache, String compiler, String source, Library library) {
        this.cache = cache;
        this.compiler = compiler;
        this.source = source;
        this.library = library;
    }

    /** {@code pipe.c} by gcc, in {@linkplain UserDirectories#cache the user's cache}. */
    static CTwin system() {
        return system(PIPE, Library.NONE);
    }

    /** Another program in the same way. */
    static CTwin system(String source, Library library) {
        return new CTwin(UserDirectories.cache(System::getenv), "gcc", source, library);
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
            byte[] text = text();
            Path program = cache.resolve(name() + key(text));
            if (!Files.isExecutable(program)) {
                Files.createDirectories(cache);
                compile(text, program);
            }
            return program;
        } catch (IOException failure) {
            throw new MissingException(compiler + ": " + failure.getMessage());
        }
    }

    /**
     * What came of compiling it.
     *
     * @param program where it is; empty if it could not be compiled
     * @param how it is compiled, or why not: for people
     */
    record Attempt(Optional<Path> program, String how) {}

    /** The program, or why there is none: Java is measured in any case. */
    Attempt attempt() {
        try {
            return new Attempt(Optional.of(program()), command());
        } catch (MissingException missing) {
            return new Attempt(Optional.empty(), "not measured: " + missing.getMessage());
        }
    }

    private byte[] text() throws IOException {
        try (InputStream in = CTwin.class.getResourceAsStream(source)) {
            return in.readAllBytes();
        }
    }

    /** Beginning of the compiled program's name. */
    private String name() {
        return source.replace(".c", "-");
    }

    private String key(byte[] text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((command() + library).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(text), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Compiles next to the target, then renames: another process never sees half a program. */
    private void compile(byte[] text, Path program) throws IOException {
        Path unfinished = Files.createTempFile(cache, name(), ".tmp");
        try {
            List<String> command = new ArrayList<>(List.of(compiler));
            command.addAll(library.headers());
            command.addAll(FLAGS);
            command.addAll(List.of("-x", "c", "-o", unfinished.toString(), "-"));
            command.addAll(library.objects());
            Tool.output(command, text);
            Files.move(unfinished, program, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
