// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UserDirectoriesTest {
    private static final Path HOME = Path.of(System.getProperty("user.home"));

    @Test
    void areWhereTheEnvironmentHasThem() {
        Map<String, String> environment = Map.of("XDG_DATA_HOME", "/d", "XDG_STATE_HOME", "/s", "XDG_CACHE_HOME", "/c");
        assertEquals(Path.of("/d/ptnetmap"), UserDirectories.data(environment::get));
        assertEquals(Path.of("/s/ptnetmap"), UserDirectories.state(environment::get));
        assertEquals(Path.of("/c/ptnetmap"), UserDirectories.cache(environment::get));
    }

    @Test
    void orInTheHomeThatItNames() {
        Map<String, String> environment = Map.of("HOME", "/h");
        assertEquals(Path.of("/h/.local/share/ptnetmap"), UserDirectories.data(environment::get));
        assertEquals(Path.of("/h/.local/state/ptnetmap"), UserDirectories.state(environment::get));
        assertEquals(Path.of("/h/.cache/ptnetmap"), UserDirectories.cache(environment::get));
    }

    @Test
    void emptyVariablesAreAsGoodAsNone() {
        Map<String, String> empty = Map.of("XDG_DATA_HOME", "", "XDG_STATE_HOME", "", "XDG_CACHE_HOME", "", "HOME", "");
        for (Map<String, String> environment : List.of(Map.<String, String>of(), empty)) {
            assertEquals(HOME.resolve(".local/share/ptnetmap"), UserDirectories.data(environment::get));
            assertEquals(HOME.resolve(".local/state/ptnetmap"), UserDirectories.state(environment::get));
            assertEquals(HOME.resolve(".cache/ptnetmap"), UserDirectories.cache(environment::get));
        }
    }
}
