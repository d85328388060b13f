// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.ptnetmap.nfv.chain.YamlNode.Kind;
import io.ptnetmap.nfv.chain.YamlNode.Scalar;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Makes values of types that are neither Java's nor records out of keys: by their creators, or as Jackson would. */
final class OwnTypes {
    private OwnTypes() {}

    /**
     * A value of a type of one's own. A number is given as text to a type that has a creator for text, for it may be written with
     * quotes.
     *
     * @throws IllegalArgumentException if the type refuses it; the message is for whoever wrote the value
     */
    static Object value(YamlNode node, Type type) {
        try {
            Optional<Method> creator = node instanceof Scalar scalar && isTextOrInteger(scalar)
                    ? textCreator(ConfigField.rawClass(type))
                    : Optional.empty();
            return creator.isPresent() ? created(creator.get(), ((Scalar) node).text()) : converted(node, type);
        } catch (JacksonException | IllegalArgumentException refusal) {
            if (node instanceof Scalar scalar && scalar.kind() == Kind.INTEGER) {
                return value(new Scalar(scalar.text(), Kind.TEXT, scalar.at()), type);
            }
            throw new IllegalArgumentException(reason(node, type, refusal), refusal);
        }
    }

    private static boolean isTextOrInteger(Scalar scalar) {
        return scalar.kind() == Kind.TEXT || scalar.kind() == Kind.INTEGER;
    }

    private static Object converted(YamlNode node, Type type) {
        JsonMapper mapper = JsonMapper.shared();
        return mapper.convertValue(ConfigBinder.plain(node), mapper.constructType(type));
    }

    /** What Jackson would call for a text. It is called without Jackson, whose own start takes as long as the rest of a chain's. */
    private static Optional<Method> textCreator(Class<?> raw) {
        return Arrays.stream(raw.getDeclaredMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers())
                        && Arrays.equals(method.getParameterTypes(), new Class<?>[] {String.class})
                        && method.isAnnotationPresent(JsonCreator.class)
                        && method.getAnnotation(JsonCreator.class).mode() == JsonCreator.Mode.DELEGATING)
                .findFirst();
    }

    private static Object created(Method creator, String text) {
        try {
            creator.setAccessible(true);
            return creator.invoke(null, text);
        } catch (InvocationTargetException refusal) {
            throw new IllegalArgumentException(refusal.getCause());
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** What the type's own creator said; Jackson's words mean nothing to users. */
    private static String reason(YamlNode node, Type type, Throwable refusal) {
        Throwable root = rootCause(refusal);
        return root instanceof JacksonException || root.getMessage() == null
                ? node.describe() + " is no "
                        + ConfigField.kebab(ConfigField.rawClass(type).getSimpleName())
                                .replace('-', ' ')
                : root.getMessage();
    }

    private static Throwable rootCause(Throwable e) {
        return e.getCause() == null ? e : rootCause(e.getCause());
    }
}
