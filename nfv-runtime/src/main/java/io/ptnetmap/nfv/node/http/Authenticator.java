// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Tells who asks, by the token that came along or, without one, by the connection. Thread-safe. */
final class Authenticator {
    private static final String SCHEME = "Bearer ";
    private static final String CHALLENGE = "Bearer realm=\"ptnetmap node\"";

    private final List<Source> sources;

    /** Knows tokens of one kind. */
    interface Source {
        /** Whose token it is; empty if it is none of these, or is valid no more. */
        Optional<Principal> find(String token);
    }

    Authenticator(List<Source> sources) {
        this.sources = List.copyOf(sources);
    }

    /**
     * What shows who sent a request; nothing where its connection tells that.
     *
     * @throws ApiException if it has no token, and its connection tells of nobody
     */
    Optional<String> token(Request request) {
        Optional<String> authorization = request.header("authorization");
        if (authorization.isEmpty() && request.peer().isPresent()) {
            return Optional.empty();
        }
        String header = authorization.orElseThrow(() -> refusal("send a token: Authorization: Bearer TOKEN", ""));
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw refusal("the only scheme is Bearer", ", error=\"invalid_request\"");
        }
        return Optional.of(header.substring(SCHEME.length()).trim());
    }

    /**
     * Who sent a request.
     *
     * @throws ApiException if it has no token, and its connection tells of nobody, or a token that is unknown or not valid
     */
    Principal require(Request request) {
        return token(request).map(this::principal).orElseGet(request.peer()::orElseThrow);
    }

    /**
     * Who sent a request, and may do what needs a role.
     *
     * @throws ApiException if it is nobody, or somebody who may not
     */
    Principal require(Request request, Role needed) {
        return withRole(require(request), needed);
    }

    /**
     * Whose token it is, who may do what needs a role.
     *
     * @throws ApiException if it is unknown or not valid, or its role too small
     */
    Principal require(String token, Role needed) {
        return withRole(principal(token), needed);
    }

    private static Principal withRole(Principal principal, Role needed) {
        if (!principal.role().includes(needed)) {
            throw new ApiException(
                    403,
                    "'" + principal.name() + "' has role " + lower(principal.role()) + ", and this needs "
                            + lower(needed));
        }
        return principal;
    }

    private static String lower(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private Principal principal(String token) {
        for (Source source : sources) {
            Optional<Principal> principal = source.find(token);
            if (principal.isPresent()) {
                return principal.get();
            }
        }
        throw refusal("the token is unknown or expired", ", error=\"invalid_token\"");
    }

    private static ApiException refusal(String message, String error) {
        return new ApiException(401, message, List.of(), Map.of("www-authenticate", CHALLENGE + error));
    }
}
