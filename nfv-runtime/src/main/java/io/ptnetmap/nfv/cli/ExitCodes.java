// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

/** What the command's exit code says. */
final class ExitCodes {
    static final int OK = 0;
    /** The chain failed or lost packets, or the node refuses, or has no such thing. */
    static final int CHAIN_FAILED = 1;
    /** The command line was wrong. */
    static final int USAGE = 2;
    /** The chain's descriptor or a function's configuration was wrong. */
    static final int BAD_CHAIN = 3;
    /** Something is missing around the command: a permission, an interface, a tool, a node. */
    static final int ENVIRONMENT = 4;

    private ExitCodes() {}
}
