// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The functions of chains, opened once for all versions of all chains that have the same path: a function can be changed while
 * it runs only by one of the same classes. A jar that has been replaced is another. Thread-safe.
 */
final class Functions {
    private final Map<List<Entry>, Use> open = new HashMap<>();

    private record Entry(Path path, FileTime modified) {
        static Entry of(Path path) {
            try {
                return new Entry(path, Files.getLastModifiedTime(path));
            } catch (IOException missing) {
                // The registry tells it better.
                return new Entry(path, FileTime.fromMillis(0));
            }
        }
    }

    /** One use of functions; they are closed with the last one. */
    final class Use implements AutoCloseable {
        private final List<Entry> key;
        private final FunctionRegistry registry;
        private int users;

        private Use(List<Entry> key, FunctionRegistry registry) {
            this.key = key;
            this.registry = registry;
        }

        FunctionRegistry registry() {
            return registry;
        }

        @Override
        public void close() {
            synchronized (Functions.this) {
                users--;
                if (users == 0) {
                    open.remove(key);
                    registry.close();
                }
            }
        }
    }

    /** @throws io.ptnetmap.nfv.registry.FunctionLoadException if one of the path cannot be used */
    synchronized Use use(List<Path> path) {
        List<Entry> key = path.stream().map(Entry::of).toList();
        Use use = open.computeIfAbsent(key, absent -> new Use(key, FunctionRegistry.open(path)));
        use.users++;
        return use;
    }
}
