// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What answers requests of one method at addresses of one form.
 *
 * @param template as the contract has it, with {@code {names}} of segments
 * @param role that is needed; empty = anybody
 */
record Route(String method, String template, Optional<Role> role, Handler handler) {
    /** Answers. */
    interface Handler {
        Reply handle(Parameters parameters) throws InterruptedException;
    }

    static Route open(String method, String template, Handler handler) {
        return new Route(method, template, Optional.empty(), handler);
    }

    static Route of(Role role, String method, String template, Handler handler) {
        return new Route(method, template, Optional.of(role), handler);
    }

    /** The named segments of an address of this form. */
    Optional<Map<String, String>> match(List<String> segments) {
        List<String> form = new ArrayList<>(List.of(template.substring(1).split("/", -1)));
        if (form.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> named = new LinkedHashMap<>();
        for (int i = 0; i < form.size(); i++) {
            String part = form.get(i);
            if (part.startsWith("{")) {
                named.put(part.substring(1, part.length() - 1), segments.get(i));
            } else if (!part.equals(segments.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(named);
    }
}
