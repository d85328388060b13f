// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of processes that tests start: a main class, in this Java and with this class path. */
public final class JavaCommand {
    static final List<String> SHORT_LIVED = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private JavaCommand() {}

    /** A program that does what users have it do. */
    public static List<String> of(Class<?> main, String... arguments) {
        return line(List.of(), main, arguments);
    }

    /** A program that is up soon, because it will not live long. */
    public static List<String> shortLived(Class<?> main, String... arguments) {
        return line(SHORT_LIVED, main, arguments);
    }

    private static List<String> line(List<String> options, Class<?> main, String... arguments) {
        List<String> line = bare(options);
        line.addAll(ChildrensClasses.options());
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        line.addAll(List.of(arguments));
        return line;
    }

    /** This Java with what all of its programs are started with, and these options. */
    static List<String> bare(List<String> options) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        line.addAll(options);
        return line;
    }
}
