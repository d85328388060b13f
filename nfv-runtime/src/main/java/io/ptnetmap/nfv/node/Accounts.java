// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The accounts of a chain at one moment, those of its earlier runs included.
 *
 * @param hops by the function's name, in the chain's order
 * @param reports what the functions say, where they were asked
 */
record Accounts(
        Instant time,
        long elapsedNanos,
        Map<String, Hop> hops,
        Conservation conservation,
        Map<String, Map<String, Object>> reports) {
    static final Accounts NONE = new Accounts(Instant.EPOCH, 0, Map.of(), Conservation.NONE, Map.of());

    /** Those of a run, continued after earlier ones. */
    Accounts plus(ChainRun run, boolean reported) {
        ChainSnapshot now = run.snapshot();
        Map<String, Hop> sum = now.hops().stream()
                .map(hop -> hops.containsKey(hop.name()) ? hop.plus(hops.get(hop.name())) : hop)
                .collect(Collectors.toMap(Hop::name, hop -> hop, (one, other) -> one, LinkedHashMap::new));
        return new Accounts(
                Instant.now(),
                elapsedNanos + now.elapsedNanos(),
                sum,
                run.conservation().plus(conservation),
                reported ? new HashMap<>(run.reports()) : Map.of());
    }

    List<Hop> inOrder() {
        return List.copyOf(hops.values());
    }
}
