// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.registry.FunctionRegistry;

/**
 * A descriptor that can run.
 *
 * @param text of the descriptor
 * @param owned whether the functions are this chain's own, to be closed with it
 */
record Prepared(ChainDescriptor descriptor, String text, Chain chain, FunctionRegistry functions, boolean owned)
        implements AutoCloseable {
    /** When nothing of it runs any more. */
    @Override
    public void close() {
        if (owned) {
            functions.close();
        }
    }
}
