// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SuggestionTest {
    private static final List<String> KNOWN = List.of(
            "run", "check", "get", "set", "top", "tap", "describe", "delete", "node", "completion", "fw", "--output");

    @ParameterizedTest
    @CsvSource({
        "chek, check",
        "chekc, check",
        "rnu, run",
        "descrbie, describe",
        "desribbe, describe",
        "delte, delete",
        "complteion, completion",
        "competions, completion",
        "nodes, node",
        "fww, fw",
        "--ouptut, --output"
    })
    void aSlipOrTwoAreForgiven(String typed, String meant) {
        assertEquals("; did you mean '" + meant + "'?", Suggestion.ofMany(typed, KNOWN));
        assertEquals(
                "; did you mean '" + meant + "'? known: " + String.join(", ", KNOWN), Suggestion.among(typed, KNOWN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "frob",
                "x",
                "xy",
                "",
                "cheese",
                "chk2",
                "mode-switch",
                "describer-of-all",
                "-o",
                "--input",
                "--x"
            })
    void ofAWordThatIsLikeNoneNothingIsSupposed(String typed) {
        assertEquals("", Suggestion.ofMany(typed, KNOWN));
        assertEquals("; known: " + String.join(", ", KNOWN), Suggestion.among(typed, KNOWN));
    }

    @Test
    void whereThereIsNothingItIsSaid() {
        assertEquals("; there are none", Suggestion.among("edge", List.of()));
        assertEquals("", Suggestion.ofMany("edge", List.of()));
    }
}
