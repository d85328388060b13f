// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.FileName;
import io.ptnetmap.nfv.chain.YamlNode.Entry;
import io.ptnetmap.nfv.chain.YamlNode.Kind;
import io.ptnetmap.nfv.chain.YamlNode.Mapping;
import io.ptnetmap.nfv.chain.YamlNode.Position;
import io.ptnetmap.nfv.chain.YamlNode.Scalar;
import io.ptnetmap.nfv.chain.YamlNode.Sequence;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Turns YAML values into configuration records and checks them by Bean Validation.
 *
 * <p>It knows records, enums (in lower case with dashes), lists, sets, maps, optionals, durations, text, numbers and
 * booleans; every other type is one's own ({@link OwnTypes}) and needs a {@code @JsonCreator} only.
 */
final class ConfigBinder {
    private static final Object INVALID = new Object();

    private final Problems problems;
    private final Validator validator;
    private final ChainFiles files;

    /** @param files where components with {@link FileName} may lead */
    ConfigBinder(Problems problems, Validator validator, ChainFiles files) {
        this.problems = problems;
        this.validator = validator;
        this.files = files;
    }

    /**
     * Binds a value to a record type and validates the result.
     *
     * @param path of the value in the descriptor, for messages
     * @return empty if problems were found, and noted
     */
    <T> Optional<T> bind(YamlNode node, Class<T> type, String path) {
        int before = problems.count();
        Object bound = value(node, type, path);
        if (problems.count() > before || bound == INVALID) {
            return Optional.empty();
        }
        T config = type.cast(bound);
        for (ConstraintViolation<T> violation : validator.validate(config)) {
            String field = KeyPath.of(type, violation.getPropertyPath());
            noteInside(node, path, field, violation.getMessage());
        }
        return problems.count() > before ? Optional.empty() : Optional.of(config);
    }

    /** Notes a problem of a field inside a value, at the field's place where the file has it. */
    void noteInside(YamlNode node, String path, String field, String message) {
        problems.add(node.locate(field), KeyPath.join(path, field), message);
    }

    private Object value(YamlNode node, Type type, String path) {
        Class<?> raw = ConfigField.rawClass(type);
        if (raw == YamlNode.class) {
            return node;
        }
        if (ConfigField.isOptional(raw)) {
            return optional(node, type, raw, path);
        }
        if (raw == List.class || raw == Collection.class) {
            return items(node, type, path, new ArrayList<>());
        }
        if (raw == Set.class) {
            return items(node, type, path, new LinkedHashSet<>());
        }
        if (raw == Map.class) {
            return map(node, type, path);
        }
        if (raw.isRecord() && !(node instanceof Scalar scalar && scalar.kind() != Kind.NULL && hasTextForm(raw))) {
            return bindRecord(node, raw, path);
        }
        if (raw.isEnum()) {
            return constant(node, raw, path);
        }
        if (node instanceof Scalar scalar) {
            return scalar(scalar, raw, path);
        }
        return raw.isPrimitive() || raw.getName().startsWith("java.")
                ? refuse(node, path, "a single value is needed here, not " + node.describe())
                : own(node, type, path);
    }

    /** Whether a record can be made from a single value, by a creator of its own. */
    static boolean hasTextForm(Class<?> raw) {
        return Arrays.stream(raw.getDeclaredMethods())
                .anyMatch(m -> m.isAnnotationPresent(JsonCreator.class) && m.getParameterCount() == 1);
    }

    private Object optional(YamlNode node, Type type, Class<?> raw, String path) {
        if (node.isNull()) {
            return emptyValue(raw);
        }
        if (raw == OptionalInt.class) {
            return value(node, int.class, path) instanceof Integer i ? OptionalInt.of(i) : INVALID;
        }
        if (raw == OptionalLong.class) {
            return value(node, long.class, path) instanceof Long l ? OptionalLong.of(l) : INVALID;
        }
        if (raw == OptionalDouble.class) {
            return value(node, double.class, path) instanceof Double d ? OptionalDouble.of(d) : INVALID;
        }
        Object content = value(node, argument(type, 0), path);
        return content == INVALID ? INVALID : Optional.of(content);
    }

    private Object items(YamlNode node, Type type, String path, Collection<Object> into) {
        if (!(node instanceof Sequence list)) {
            return refuse(node, path, "a list is needed here, not " + node.describe());
        }
        boolean valid = true;
        for (int i = 0; i < list.items().size(); i++) {
            Object item = value(list.items().get(i), argument(type, 0), path + "[" + i + "]");
            valid &= item != INVALID;
            into.add(item);
        }
        if (!valid) {
            return INVALID;
        }
        return into instanceof Set<Object> set
                ? Collections.unmodifiableSet(set)
                : Collections.unmodifiableList((List<Object>) into);
    }

    private Object map(YamlNode node, Type type, String path) {
        if (!(node instanceof Mapping mapping)) {
            return refuse(node, path, "a mapping of names to values is needed here, not " + node.describe());
        }
        Map<Object, Object> values = new LinkedHashMap<>();
        boolean valid = true;
        for (Map.Entry<String, Entry> entry : mapping.entries().entrySet()) {
            String at = KeyPath.join(path, entry.getKey());
            Scalar keyText =
                    new Scalar(entry.getKey(), Kind.TEXT, entry.getValue().keyAt());
            Object key = value(keyText, argument(type, 0), at);
            Object content = value(entry.getValue().value(), argument(type, 1), at);
            valid &= key != INVALID && content != INVALID;
            values.put(key, content);
        }
        return valid ? Collections.unmodifiableMap(values) : INVALID;
    }

    private Object bindRecord(YamlNode node, Class<?> type, String path) {
        Map<String, Entry> entries;
        if (node instanceof Mapping mapping) {
            entries = mapping.entries();
        } else if (node.isNull()) {
            entries = Map.of();
        } else {
            return refuse(node, path, "keys with values are needed here, not " + node.describe());
        }
        List<ConfigField> fields = ConfigField.of(type);
        refuseUnknownKeys(entries, fields, path);
        Object[] arguments = new Object[fields.size()];
        boolean valid = true;
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = fieldValue(node, entries, fields.get(i), path);
            valid &= arguments[i] != INVALID;
        }
        return valid ? construct(type, arguments, node, path) : INVALID;
    }

    private void refuseUnknownKeys(Map<String, Entry> entries, List<ConfigField> fields, String path) {
        List<String> known = fields.stream().map(ConfigField::key).toList();
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                problems.add(entry.keyAt(), KeyPath.join(path, key), "unknown field" + Suggestion.among(key, known));
            }
        });
    }

    private Object fieldValue(YamlNode node, Map<String, Entry> entries, ConfigField field, String path) {
        String at = KeyPath.join(path, field.key());
        Entry entry = entries.get(field.key());
        if (entry != null && !(entry.value().isNull() && !field.required())) {
            Object value = value(entry.value(), field.type(), at);
            return field.isFileName() ? permitted(value, entry.value(), at) : value;
        }
        if (entry == null && field.required()) {
            String hint = field.description().isEmpty() ? "add it" : "add it: " + field.description();
            return refuse(node, at, "is missing; " + hint);
        }
        return absent(field, node, at);
    }

    private Object permitted(Object name, YamlNode node, String path) {
        Object text = name instanceof Optional<?> optional ? optional.orElse(null) : name;
        if (text instanceof String file) {
            try {
                files.resolve(file);
            } catch (ConfigurationException refusal) {
                return refuse(node, path, refusal.getMessage());
            }
        }
        return name;
    }

    private Object absent(ConfigField field, YamlNode around, String path) {
        Class<?> raw = ConfigField.rawClass(field.type());
        if (!field.defaultText().isEmpty()) {
            return value(defaultValue(field, raw), field.type(), path);
        }
        if (field.nullable()) {
            return null;
        }
        Mapping nothing = new Mapping(Map.of(), around.at());
        return raw.isRecord() || raw == YamlNode.class ? value(nothing, raw, path) : emptyValue(raw);
    }

    /** The default as a value: text is taken as it is where text is needed, and read as YAML elsewhere. */
    private YamlNode defaultValue(ConfigField field, Class<?> raw) {
        return raw == String.class
                ? new Scalar(field.defaultText(), Kind.TEXT, Position.NOWHERE)
                : YamlReader.read(field.defaultText(), problems);
    }

    private static Object emptyValue(Class<?> raw) {
        if (raw == Optional.class) {
            return Optional.empty();
        } else if (raw == OptionalInt.class) {
            return OptionalInt.empty();
        } else if (raw == OptionalLong.class) {
            return OptionalLong.empty();
        } else if (raw == OptionalDouble.class) {
            return OptionalDouble.empty();
        } else if (raw == Set.class) {
            return Set.of();
        } else if (raw == Map.class) {
            return Map.of();
        }
        return List.of();
    }

    private Object construct(Class<?> type, Object[] arguments, YamlNode node, String path) {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(arguments);
        } catch (InvocationTargetException e) {
            String field = e.getCause() instanceof ConfigurationException refusal ? refusal.field() : "";
            noteInside(node, path, field, messageOf(e.getCause()));
            return INVALID;
        } catch (ReflectiveOperationException e) {
            return refuse(node, path, "cannot make a " + type.getName() + ": " + e.getMessage());
        }
    }

    private Object constant(YamlNode node, Class<?> type, String path) {
        List<String> known =
                Arrays.stream(type.getEnumConstants()).map(ConfigBinder::nameOf).toList();
        if (node instanceof Scalar scalar && known.contains(scalar.text())) {
            return type.getEnumConstants()[known.indexOf(scalar.text())];
        }
        String word = node instanceof Scalar scalar ? scalar.text() : "";
        return refuse(
                node,
                path,
                "unknown value" + (word.isEmpty() ? "" : " '" + word + "'") + Suggestion.among(word, known));
    }

    /** An enum's constant as users write it. */
    static String nameOf(Object constant) {
        return ConfigField.kebab(((Enum<?>) constant).name());
    }

    private Object scalar(Scalar scalar, Class<?> type, String path) {
        if (type == String.class) {
            return scalar.kind() == Kind.TEXT
                    ? scalar.text()
                    : refuse(scalar, path, "text is needed here, not " + scalar.describe() + "; write it in quotes");
        }
        if (type == boolean.class || type == Boolean.class) {
            return scalar.kind() == Kind.BOOLEAN
                    ? Boolean.valueOf(scalar.text())
                    : refuse(scalar, path, "true or false is needed here, not " + scalar.describe());
        }
        if (type == int.class || type == Integer.class) {
            return wholeNumber(scalar, Integer.MIN_VALUE, Integer.MAX_VALUE, path) instanceof Long l
                    ? (Object) l.intValue()
                    : INVALID;
        }
        if (type == long.class || type == Long.class) {
            return wholeNumber(scalar, Long.MIN_VALUE, Long.MAX_VALUE, path);
        }
        if (type == double.class || type == Double.class) {
            return plain(scalar) instanceof Number number
                    ? (Object) number.doubleValue()
                    : refuse(scalar, path, "a number is needed here, not " + scalar.describe());
        }
        if (type == Duration.class) {
            return duration(scalar, path);
        }
        return own(scalar, type, path);
    }

    private Object wholeNumber(Scalar scalar, long least, long most, String path) {
        Optional<BigInteger> number = switch (scalar.kind()) {
            case INTEGER -> Optional.of(new BigInteger(scalar.text()));
            case TEXT -> Units.multiple(scalar.text()).map(BigInteger::valueOf);
            default -> Optional.empty();
        };
        if (number.isEmpty()) {
            return refuse(
                    scalar, path, "a whole number is needed here, such as 5, 10k or 64Ki, not " + scalar.describe());
        }
        boolean fits = number.get().compareTo(BigInteger.valueOf(least)) >= 0
                && number.get().compareTo(BigInteger.valueOf(most)) <= 0;
        return fits ? (Object) number.get().longValue() : refuse(scalar, path, "must be from " + least + " to " + most);
    }

    private Object duration(Scalar scalar, String path) {
        Optional<Duration> duration = scalar.kind() == Kind.TEXT ? Units.duration(scalar.text()) : Optional.empty();
        return duration.isPresent()
                ? duration.get()
                : refuse(
                        scalar,
                        path,
                        "a duration is needed here, such as 500ms, 30s, 5m or 2h30m, not " + scalar.describe());
    }

    private Object own(YamlNode node, Type type, String path) {
        try {
            return OwnTypes.value(node, type);
        } catch (IllegalArgumentException refusal) {
            return refuse(node, path, refusal.getMessage());
        }
    }

    /** A YAML value as Java's own maps, lists, numbers and text, as Jackson and the JSON Schema see it. */
    static Object plain(YamlNode node) {
        return switch (node) {
            case Sequence list -> list.items().stream().map(ConfigBinder::plain).toList();
            case Mapping mapping -> {
                Map<String, Object> values = new LinkedHashMap<>();
                mapping.entries().forEach((key, entry) -> values.put(key, plain(entry.value())));
                yield values;
            }
            case Scalar scalar ->
                switch (scalar.kind()) {
                    case NULL -> null;
                    case BOOLEAN -> Boolean.valueOf(scalar.text());
                    case INTEGER -> new BigInteger(scalar.text());
                    case FLOAT -> finite(scalar.text());
                    case TEXT -> scalar.text();
                };
        };
    }

    /** YAML has infinities and NaN, JSON has not: there they are text. */
    private static Object finite(String text) {
        boolean number = Character.isDigit(text.charAt(text.length() - 1)) && Double.isFinite(Double.parseDouble(text));
        return number ? (Object) Double.parseDouble(text) : text;
    }

    private Object refuse(YamlNode node, String path, String message) {
        problems.add(node.at(), path, message);
        return INVALID;
    }

    private static String messageOf(Throwable e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static Type argument(Type type, int index) {
        return type instanceof ParameterizedType generic ? generic.getActualTypeArguments()[index] : Object.class;
    }
}
