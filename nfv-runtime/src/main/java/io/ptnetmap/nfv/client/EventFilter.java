// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.ptnetmap.nfv.node.model.Event;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which events to tell of.
 *
 * @param chain only those of this chain
 * @param types only of these types; all if empty
 * @param after only those after the event of this id, as far as they are kept; without, those from now on
 * @param follow whether to wait for what happens; otherwise the stream ends with what has happened so far
 */
public record EventFilter(Optional<String> chain, Set<Event.Type> types, OptionalLong after, boolean follow) {
    /** Whatever happens from now on. */
    public static final EventFilter ALL = new EventFilter(Optional.empty(), Set.of(), OptionalLong.empty(), true);

    /** Copies what can be changed. */
    public EventFilter {
        types = Set.copyOf(types);
    }

    /** What happens with a chain from now on. */
    public static EventFilter of(String chain) {
        return new EventFilter(Optional.of(chain), Set.of(), OptionalLong.empty(), true);
    }

    /** Only events of these types. */
    public EventFilter only(Event.Type... newTypes) {
        return new EventFilter(chain, Set.of(newTypes), after, follow);
    }

    /** Also those that have happened since an event. */
    public EventFilter since(long id) {
        return new EventFilter(chain, types, OptionalLong.of(id), follow);
    }

    /** Only what has happened so far. */
    public EventFilter soFar() {
        return new EventFilter(chain, types, after, false);
    }
}
