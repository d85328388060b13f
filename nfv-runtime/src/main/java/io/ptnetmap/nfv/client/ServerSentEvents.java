// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/** The lines of {@code text/event-stream} as messages, by the rules of the HTML standard (§9.2.6). */
final class ServerSentEvents implements Decoder<ServerSentEvents.Message> {
    private static final String BYTE_ORDER_MARK = "\ufeff";
    private static final String NUL = "\0";

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean atBeginning = true;
    private boolean afterCarriageReturn;
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private Optional<String> id = Optional.empty();
    private Optional<String> lastId = Optional.empty();

    /**
     * One message.
     *
     * @param type its name; {@code message} where it has none
     * @param data its lines, joined by line feeds
     */
    record Message(String type, String data) {}

    /** Id of the last whole message that had one, for {@code Last-Event-ID}. */
    Optional<String> lastId() {
        return lastId;
    }

    /** What is left of a message when its connection ends is no message; the next connection goes on from the last id. */
    @Override
    public void decode(Buffer bytes, Consumer<Message> messages) {
        for (byte b : bytes.getBytes()) {
            if (b == '\n' && afterCarriageReturn) {
                afterCarriageReturn = false;
                continue;
            }
            afterCarriageReturn = b == '\r';
            if (b == '\n' || b == '\r') {
                String text = line.toString(StandardCharsets.UTF_8);
                line.reset();
                line(atBeginning && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text, messages);
                atBeginning = false;
            } else {
                line.write(b);
            }
        }
    }

    private void line(String text, Consumer<Message> messages) {
        if (text.isEmpty()) {
            dispatch(messages);
            return;
        }
        int colon = text.indexOf(':');
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        field(field, value.startsWith(" ") ? value.substring(1) : value);
    }

    private void field(String field, String value) {
        switch (field) {
            case "data" -> data.append(value).append('\n');
            case "event" -> type = value;
            case "id" -> {
                if (!value.contains(NUL)) {
                    id = Optional.of(value);
                }
            }
            default -> {
                // A comment, a wish for how soon to come again, or what a later standard has added.
            }
        }
    }

    private void dispatch(Consumer<Message> messages) {
        lastId = id;
        if (!data.isEmpty()) {
            data.setLength(data.length() - 1);
            Message message = new Message(type.isEmpty() ? "message" : type, data.toString());
            data.setLength(0);
            messages.accept(message);
        }
        type = "";
    }
}
