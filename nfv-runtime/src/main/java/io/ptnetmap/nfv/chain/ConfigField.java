// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.ptnetmap.nfv.api.FileName;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Size;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A component of a configuration record as its user writes it.
 *
 * <p>The key is the component's name in lower case with dashes, or what {@link JsonProperty} says. A component may be left out
 * if it has a default ({@link JsonProperty#defaultValue()}, in YAML), is an {@link Optional}, a collection or a map (then
 * empty, unless it must not be) or {@link Nullable}, or is itself a record all of whose components may be left out.
 *
 * @param key as written in the descriptor
 * @param component of the record
 * @param defaultText in YAML; empty = none
 * @param description one line for help; may be empty
 */
record ConfigField(String key, RecordComponent component, String defaultText, String description) {
    /** The fields of a configuration record, in order. */
    static List<ConfigField> of(Class<?> record) {
        return Arrays.stream(record.getRecordComponents()).map(ConfigField::of).toList();
    }

    private static ConfigField of(RecordComponent component) {
        JsonProperty property = annotation(component, JsonProperty.class);
        JsonPropertyDescription description = annotation(component, JsonPropertyDescription.class);
        boolean named = property != null && !property.value().isEmpty();
        return new ConfigField(
                named ? property.value() : kebab(component.getName()),
                component,
                property == null ? "" : property.defaultValue(),
                description == null ? "" : description.value());
    }

    /** {@code idleTimeout} and {@code IDLE_TIMEOUT} become {@code idle-timeout}. */
    static String kebab(String name) {
        boolean constant = name.equals(name.toUpperCase(Locale.ROOT));
        String dashed = constant ? name.replace('_', '-') : name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-");
        return dashed.toLowerCase(Locale.ROOT);
    }

    /** Whether it names a file. */
    boolean isFileName() {
        return annotation(component, FileName.class) != null;
    }

    /** The component's type, with its type arguments. */
    Type type() {
        return component.getGenericType();
    }

    /** Whether the user has to give it. */
    boolean required() {
        Class<?> raw = rawClass(type());
        boolean mayBeAbsent = !defaultText.isEmpty()
                || isOptional(raw)
                || isContainer(raw) && !mustHaveContent()
                || raw == YamlNode.class
                || nullable()
                || isRecordOfOptionalFields(raw);
        return !mayBeAbsent;
    }

    private static boolean isContainer(Class<?> raw) {
        return Collection.class.isAssignableFrom(raw) || Map.class.isAssignableFrom(raw);
    }

    private boolean mustHaveContent() {
        Size size = annotation(component, Size.class);
        return annotation(component, NotEmpty.class) != null || size != null && size.min() > 0;
    }

    /** Whether it is null where it is left out. */
    boolean nullable() {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class)
                || Arrays.stream(component.getAccessor().getAnnotations())
                        .anyMatch(a -> a.annotationType().getSimpleName().equals("Nullable"));
    }

    /** Whether this is a record that is there even if none of its fields is given. */
    static boolean isRecordOfOptionalFields(Class<?> raw) {
        return raw.isRecord() && of(raw).stream().noneMatch(ConfigField::required);
    }

    static boolean isOptional(Class<?> raw) {
        return raw == Optional.class
                || raw == OptionalInt.class
                || raw == OptionalLong.class
                || raw == OptionalDouble.class;
    }

    /** The class of a type without its type arguments. */
    static Class<?> rawClass(Type type) {
        return switch (type) {
            case Class<?> plain -> plain;
            case ParameterizedType generic -> (Class<?>) generic.getRawType();
            default -> Object.class;
        };
    }

    /** Annotations of a component spread to its field, accessor and parameter, as far as their targets allow. */
    private static <A extends Annotation> A annotation(RecordComponent component, Class<A> type) {
        A onComponent = component.getAnnotation(type);
        return onComponent != null ? onComponent : component.getAccessor().getAnnotation(type);
    }
}
