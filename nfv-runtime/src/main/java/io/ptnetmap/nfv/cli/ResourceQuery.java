// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.chain.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Finds the things that a command line names. */
final class ResourceQuery {
    private ResourceQuery() {}

    /** The kind that a word of the command line names. */
    static Resource<?> kind(CommandSpec spec, String word) {
        return Resource.of(word)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "there is no kind '" + word + "'"
                                + Suggestion.among(word.endsWith("s") ? word : word + "s", Resource.words())));
    }

    /** Things of a kind by their names, or {@code CHAIN/NAME}; all where none is named. */
    static <T> List<T> find(NodeSession session, Resource<T> kind, Optional<String> chain, List<String> names)
            throws InterruptedException {
        List<T> all = session.get(client -> kind.list().apply(client, chain));
        if (names.isEmpty()) {
            return all;
        }
        List<T> found = new ArrayList<>();
        for (String name : names) {
            List<T> named =
                    all.stream().filter(thing -> matches(kind, thing, name)).toList();
            if (named.isEmpty()) {
                Function<T, String> asGiven = name.contains("/") ? thing -> qualified(kind, thing) : kind.name();
                throw new NoSuchThingException("there is no " + kind.kind() + " '" + name + "'"
                        + Suggestion.among(
                                name, all.stream().map(asGiven).distinct().toList()));
            }
            found.addAll(named);
        }
        return found;
    }

    /** The one thing of that name; without a name, the only one of its kind. */
    static <T> T one(NodeSession session, Resource<T> kind, Optional<String> chain, Optional<String> name)
            throws InterruptedException {
        if (name.isPresent()) {
            return one(session, kind, chain, name.get());
        }
        List<T> all = find(session, kind, chain, List.of());
        if (all.size() != 1) {
            throw new NoSuchThingException(
                    all.isEmpty()
                            ? "there is no " + kind.kind() + " so far"
                            : "there are " + all.size() + " " + kind.kind() + "s: name one of "
                                    + String.join(
                                            ", ",
                                            all.stream()
                                                    .map(thing -> qualified(kind, thing))
                                                    .toList()));
        }
        return all.getFirst();
    }

    /** The one thing of that name. */
    static <T> T one(NodeSession session, Resource<T> kind, Optional<String> chain, String name)
            throws InterruptedException {
        List<T> found = find(session, kind, chain, List.of(name));
        if (found.size() > 1) {
            throw new NoSuchThingException("several chains have a " + kind.kind() + " '" + name + "': write "
                    + String.join(
                            " or ",
                            found.stream().map(thing -> qualified(kind, thing)).toList()));
        }
        return found.getFirst();
    }

    private static <T> boolean matches(Resource<T> kind, T thing, String name) {
        String own = kind.name().apply(thing);
        return own.equals(name)
                || qualified(kind, thing).equals(name)
                || kind == Resource.OPERATIONS && own.matches("0*" + Pattern.quote(name));
    }

    /** {@code CHAIN/NAME} of what belongs to a chain. */
    static <T> String qualified(Resource<T> kind, T thing) {
        String name = kind.name().apply(thing);
        return kind.owner().apply(thing).map(chain -> chain + "/" + name).orElse(name);
    }
}
