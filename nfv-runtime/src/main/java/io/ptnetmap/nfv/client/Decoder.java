// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/**
 * Makes values of the bytes of one answer, which come in pieces of any size.
 *
 * @param <T> the values
 */
interface Decoder<T> {
    /** Takes the next bytes and passes on each value that they complete. */
    void decode(Buffer bytes, Consumer<T> values);
}
