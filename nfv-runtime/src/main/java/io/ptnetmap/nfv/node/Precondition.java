// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import java.util.List;
import java.util.Optional;

/**
 * What must hold of a chain's version for a request to be followed (RFC 9110 §13.1).
 *
 * @param match the version must be one of these; {@value #ANY} = there must be a chain
 * @param noneMatch the version must be none of these; {@value #ANY} = there must be no chain
 */
public record Precondition(List<String> match, List<String> noneMatch) {
    /** Any version at all. */
    public static final String ANY = "*";

    /** Always holds. */
    public static final Precondition NONE = new Precondition(List.of(), List.of());

    /** @throws RefusedException if it does not hold */
    void check(Optional<StoredChain> chain) {
        Optional<String> version = chain.map(Precondition::versionOf);
        boolean holds = (match.isEmpty() || isAmong(match, version)) && !isAmong(noneMatch, version);
        if (!holds) {
            throw new RefusedException(
                    RefusedException.Reason.OTHER_VERSION,
                    version.map(now -> "the chain's version is \"" + now + "\"; get it again and decide anew")
                            .orElse("there is no such chain"));
        }
    }

    private static boolean isAmong(List<String> versions, Optional<String> version) {
        return version.filter(now -> versions.contains(ANY) || versions.contains(now))
                .isPresent();
    }

    /** Tells a chain's version from all others, also from those of an earlier chain of its name. */
    static String versionOf(StoredChain chain) {
        return chain.revision() + "-" + Long.toString(chain.created().toEpochMilli(), Character.MAX_RADIX);
    }
}
