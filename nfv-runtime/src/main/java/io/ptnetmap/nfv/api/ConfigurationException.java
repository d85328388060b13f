// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

/**
 * A configuration that cannot work, found where Bean Validation could not: a missing file, two fields that contradict each
 * other. Thrown by a function's constructor or {@link NetworkFunction#start}; the user sees it with file, line and field.
 */
public final class ConfigurationException extends RuntimeException {
    private final String field;

    /**
     * A configuration with something wrong in one field, or in none that can be named.
     *
     * @param field path of the offending field within the function's configuration, such as {@code rules[2].protocol}; may
     *     be empty
     * @param message what is wrong and what to do, one line
     */
    public ConfigurationException(String field, String message) {
        super(message);
        this.field = field;
    }

    /** Path of the offending field, empty where none can be named. */
    public String field() {
        return field;
    }
}
