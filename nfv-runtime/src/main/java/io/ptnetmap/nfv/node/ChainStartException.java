// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import java.util.List;
import java.util.Optional;

/** A chain that could not start, for reasons that its operation tells. */
final class ChainStartException extends RuntimeException {
    private static final int UNPROCESSABLE = 422;
    private static final int FAILED = 500;

    private final int status;
    private final transient List<FieldError> errors;

    /** For reasons outside of the descriptor. */
    ChainStartException(String message) {
        super(message);
        status = FAILED;
        errors = List.of();
    }

    /** @param refusal of the descriptor, by a function */
    ChainStartException(String message, RefusedException refusal) {
        super(message, refusal);
        status = UNPROCESSABLE;
        errors = refusal.errors();
    }

    /** For the operation. */
    ProblemDetails problem() {
        return new ProblemDetails(
                "about:blank",
                status == UNPROCESSABLE ? "A function refuses its configuration" : "The chain could not be started",
                status,
                Optional.of(getMessage()),
                Optional.empty(),
                errors);
    }
}
