// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import com.fasterxml.classmate.ResolvedType;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfig;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonOption;
import com.github.victools.jsonschema.module.jackson.JacksonSchemaModule;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationModule;
import io.ptnetmap.nfv.chain.Descriptor.FunctionPart;
import io.ptnetmap.nfv.chain.Descriptor.ParallelPart;
import io.ptnetmap.nfv.chain.Descriptor.PortPart;
import io.ptnetmap.nfv.registry.FunctionDescription;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON Schemas (2020-12) of chain descriptors and of functions' configurations, generated from the records that {@link
 * ConfigBinder} binds. Generating takes about a second: for help and editors, never on a chain's way up.
 */
public final class ChainSchema {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final SchemaGenerator generator = new SchemaGenerator(settings());

    /** The schema of descriptors that may use any function, whose {@code config} stays open. */
    public ObjectNode ofDescriptor() {
        return descriptor(List.of(element(FunctionPart.class)));
    }

    /** The schema of descriptors that use these functions only, with their configurations. */
    public ObjectNode ofDescriptor(FunctionRegistry functions) {
        return descriptor(
                functions.functions().values().stream().map(this::elementOf).toList());
    }

    /** The schema of a function's {@code config}; one without properties for a function that has none. */
    public ObjectNode ofConfig(FunctionDescription function) {
        if (function.config().isEmpty()) {
            ObjectNode nothing = JSON.objectNode().put("type", "object");
            nothing.putObject("properties");
            return nothing.put("additionalProperties", false);
        }
        return generate(function.config().get());
    }

    private ObjectNode descriptor(List<ObjectNode> functions) {
        ObjectNode schema = generate(Descriptor.class);
        schema.put("title", "Chain of network functions");
        ObjectNode parallel = element(ParallelPart.class);
        items(parallel, "parallel").set("anyOf", array(functions));
        ArrayNode elements = array(functions);
        elements.add(element(PortPart.class));
        elements.add(parallel);
        items(schema, "functions").set("anyOf", elements);
        return schema;
    }

    private ObjectNode generate(Class<?> record) {
        ObjectNode schema = generator.generateSchema(record);
        removeNeedless(schema);
        return schema;
    }

    /** The generator also forbids further properties to values that are no mappings. */
    private static void removeNeedless(JsonNode node) {
        if (node instanceof ObjectNode object
                && !object.has("properties")
                && object.path("additionalProperties").isBoolean()) {
            object.remove("additionalProperties");
        }
        node.forEach(ChainSchema::removeNeedless);
    }

    private static ObjectNode items(ObjectNode schema, String property) {
        return ((ObjectNode) schema.at("/properties/" + property)).putObject("items");
    }

    private static ArrayNode array(Collection<ObjectNode> nodes) {
        ArrayNode array = JSON.arrayNode();
        nodes.forEach(node -> array.add(node.deepCopy()));
        return array;
    }

    private ObjectNode element(Class<?> part) {
        ObjectNode schema = generate(part);
        schema.remove("$schema");
        if (part == FunctionPart.class) {
            refuseBoth(schema.putObject("not"), "process", "vm");
        }
        return schema;
    }

    private static void refuseBoth(ObjectNode not, String one, String other) {
        not.putArray("required").add(one).add(other);
        ObjectNode properties = not.putObject("properties");
        properties.putObject(one).put("type", "string");
        properties.putObject(other).put("type", "string");
    }

    private ObjectNode elementOf(FunctionDescription function) {
        ObjectNode element = element(FunctionPart.class);
        element.put("title", function.name()).put("description", function.summary());
        ObjectNode properties = (ObjectNode) element.get("properties");
        properties.putObject("type").put("const", function.name()).put("description", function.summary());
        ObjectNode config = ofConfig(function);
        config.remove("$schema");
        if (config.has("required")) {
            element.withArray("required").add("config");
        } else {
            config.putArray("type").add("object").add("null");
        }
        properties.set("config", config);
        return element;
    }

    private static SchemaGeneratorConfig settings() {
        SchemaGeneratorConfigBuilder builder =
                new SchemaGeneratorConfigBuilder(SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON);
        builder.with(
                        Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
                        Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES,
                        Option.FLATTENED_OPTIONALS,
                        Option.INLINE_ALL_SCHEMAS)
                .without(Option.EXTRA_OPEN_API_FORMAT_VALUES);
        builder.forTypesInGeneral()
                .withCustomDefinitionProvider(ChainSchema::ownDefinition)
                .withPropertySorter((one, other) -> 0);
        builder.forFields()
                .withPropertyNameOverrideResolver(
                        scope -> fieldOf(scope).map(ConfigField::key).orElse(null))
                .withRequiredCheck(
                        scope -> fieldOf(scope).map(ConfigField::required).orElse(false))
                .withNullableCheck(
                        scope -> fieldOf(scope).map(field -> !field.required()).orElse(false))
                .withDefaultResolver(
                        scope -> fieldOf(scope).map(ChainSchema::defaultOf).orElse(null))
                .withStringPatternResolver(ChainSchema::patternOf);
        builder.with(new JakartaValidationModule());
        builder.with(new JacksonSchemaModule(
                JacksonOption.IGNORE_PROPERTY_NAMING_STRATEGY, JacksonOption.SKIP_SUBTYPE_LOOKUP));
        return builder.build();
    }

    /** The field, unless the scope is that of the items in it. */
    private static Optional<ConfigField> fieldOf(FieldScope scope) {
        Class<?> around = scope.getDeclaringType().getErasedType();
        return around.isRecord() && !scope.isFakeContainerItemScope()
                ? ConfigField.of(around).stream()
                        .filter(field -> field.component().getName().equals(scope.getDeclaredName()))
                        .findFirst()
                : Optional.empty();
    }

    /** Bean Validation matches all of a text, JSON Schema any part of it. */
    private static String patternOf(FieldScope scope) {
        Pattern pattern = scope.getAnnotationConsideringFieldAndGetterIfSupported(Pattern.class);
        if (pattern != null) {
            return "^(?:" + pattern.regexp() + ")$";
        }
        return scope.getAnnotationConsideringFieldAndGetterIfSupported(NotBlank.class) == null ? null : "\\S";
    }

    private static Object defaultOf(ConfigField field) {
        if (field.defaultText().isEmpty()) {
            return null;
        }
        return ConfigField.rawClass(field.type()) == String.class
                ? field.defaultText()
                : ConfigBinder.plain(YamlReader.read(field.defaultText(), new Problems(field.key())));
    }

    /** Types that are not written as Jackson would write them. */
    private static CustomDefinition ownDefinition(ResolvedType type, SchemaGenerationContext context) {
        Class<?> raw = type.getErasedType();
        ObjectNode definition = JSON.objectNode();
        if (raw == int.class
                || raw == Integer.class
                || raw == long.class
                || raw == Long.class
                || raw == OptionalInt.class
                || raw == OptionalLong.class) {
            definition.putArray("type").add("integer").add("string");
            definition.put("pattern", Units.MULTIPLE_PATTERN);
        } else if (raw == OptionalDouble.class) {
            definition.put("type", "number");
        } else if (raw == Duration.class) {
            definition.put("type", "string").put("pattern", Units.DURATION_PATTERN);
        } else if (raw == YamlNode.class) {
            definition.put("type", "object");
        } else if (raw.isEnum()) {
            definition.put("type", "string");
            ArrayNode values = definition.putArray("enum");
            Arrays.stream(raw.getEnumConstants()).map(ConfigBinder::nameOf).forEach(values::add);
        } else if (!creators(raw).isEmpty()) {
            ArrayNode types = definition.putArray("type");
            creators(raw).forEach(types::add);
        } else {
            return null;
        }
        return new CustomDefinition(
                definition, CustomDefinition.DefinitionType.INLINE, CustomDefinition.AttributeInclusion.YES);
    }

    /** The JSON types that a value type of a function's own can be made from. */
    private static List<String> creators(Class<?> raw) {
        return Arrays.stream(raw.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(JsonCreator.class) && method.getParameterCount() == 1)
                .map(ChainSchema::jsonType)
                .distinct()
                .sorted()
                .toList();
    }

    private static String jsonType(Method creator) {
        Class<?> parameter = creator.getParameterTypes()[0];
        if (parameter == String.class) {
            return "string";
        }
        return parameter == int.class || parameter == long.class ? "integer" : "number";
    }

    /** A schema as text, indented. */
    public static String text(JsonNode schema) {
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(schema);
    }
}
