// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.nfv.chain.YamlNode.Position;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with a descriptor, so that its user learns of several mistakes at once. */
final class Problems {
    private static final int MOST_REPORTED = 20;

    private final String file;
    private final List<Problem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(Position at, String path, String message) {
        found.add(new Problem(file, at.line(), at.column(), path, oneLine(message)));
    }

    int count() {
        return found.size();
    }

    /** Throws if anything was found. */
    void throwIfAny() {
        if (!found.isEmpty()) {
            throw new ChainDescriptorException(found.stream()
                    .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                    .distinct()
                    .limit(MOST_REPORTED)
                    .toList());
        }
    }

    /** The exception for one problem that leaves nothing else to look at. */
    ChainDescriptorException fatal(Position at, String path, String message) {
        return new ChainDescriptorException(List.of(new Problem(file, at.line(), at.column(), path, oneLine(message))));
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\s*\\R\\s*", " ");
    }
}
