// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of processes that tests start: a main class, in this Java and with this class path. */
public final class JavaCommand {
    private JavaCommand() {}

    /** A program that is up soon, because it will not live long. */
    public static List<String> of(Class<?> main, String... arguments) {
        List<String> line = bare();
        line.addAll(ChildrensClasses.options());
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        line.addAll(List.of(arguments));
        return line;
    }

    /** This Java with the options of all its programs. */
    static List<String> bare() {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
    }
}
