// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

/**
 * Runs chains one after the other, so that the build can have the JVM record what starting them takes: {@code
 * -XX:AOTCacheOutput}. The chains' own processes record theirs beside it.
 */
public final class Rehearsal {
    private static final String TIME = "1s";

    private Rehearsal() {}

    /** @param chains their files */
    public static void main(String[] chains) {
        int failed = 0;
        for (String chain : chains) {
            failed += Main.execute("run", chain, "--duration", TIME);
        }
        System.exit(failed);
    }
}
