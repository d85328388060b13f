// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;

/** Starts chains. */
public interface ChainLauncher {
    /**
     * Starts a chain; packets flow when it returns.
     *
     * @throws io.ptnetmap.nfv.chain.NodeConfigurationException if a function refuses its configuration
     * @throws ChainFailedException if the chain cannot start; nothing of it is left running then
     */
    ChainRun launch(Chain chain, LaunchOptions options);
}
