// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is wrong, by RFC 9457.
 *
 * @param type a URI reference; {@code about:blank} where the status says all
 * @param title of its type
 */
public record ProblemDetails(
        String type,
        String title,
        int status,
        Optional<String> detail,
        Optional<String> instance,
        List<FieldError> errors) {
    /**
     * One field that is wrong.
     *
     * @param pointer JSON pointer into the body, or a parameter's name
     * @param line from 1
     * @param column from 1
     */
    public record FieldError(String pointer, String detail, OptionalInt line, OptionalInt column) {}
}
