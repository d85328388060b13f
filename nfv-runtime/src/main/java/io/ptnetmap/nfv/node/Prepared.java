// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.ChainDescriptor.Form;

/**
 * A descriptor that can run. To be closed when nothing of it runs any more.
 *
 * @param text of the descriptor
 */
record Prepared(ChainDescriptor descriptor, Form form, String text, Chain chain, Functions.Use functions)
        implements AutoCloseable {
    @Override
    public void close() {
        functions.close();
    }
}
