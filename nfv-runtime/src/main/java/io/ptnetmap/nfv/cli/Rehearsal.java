// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.deploy.Launcher;

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
            String[] run = {"run", chain, "--duration", TIME};
            failed += new Main(new Launcher()).commandLine(run).execute(run);
        }
        System.exit(failed);
    }
}
