// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A request that is answered by a problem. */
final class ApiException extends RuntimeException {
    private final int status;
    private final transient List<FieldError> errors;
    private final transient Map<String, String> headers;

    ApiException(int status, String detail) {
        this(status, detail, List.of(), Map.of());
    }

    ApiException(int status, String detail, List<FieldError> errors, Map<String, String> headers) {
        super(detail);
        this.status = status;
        this.errors = errors;
        this.headers = headers;
    }

    /** A parameter that is wrong. */
    static ApiException parameter(String name, String message) {
        return new ApiException(
                400,
                name + " " + message,
                List.of(new FieldError(name, message, OptionalInt.empty(), OptionalInt.empty())),
                Map.of());
    }

    int status() {
        return status;
    }

    List<FieldError> errors() {
        return errors;
    }

    Map<String, String> headers() {
        return headers;
    }
}
