// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;
import java.util.function.Function;

/** Values of a line each (application/x-ndjson); empty lines are none. */
final class LineDecoder<T> implements Decoder<T> {
    private final Function<byte[], T> parser;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    LineDecoder(Function<byte[], T> parser) {
        this.parser = parser;
    }

    @Override
    public void decode(Buffer bytes, Consumer<T> values) {
        for (byte b : bytes.getBytes()) {
            if (b != '\n') {
                line.write(b);
            } else if (line.size() > 0) {
                byte[] whole = line.toByteArray();
                line.reset();
                values.accept(parser.apply(whole));
            }
        }
    }
}
