// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** What a request has besides its body, checked as the contract says. */
record Parameters(Request request, Map<String, String> path) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}");
    private static final Pattern WAIT = Pattern.compile("(?:^|[,;\\s])wait\\s*=\\s*\"?(\\d{1,9})\"?");
    private static final int MOST_WAIT_SECONDS = 60;
    private static final int LONGEST_KEY = 128;

    /** The parameters of the query, decoded. */
    Map<String, String> query() {
        return request.parameters();
    }

    /** A part of the address. */
    String of(String name) {
        return path.get(name);
    }

    Optional<String> text(String name, int longest) {
        Optional<String> value = Optional.ofNullable(query().get(name));
        value.filter(text -> text.length() > longest).ifPresent(tooLong -> {
            throw ApiException.parameter(name, "may have " + longest + " characters at most");
        });
        return value;
    }

    OptionalInt number(String name, int least, int most) {
        String value = query().get(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (value.matches("\\d{1,9}|1000000000")) {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return OptionalInt.of(number);
            }
        }
        throw ApiException.parameter(name, "must be a number from " + least + " to " + most);
    }

    boolean flag(String name, boolean otherwise) {
        return switch (query().getOrDefault(name, String.valueOf(otherwise))) {
            case "true" -> true;
            case "false" -> false;
            default -> throw ApiException.parameter(name, "must be true or false");
        };
    }

    /** A chain that the list or stream is kept to. */
    Optional<String> chain() {
        Optional<String> chain = text("chain", 100);
        chain.filter(name -> !NAME.matcher(name).matches()).ifPresent(wrong -> {
            throw ApiException.parameter("chain", "is no name of a chain");
        });
        return chain;
    }

    Optional<String> idempotencyKey() {
        Optional<String> key = request.header("idempotency-key");
        key.filter(text -> text.isEmpty() || text.length() > LONGEST_KEY).ifPresent(wrong -> {
            throw ApiException.parameter("Idempotency-Key", "must have 1 to " + LONGEST_KEY + " characters");
        });
        return key;
    }

    /** Seconds that the answer may wait for the end of what it started (RFC 7240). */
    OptionalInt waitSeconds() {
        return request.header("prefer")
                .map(WAIT::matcher)
                .filter(java.util.regex.Matcher::find)
                .map(found -> OptionalInt.of(Math.min(MOST_WAIT_SECONDS, Integer.parseInt(found.group(1)))))
                .orElse(OptionalInt.empty());
    }

    /** Number of the last event that a reader of events has seen. */
    OptionalLong lastEvent() {
        Optional<String> header = request.header("last-event-id");
        if (header.isEmpty() || header.get().isEmpty()) {
            return OptionalLong.empty();
        }
        if (!header.get().matches("\\d{1,18}")) {
            throw ApiException.parameter("Last-Event-ID", "must be the id of an event");
        }
        return OptionalLong.of(Long.parseLong(header.get()));
    }
}
