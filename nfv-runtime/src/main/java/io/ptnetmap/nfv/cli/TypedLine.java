// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command line that somebody is typing, without the name of the program.
 *
 * @param words that are no options, before the one that is being typed; the first is the command
 * @param options that say which node and which chain is meant, with their values
 * @param option before the word that is being typed, if that is its value
 * @param current what there is of the word that is being typed
 */
record TypedLine(List<String> words, Map<String, String> options, Optional<String> option, String current) {
    private static final String CHAIN = "--chain";
    /** Those whose values matter, by each of their names. */
    private static final Map<String, String> KNOWN =
            Map.of("-c", CHAIN, CHAIN, CHAIN, "--node", "--node", "--token-file", "--token-file", "--ca", "--ca");

    /** @param typed all words; the last is the one that is being typed */
    static TypedLine of(List<String> typed) {
        List<String> words = new ArrayList<>();
        Map<String, String> options = new HashMap<>();
        Optional<String> open = Optional.empty();
        for (String word : typed.subList(0, typed.size() - 1)) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (open.isPresent()) {
                options.put(open.get(), word);
                open = Optional.empty();
            } else if (!word.startsWith("-")) {
                words.add(word);
            } else if (KNOWN.containsKey(name) && equals < 0) {
                open = Optional.of(KNOWN.get(name));
            } else if (KNOWN.containsKey(name)) {
                options.put(KNOWN.get(name), word.substring(equals + 1));
            }
        }
        return new TypedLine(words, options, open, typed.getLast());
    }

    /** The chain that an option names. */
    Optional<String> chain() {
        return Optional.ofNullable(options.get(CHAIN));
    }

    /** Whether the word that is being typed is the name of a chain that an option takes. */
    boolean isChainOption() {
        return option.filter(CHAIN::equals).isPresent();
    }

    /** An environment that names the node that is meant. */
    Map<String, String> environment(Map<String, String> defaults) {
        return NodeOptions.environment(
                defaults,
                Optional.ofNullable(options.get("--node")),
                Optional.ofNullable(options.get("--token-file")),
                Optional.ofNullable(options.get("--ca")));
    }
}
