// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A user's directories for this framework's files: {@code ptnetmap} where the XDG Base Directory Specification has files of their kind.
 * Where {@code HOME} is not set, {@code ~} is what the system knows of the user. Nobody has made them yet. A variable that is empty
 * counts as one that is not set.
 */
public final class UserDirectories {
    private static final String NAME = "ptnetmap";

    private UserDirectories() {}

    /** What was built or installed: in {@code XDG_DATA_HOME}, by default {@code ~/.local/share}. */
    public static Path data(UnaryOperator<String> environment) {
        return directory(environment, "XDG_DATA_HOME", ".local/share");
    }

    /** What is to outlive processes: in {@code XDG_STATE_HOME}, by default {@code ~/.local/state}. */
    public static Path state(UnaryOperator<String> environment) {
        return directory(environment, "XDG_STATE_HOME", ".local/state");
    }

    /** What can be made again: in {@code XDG_CACHE_HOME}, by default {@code ~/.cache}. */
    public static Path cache(UnaryOperator<String> environment) {
        return directory(environment, "XDG_CACHE_HOME", ".cache");
    }

    private static Path directory(UnaryOperator<String> environment, String variable, String otherwise) {
        return named(environment, variable)
                .orElseGet(() -> home(environment).resolve(otherwise))
                .resolve(NAME);
    }

    private static Path home(UnaryOperator<String> environment) {
        return named(environment, "HOME").orElseGet(() -> Path.of(System.getProperty("user.home")));
    }

    /** What a variable names, if it is set. */
    public static Optional<Path> named(UnaryOperator<String> environment, String variable) {
        return Optional.ofNullable(environment.apply(variable))
                .filter(value -> !value.isEmpty())
                .map(Path::of);
    }
}
