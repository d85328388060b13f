// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.util.Optional;

/** What users may set from outside: a property of the JVM or, without that, a variable of the environment of the same name. */
public final class Setting {
    private Setting() {}

    /** What is said; empty where nothing but white space is. */
    public static Optional<String> of(String name) {
        return Optional.ofNullable(System.getProperty(name))
                .or(() -> Optional.ofNullable(System.getenv(name)))
                .map(String::strip)
                .filter(said -> !said.isEmpty());
    }
}
