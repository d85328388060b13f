// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.registry;

import io.micronaut.context.BeanContext;
import io.micronaut.context.DefaultBeanContext;
import io.micronaut.context.annotation.Parameter;
import io.micronaut.context.exceptions.BeanInstantiationException;
import io.micronaut.core.beans.BeanIntrospector;
import io.micronaut.core.type.Argument;
import io.micronaut.inject.BeanDefinition;
import io.micronaut.inject.qualifiers.Qualifiers;
import io.micronaut.validation.validator.DefaultValidator;
import io.micronaut.validation.validator.DefaultValidatorConfiguration;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import jakarta.validation.Validator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The functions that chains can use: those on the class path, and those in jars and directories of the user's own.
 *
 * <p>Functions are found without loading their code, from what the compiler left beside it. Thread-safe. Closing it ends
 * the use of the jars; instances made before must be stopped by then.
 */
public final class FunctionRegistry implements AutoCloseable {
    private final URLClassLoader loader;
    private final BeanContext context;
    private final Map<String, FunctionDescription> functions = new TreeMap<>();

    private FunctionRegistry(URLClassLoader loader) {
        this.loader = loader;
        // Configured, not started: starting would make beans that nobody asks for, in a thread of its own.
        DefaultBeanContext configured = new DefaultBeanContext(loader);
        configured.configure();
        this.context = configured;
    }

    /** The functions on the class path. */
    public static FunctionRegistry open() {
        return open(List.of());
    }

    /**
     * The functions on the class path and in jars or directories; a directory stands for the jars in it, or for a tree of
     * classes where it has none.
     *
     * @throws FunctionLoadException if one does not exist, holds no function, or holds one that cannot be used
     */
    public static FunctionRegistry open(Collection<Path> functionPath) {
        List<URL> urls = new ArrayList<>();
        for (Path entry : functionPath) {
            urls.addAll(urlsOf(entry));
        }
        URLClassLoader loader =
                new URLClassLoader("functions", urls.toArray(URL[]::new), FunctionRegistry.class.getClassLoader());
        FunctionRegistry registry = new FunctionRegistry(loader);
        try {
            registry.findFunctions();
            registry.requireFunctionsIn(functionPath);
            return registry;
        } catch (LinkageError e) {
            registry.close();
            throw new FunctionLoadException(
                    "functions in " + functionPath + " were built for another version: " + e
                            + "; build them against this one",
                    e);
        } catch (RuntimeException e) {
            registry.close();
            throw e;
        }
    }

    private static List<URL> urlsOf(Path entry) {
        try {
            if (Files.isDirectory(entry)) {
                List<Path> jars = jarsIn(entry);
                return jars.isEmpty()
                        ? List.of(entry.toUri().toURL())
                        : jars.stream().map(FunctionRegistry::url).toList();
            }
            if (!Files.isReadable(entry)) {
                throw new FunctionLoadException("no functions at " + entry + ": "
                        + (Files.exists(entry) ? "no permission to read it" : "it does not exist"));
            }
            new JarFile(entry.toFile()).close();
            return List.of(url(entry));
        } catch (IOException e) {
            throw new FunctionLoadException("no functions at " + entry + ": it is no jar: " + e.getMessage(), e);
        }
    }

    private static List<Path> jarsIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private static URL url(Path path) {
        try {
            return path.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void findFunctions() {
        for (BeanDefinition<?> definition : context.getBeanDefinitions(Qualifiers.byStereotype(FunctionType.class))) {
            FunctionDescription function = describe(definition);
            FunctionDescription other = functions.putIfAbsent(function.name(), function);
            if (other != null) {
                throw new FunctionLoadException("two functions are named '" + function.name() + "', in "
                        + other.origin() + " and in " + function.origin() + "; rename or leave out one of them");
            }
        }
    }

    private FunctionDescription describe(BeanDefinition<?> definition) {
        Class<?> type = definition.getBeanType();
        String origin = originOf(type);
        if (!NetworkFunction.class.isAssignableFrom(type)) {
            throw new FunctionLoadException(
                    type.getName() + " in " + origin + " has @FunctionType but is no NetworkFunction; implement it");
        }
        return new FunctionDescription(
                definition.stringValue(FunctionType.class, "name").orElseThrow(),
                definition.stringValue(FunctionType.class, "summary").orElse(""),
                definition
                        .enumValue(FunctionType.class, "kind", FunctionType.Kind.class)
                        .orElse(FunctionType.Kind.MIDDLE),
                definition.booleanValue(FunctionType.class, "readOnly").orElse(false),
                type.asSubclass(NetworkFunction.class),
                configType(definition, origin),
                origin);
    }

    private static Optional<Class<?>> configType(BeanDefinition<?> definition, String origin) {
        Optional<Class<?>> config = Optional.empty();
        for (Argument<?> argument : definition.getConstructor().getArguments()) {
            if (argument.isAnnotationPresent(Parameter.class)) {
                if (config.isPresent() || !argument.getType().isRecord()) {
                    throw new FunctionLoadException(definition.getBeanType().getName() + " in " + origin
                            + ": its constructor must take one @Parameter, a record");
                }
                config = Optional.of(argument.getType());
            }
        }
        return config;
    }

    private static String originOf(Class<?> type) {
        var source = type.getProtectionDomain().getCodeSource();
        return source == null ? "the class path" : source.getLocation().getPath();
    }

    private void requireFunctionsIn(Collection<Path> functionPath) {
        for (Path entry : functionPath) {
            String prefix = entry.toUri().getRawPath();
            if (functions.values().stream()
                    .noneMatch(function -> function.origin().startsWith(prefix))) {
                throw new FunctionLoadException("no functions in " + entry
                        + ": annotate them with @FunctionType, and compile with Micronaut's annotation processor"
                        + " ('nfv new-function' writes a project that does)");
            }
        }
    }

    /** All functions, by name. */
    public Map<String, FunctionDescription> functions() {
        return Collections.unmodifiableMap(functions);
    }

    /** The function of this name. */
    public Optional<FunctionDescription> find(String name) {
        return Optional.ofNullable(functions.get(name));
    }

    /**
     * Makes an instance.
     *
     * @param name of a function that is {@linkplain #find known}
     * @param config the function's configuration record; ignored by functions that take none
     * @throws ConfigurationException if the function's constructor refuses the configuration
     * @throws FunctionLoadException if the constructor fails otherwise
     */
    public NetworkFunction create(String name, Object config) {
        FunctionDescription function =
                find(name).orElseThrow(() -> new FunctionLoadException("no function is named '" + name + "'"));
        try {
            return function.config().isPresent()
                    ? context.createBean(function.implementation(), config)
                    : context.createBean(function.implementation());
        } catch (BeanInstantiationException e) {
            throw refusal(function, e);
        } catch (LinkageError e) {
            throw new FunctionLoadException(
                    "function '" + name + "' in " + function.origin() + " was built for another version: missing "
                            + e.getMessage() + "; build it against this version",
                    e);
        }
    }

    private static RuntimeException refusal(FunctionDescription function, Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && !(cause instanceof ConfigurationException)) {
            cause = cause.getCause();
        }
        return cause instanceof ConfigurationException refusal
                ? refusal
                : new FunctionLoadException("function '" + function.name() + "' cannot be made: " + cause, thrown);
    }

    /** Bean Validation that knows the configuration records of these functions. */
    public Validator validator() {
        DefaultValidatorConfiguration configuration = new DefaultValidatorConfiguration();
        configuration.setBeanIntrospector(BeanIntrospector.forClassLoader(loader));
        return new DefaultValidator(configuration);
    }

    @Override
    public void close() {
        context.close();
        try {
            loader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
