// SPDX-License-Identifier: BSD-2-Clause

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Rewrites those jars that hold class files from before Java 6 to the format of Java 8. An AOT cache leaves out older ones,
 * which the JVM then must read and verify at each start.
 *
 * <p>For the command line: {@code java ModernClasses.java JAR ...}
 */
final class ModernClasses {
    private final Path jar;
    private final ClassFile format;

    private ModernClasses(Path jar, ClassLoader classesOfJar) {
        this.jar = jar;
        // The old verifier needed no stack maps; where types merge, it takes the classes' hierarchy to make them.
        ClassHierarchyResolver hierarchy = ClassHierarchyResolver.ofResourceParsing(classesOfJar)
                .orElse(ClassHierarchyResolver.defaultResolver());
        this.format = ClassFile.of(
                StackMapsOption.GENERATE_STACK_MAPS, ClassHierarchyResolverOption.of(hierarchy));
    }

    public static void main(String[] jars) throws IOException {
        for (String name : jars) {
            Path jar = Path.of(name);
            try (URLClassLoader classes = new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
                new ModernClasses(jar, classes).rewrite();
            }
        }
    }

    private void rewrite() throws IOException {
        try (JarFile old = new JarFile(jar.toFile())) {
            List<JarEntry> entries = old.stream().toList();
            if (entries.stream().noneMatch(entry -> isOldClass(old, entry))) {
                return;
            }
            Path rewritten = jar.resolveSibling(jar.getFileName() + ".tmp");
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(rewritten))) {
                for (JarEntry entry : entries) {
                    out.putNextEntry(new JarEntry(entry.getName()));
                    out.write(isOldClass(old, entry) ? modern(content(old, entry)) : content(old, entry));
                }
            }
            Files.move(rewritten, jar, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private boolean isOldClass(JarFile jarFile, JarEntry entry) {
        return entry.getName().endsWith(".class")
                && format.parse(content(jarFile, entry)).majorVersion() < ClassFile.JAVA_6_VERSION;
    }

    private static byte[] content(JarFile jarFile, JarEntry entry) {
        try {
            return jarFile.getInputStream(entry).readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private byte[] modern(byte[] old) {
        ClassModel model = format.parse(old);
        ClassTransform version = (builder, element) -> {
            if (element instanceof ClassFileVersion) {
                builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
            } else {
                builder.with(element);
            }
        };
        // Methods that nothing transforms would be copied as they are, without stack maps.
        return format.transformClass(
                model, version.andThen(ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)));
    }
}
