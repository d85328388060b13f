// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.node.model.Operation;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationsTest {
    @TempDir
    Path directory;

    /** Where digits are written otherwise, a store with such an id could not be read again. */
    @Test
    void idsAreTheSameWhereverTheNodeStands() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        Path file = directory.resolve("node.mv");
        Operation made;
        try (NodeStore store = NodeStore.open(file)) {
            Operations operations = new Operations(store, new Events());
            made = operations.make(Operation.Action.START, "edge", 1);
            store.write(changes -> operations.store(made, changes));
        } finally {
            Locale.setDefault(before);
        }
        assertEquals("000000000001", made.id());
        try (NodeStore store = NodeStore.open(file)) {
            assertEquals(List.of(made), store.operations());
        }
    }
}
