// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.abi.PoolLayout.Limits;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class PoolLayoutTest {
    static Stream<JsonNode> vectors() {
        return AbiFacts.elements("/vectors/allocator_clusters");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void laysOutAsNetmapDoes(JsonNode vector) {
        Limits limits = limits(vector.get("pool").asString());
        int count = vector.get("req_num").asInt();
        int size = vector.get("req_size").asInt();
        if (vector.get("errno").asInt() != 0) {
            assertThrows(IllegalArgumentException.class, () -> PoolLayout.of(limits, count, size));
            return;
        }
        PoolLayout layout = PoolLayout.of(limits, count, size);
        assertEquals(vector.get("objsize").asInt(), layout.objsize());
        assertEquals(vector.get("clust_entries").asInt(), layout.clustEntries());
        assertEquals(vector.get("clust_size").asInt(), layout.clustSize());
        assertEquals(vector.get("num_clusters").asInt(), layout.numClusters());
        assertEquals(vector.get("objtotal").asInt(), layout.objtotal());
        assertEquals(vector.get("memtotal").asLong(), layout.memtotal());
    }

    /** {@code global_if}, {@code priv_if(2 pipes)}, {@code if} ...: what does not say private is global. */
    private static Limits limits(String pool) {
        String kind = pool.replaceFirst("\\(.*", "").replaceFirst("^(global|priv)_", "");
        String region = pool.startsWith("priv") ? "PRIVATE_" : "GLOBAL_";
        return Limits.valueOf(region + kind.toUpperCase(Locale.ROOT));
    }

    /** The defaults are those of the module's parameters ({@code if_size}, {@code priv_ring_num} ...). */
    @ParameterizedTest
    @EnumSource
    void defaultsAreTheModuleParameters(Limits limits) {
        String prefix =
                limits.name().toLowerCase(Locale.ROOT).replace("global_", "").replace("private_", "priv_");
        assertEquals(parameter(prefix + "_size"), limits.defaultSize());
        assertEquals(parameter(prefix + "_num"), limits.defaultCount());
    }

    private static int parameter(String name) {
        return AbiFacts.elements("/module_params")
                .filter(parameter -> parameter.get("name").asString().equals(name))
                .findFirst()
                .orElseThrow()
                .get("default")
                .asInt();
    }

    @Test
    void refusalSaysWhatIsAllowed() {
        IllegalArgumentException few =
                assertThrows(IllegalArgumentException.class, () -> PoolLayout.of(Limits.GLOBAL_BUF, 3, 2048));
        assertEquals("GLOBAL_BUF objects 3: must be 4 to 1000000", few.getMessage());
        IllegalArgumentException odd =
                assertThrows(IllegalArgumentException.class, () -> PoolLayout.of(Limits.GLOBAL_RING, 10, 131_008));
        assertTrue(odd.getMessage().contains("more than 4 MiB"), odd.getMessage());
        assertTrue(odd.getMessage().contains("131072"), odd.getMessage());
    }
}
