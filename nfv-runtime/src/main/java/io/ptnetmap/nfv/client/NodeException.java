// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import java.util.stream.Collectors;

/** A node has refused a request, or an operation of it has failed. */
public final class NodeException extends RuntimeException {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    private final transient ProblemDetails problem;

    /** @param problem what the node says */
    public NodeException(ProblemDetails problem) {
        super(text(problem));
        this.problem = problem;
    }

    /** What the node says, with a place for each thing that is wrong in the request. */
    public ProblemDetails problem() {
        return problem;
    }

    /** HTTP status of the answer. */
    public int status() {
        return problem.status();
    }

    /** Whether there was no token, or one that the node does not know. */
    public boolean isUnknown() {
        return status() == UNAUTHORIZED;
    }

    /** Whether the token is unknown or its role too small. */
    public boolean isForbidden() {
        return status() == UNAUTHORIZED || status() == FORBIDDEN;
    }

    /** Whether there is none of that name. */
    public boolean isNotFound() {
        return status() == NOT_FOUND;
    }

    /** Whether somebody else has changed it since. */
    public boolean isOutdated() {
        return status() == PRECONDITION_FAILED;
    }

    private static String text(ProblemDetails problem) {
        return problem.errors().isEmpty()
                ? problem.detail().orElse(problem.title())
                : problem.errors().stream().map(NodeException::text).collect(Collectors.joining("; "));
    }

    private static String text(FieldError error) {
        return error.pointer().isEmpty() ? error.detail() : error.pointer() + ": " + error.detail();
    }
}
