// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.nfv.chain.Chain;
import java.util.function.Function;

/**
 * What changes of a running chain need of how it was launched.
 *
 * @param netmap has the chain's region
 * @param options it was launched with
 * @param processes makes ready for processes of functions, given the chain as it was launched; asked once at most
 */
record ChangeSetting(Netmap netmap, LaunchOptions options, Function<Chain, OwnProcesses> processes) {}
