// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import java.util.List;
import java.util.stream.Collectors;

/** A chain descriptor that cannot be used; tells everything that was found wrong with it, in the file's order. */
public final class ChainDescriptorException extends RuntimeException {
    private final transient List<Problem> problems;

    public ChainDescriptorException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining(System.lineSeparator())));
        this.problems = List.copyOf(problems);
    }

    /** At least one. */
    public List<Problem> problems() {
        return problems;
    }
}
