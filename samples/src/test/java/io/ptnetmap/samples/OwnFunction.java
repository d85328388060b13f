// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Builds {@code own-function} as its {@code pom.xml} says. */
final class OwnFunction {
    static final Path PROJECT = Path.of("own-function");

    private OwnFunction() {}

    /** The function's jar, made in a directory. */
    static Path jar(Path directory) throws IOException {
        Path classes = directory.resolve("classes");
        compile(PROJECT.resolve("src/main/java"), classes, System.getProperty("java.class.path"));
        Path jar = directory.resolve("ttl-guard-1.0.jar");
        pack(classes, jar);
        return jar;
    }

    static void compile(Path sources, Path output, String classPath) throws IOException {
        Files.createDirectories(output);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "needs a JDK");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> tree = Files.walk(sources)) {
            List<Path> units =
                    tree.filter(file -> file.toString().endsWith(".java")).toList();
            // The class path of these tests has Micronaut's annotation processors.
            List<String> options =
                    List.of("-parameters", "-cp", classPath, "-processorpath", classPath, "-d", output.toString());
            assertTrue(
                    compiler.getTask(null, files, null, options, null, files.getJavaFileObjectsFromPaths(units))
                            .call(),
                    "does not compile");
        }
    }

    private static void pack(Path tree, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> files = Files.walk(tree)) {
            for (Path path : files.filter(path -> !path.equals(tree)).toList()) {
                String name = tree.relativize(path).toString();
                if (Files.isDirectory(path)) {
                    // Maven writes these too, and Micronaut finds beans by them.
                    out.putNextEntry(new JarEntry(name + "/"));
                } else {
                    out.putNextEntry(new JarEntry(name));
                    Files.copy(path, out);
                }
            }
        }
    }
}
