// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

import java.nio.file.Path;

/**
 * What an instance of a function may ask of the runtime, from {@linkplain NetworkFunction#start start} on. For the thread that
 * calls the function.
 */
public interface FunctionContext {
    /** The instance's name in its chain. */
    String name();

    /**
     * The cause of this name, made at the first call, which takes time: at start, not for each packet.
     *
     * @param name lower case with dashes, such as {@code no-rule}
     */
    DropCause dropCause(String name);

    /**
     * The counter of this name, made at the first call, likewise. It stands in the instance's report.
     *
     * @param name lower case with dashes
     * @param description one line for people; that of the first call counts
     */
    Counter counter(String name, String description);

    /**
     * A file named in the configuration: relative paths start at the chain descriptor's directory. The only way to open one.
     *
     * @throws ConfigurationException if the chain may not go there
     */
    Path resolve(String path);

    /** The engine's clock, as {@link PacketBatch#nowNanos()}. */
    long nowNanos();
}
