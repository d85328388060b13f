// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** All about one thing, for people: facts in a line each, then sections of indented lines. */
final class Sections {
    private static final String INDENT = "  ";

    private final PrintWriter out;

    Sections(PrintWriter out) {
        this.out = out;
    }

    /** {@code Name:      value}. */
    void fact(String name, String value) {
        out.printf("%-10s %s%n", name + ":", value);
    }

    /** One that may be missing. */
    void fact(String name, Optional<String> value) {
        value.ifPresent(present -> fact(name, present));
    }

    /** A moment, and how long ago that is. */
    void fact(String name, Instant at) {
        fact(name, at.truncatedTo(ChronoUnit.SECONDS) + " (" + Resource.age(at) + " ago)");
    }

    /** A line of its own. */
    void line(String text) {
        out.println(text);
    }

    /** Lines under a title; nothing if there are none. */
    void section(String title, List<String> lines) {
        if (!lines.isEmpty()) {
            out.println(title);
            lines.forEach(line -> out.println(INDENT + line));
        }
    }
}
