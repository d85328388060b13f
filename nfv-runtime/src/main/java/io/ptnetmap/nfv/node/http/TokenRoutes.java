// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.util.List;

/** Who asks: what a client shows, and what it need not offer, since it would be refused. */
final class TokenRoutes {
    private final Authenticator authenticator;

    TokenRoutes(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    List<Route> all() {
        return List.of(Route.of(
                Role.READ,
                "GET",
                "/v1/token",
                parameters -> Reply.json(200, authenticator.require(parameters.request()))));
    }
}
