// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import jakarta.validation.Path;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Optional;

/** Where a field stands in a configuration, as its user writes it: {@code rules[2].destination-port}. */
final class KeyPath {
    private KeyPath() {}

    /**
     * Bean Validation's path, in Java's names, as the path that the user wrote.
     *
     * @param root the record that the path begins in
     */
    static String of(Type root, Path path) {
        StringBuilder keys = new StringBuilder();
        Type around = root;
        for (Path.Node step : path) {
            if (step.getIndex() != null) {
                keys.append('[').append(step.getIndex()).append(']');
            } else if (step.getKey() != null) {
                keys.append('.').append(step.getKey());
            }
            Optional<ConfigField> field = fieldOf(around, step.getName());
            if (field.isPresent()) {
                keys.append(keys.isEmpty() ? "" : ".").append(field.get().key());
                around = field.get().type();
            }
        }
        return keys.toString();
    }

    /** The field of this name in a record, or in the record that a list, set, map or optional holds. */
    private static Optional<ConfigField> fieldOf(Type around, String name) {
        Type type = around;
        while (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            type = arguments[arguments.length - 1];
        }
        Class<?> raw = ConfigField.rawClass(type);
        return raw.isRecord()
                ? ConfigField.of(raw).stream()
                        .filter(field -> field.component().getName().equals(name))
                        .findFirst()
                : Optional.empty();
    }

    /** The path of a field within a value. */
    static String join(String path, String field) {
        return path.isEmpty() || field.isEmpty() || field.startsWith("[") ? path + field : path + "." + field;
    }
}
