// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.node.model.ChainState;
import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;

/** A request that the node does not follow. The message says what to do instead. */
public final class RefusedException extends RuntimeException {
    private final Reason reason;
    private final transient List<FieldError> errors;

    /** Why. */
    public enum Reason {
        /** It cannot be read. */
        MALFORMED,
        /** It can be read, and says what cannot be. */
        INVALID,
        /** There is none of that name. */
        NOT_FOUND,
        /** Not in its present state. */
        CONFLICT,
        /** It is another version by now. */
        OTHER_VERSION,
        /** The node is about to end, or cannot store anything. */
        UNAVAILABLE
    }

    public RefusedException(Reason reason, String message) {
        this(reason, message, List.of());
    }

    public RefusedException(Reason reason, String message, List<FieldError> errors) {
        super(message);
        this.reason = reason;
        this.errors = List.copyOf(errors);
    }

    public Reason reason() {
        return reason;
    }

    /** The fields that are wrong. */
    public List<FieldError> errors() {
        return errors;
    }

    /** The same about a request whose body stands at {@code place} (a JSON pointer) of what is wrong. */
    RefusedException seenFrom(String place) {
        List<FieldError> inBody = errors.stream()
                .map(error -> error.pointer().startsWith(place)
                        ? new FieldError(
                                error.pointer().substring(place.length()),
                                error.detail(),
                                OptionalInt.empty(),
                                OptionalInt.empty())
                        : error)
                .toList();
        return new RefusedException(reason, getMessage(), inBody);
    }

    /** @param known names that there are, of which one may have been meant */
    static RefusedException noChain(String name, Collection<String> known) {
        return new RefusedException(
                Reason.NOT_FOUND, "no chain is named '" + name + "'" + Suggestion.ofMany(name, known));
    }

    /** @param state what a chain is in that does not run, which it would have to */
    static RefusedException notRunning(String name, ChainState state) {
        String why = switch (state) {
            case STOPPED -> "is stopped: start it first";
            case ENDED -> "has ended, for its sources are exhausted: start it again first";
            case FAILED -> "has failed: see its error, and start it again first";
            case STARTING, CHANGING, RUNNING -> "is starting: ask again when it runs";
            case STOPPING -> "is being stopped: start it first";
        };
        return new RefusedException(Reason.CONFLICT, "chain '" + name + "' " + why);
    }
}
