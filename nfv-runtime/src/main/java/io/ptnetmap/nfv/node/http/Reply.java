// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.ProblemDetails;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer, whichever way it goes. */
sealed interface Reply {
    String JSON = "application/json";

    int status();

    Map<String, String> headers();

    /** One that is there as a whole. */
    record Whole(int status, Map<String, String> headers, byte[] body) implements Reply {}

    /** One that is sent bit by bit. */
    record Stream(int status, Map<String, String> headers, Flow flow) implements Reply {}

    /** What goes on sending, until its reader has gone or nothing is left to send. */
    interface Flow {
        /** Begins; called by the thread that all calls of {@code out} must come from. */
        void start(Outlet out);

        /**
         * Ends because its reader may not see more; on the same thread. What was seen before may still be sent.
         *
         * @param why for the reader, where its form has a place for it
         */
        void refuse(Outlet out, ProblemDetails why);
    }

    /** The way to a reader. For one thread. */
    interface Outlet {
        /** Whether more should not be written now. */
        boolean isFull();

        void write(byte[] bytes);

        /** Nothing more comes. */
        void end();

        /** The reader does not keep up. */
        void cut();

        /** Calls when there is room again. */
        void onRoom(Runnable listener);

        /** Calls when the reader has gone, or all was sent. */
        void onClose(Runnable listener);

        /** Runs on the thread for this outlet; from any thread. */
        void later(Runnable task);

        /** Runs after some time on the thread for this outlet, again and again until the reader has gone. */
        void every(long millis, Runnable task);
    }

    static Reply json(int status, Object value) {
        return json(status, value, Map.of());
    }

    static Reply json(int status, Object value, Map<String, String> headers) {
        return of(status, JSON, Json.bytes(value), headers);
    }

    static Reply text(String type, String text, Map<String, String> headers) {
        return of(200, type, text.getBytes(StandardCharsets.UTF_8), headers);
    }

    static Reply of(int status, String type, byte[] body, Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("content-type", type);
        all.putAll(headers);
        return new Whole(status, all, body);
    }

    /** Without a body. */
    static Reply empty(int status, Map<String, String> headers) {
        return new Whole(status, headers, new byte[0]);
    }
}
