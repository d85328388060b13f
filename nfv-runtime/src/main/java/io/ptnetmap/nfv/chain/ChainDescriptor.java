// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.chain.YamlNode.Entry;
import io.ptnetmap.nfv.chain.YamlNode.Kind;
import io.ptnetmap.nfv.chain.YamlNode.Mapping;
import io.ptnetmap.nfv.chain.YamlNode.Position;
import io.ptnetmap.nfv.chain.YamlNode.Scalar;
import io.ptnetmap.nfv.chain.YamlNode.Sequence;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A chain's YAML file, read but not yet checked against the functions that it names: {@link #functionPath()} says where some of
 * them are.
 *
 * <pre>{@code
 * ChainDescriptor descriptor = ChainDescriptor.read(Path.of("edge.yaml"));
 * try (FunctionRegistry functions = FunctionRegistry.open(descriptor.functionPath())) {
 *     Chain chain = descriptor.resolve(functions, descriptor.functionPath());
 * }
 * }</pre>
 */
public final class ChainDescriptor {
    private static final String SOURCE_WITH_FILE = "pcap-source";
    private static final String JSON = ".json";

    private final Path file;
    private final ChainFiles files;
    private final Mapping root;
    private final Map<String, String> nodePaths = new HashMap<>();

    private ChainDescriptor(Path file, ChainFiles files, Mapping root) {
        this.file = file;
        this.files = files;
        this.root = root;
    }

    /**
     * Reads a descriptor.
     *
     * @throws ChainDescriptorException if it cannot be read, is longer than 1 MiB or is not YAML
     */
    public static ChainDescriptor read(Path file) {
        return read(file, ChainFiles.beside(file));
    }

    /**
     * Reads a descriptor whose files are elsewhere than beside it.
     *
     * @throws ChainDescriptorException if it cannot be read, is longer than 1 MiB or is not YAML (or JSON, if the file's name
     *     says so)
     */
    public static ChainDescriptor read(Path file, ChainFiles files) {
        String text = text(file);
        return parse(text, file.toString().endsWith(JSON) ? Form.JSON : Form.YAML, file, files);
    }

    /**
     * Takes a descriptor from text.
     *
     * @param file where processes that run parts of the chain will find the same text
     * @throws ChainDescriptorException if it is longer than 1 MiB or not of that form
     */
    public static ChainDescriptor parse(String text, Form form, Path file, ChainFiles files) {
        Problems problems = new Problems(file.toString());
        if (text.length() > YamlReader.MAX_LENGTH) {
            throw problems.fatal(Position.NOWHERE, "", "longer than 1 MiB; is it a chain descriptor?");
        }
        YamlNode root = form == Form.JSON ? JsonReader.read(text, problems) : YamlReader.read(text, problems);
        problems.throwIfAny();
        if (!(root instanceof Mapping mapping)) {
            throw problems.fatal(
                    root.at(), "", "a chain is a mapping that begins with 'chain: NAME', not " + root.describe());
        }
        return new ChainDescriptor(file, files, mapping);
    }

    /**
     * The text of a chain's file, whatever it says.
     *
     * @throws ChainDescriptorException if it cannot be read, is no text or too long
     */
    public static String text(Path file) {
        return text(file, new Problems(file.toString()));
    }

    private static String text(Path file, Problems problems) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(YamlReader.MAX_LENGTH + 1);
            if (bytes.length > YamlReader.MAX_LENGTH) {
                throw problems.fatal(Position.NOWHERE, "", "longer than 1 MiB; is it a chain descriptor?");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw problems.fatal(Position.NOWHERE, "", "not UTF-8 text; is it a chain descriptor?");
        } catch (NoSuchFileException e) {
            throw problems.fatal(Position.NOWHERE, "", "no such file");
        } catch (IOException e) {
            throw problems.fatal(Position.NOWHERE, "", "cannot be read: " + FileErrors.why(e));
        }
    }

    /** Forms of text. */
    public enum Form {
        YAML,
        JSON
    }

    /**
     * Jars and directories with functions of the user's own, in absolute form; entries that are no text are left out here.
     *
     * @throws ChainDescriptorException if one leads to where this chain may not go
     */
    public List<Path> functionPath() {
        if (!(child(root, "function-path") instanceof Sequence list)) {
            return List.of();
        }
        Problems problems = new Problems(file.toString());
        List<Path> paths = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
            if (list.items().get(i) instanceof Scalar scalar
                    && scalar.kind() == Kind.TEXT
                    && !scalar.text().isBlank()) {
                try {
                    paths.add(files.resolve(scalar.text()));
                } catch (ConfigurationException refusal) {
                    problems.add(scalar.at(), "function-path[" + i + "]", refusal.getMessage());
                }
            }
        }
        problems.throwIfAny();
        return paths;
    }

    /** The whole descriptor as JSON, aliases written out. */
    public ObjectNode json() {
        return root.json();
    }

    /** Path in this descriptor of a function or port, such as {@code functions[1]}, once it is resolved. */
    public Optional<String> pathOf(String node) {
        return Optional.ofNullable(nodePaths.get(node));
    }

    /**
     * The same chain on other traffic: a capture takes the place of the file of its first {@code pcap-source} or, where it has
     * none, a {@code pcap-source} takes the place of its first element.
     */
    public ChainDescriptor withPcap(Path capture) {
        if (!(child(root, "functions") instanceof Sequence elements)
                || elements.items().isEmpty()) {
            return this;
        }
        List<YamlNode> items = new ArrayList<>(elements.items());
        int replaced = 0;
        for (int i = items.size() - 1; i >= 0; i--) {
            replaced = readsFile(items.get(i)) ? i : replaced;
        }
        items.set(replaced, reading(items.get(replaced), capture));
        return new ChainDescriptor(file, files, with(root, "functions", new Sequence(items, elements.at())));
    }

    private static Mapping reading(YamlNode element, Path capture) {
        Mapping mapping = element instanceof Mapping given ? given : new Mapping(Map.of(), element.at());
        YamlNode oldConfig = readsFile(element) ? child(mapping, "config") : null;
        Mapping config = oldConfig instanceof Mapping given ? given : new Mapping(Map.of(), element.at());
        Scalar file = text(capture.toAbsolutePath().toString(), element.at());
        Mapping source = with(without(mapping, "port", "parallel"), "type", text(SOURCE_WITH_FILE, element.at()));
        return with(source, "config", with(config, "file", file));
    }

    private static boolean readsFile(YamlNode element) {
        return child(element, "type") instanceof Scalar type && type.text().equals(SOURCE_WITH_FILE);
    }

    /**
     * Checks the chain against the functions there are.
     *
     * @param functions has those of {@link #functionPath()}
     * @param functionPath where {@code functions} came from; kept in the chain for other processes that run parts of it
     * @throws ChainDescriptorException with everything that is wrong
     */
    public Chain resolve(FunctionRegistry functions, List<Path> functionPath) {
        return new ChainResolver(file, files, root, functions, nodePaths).resolve(functionPath);
    }

    /** The place in this descriptor of what the constructor or start of a function refused, once it is resolved. */
    public ChainDescriptorException explain(NodeConfigurationException refusal) {
        Problems problems = new Problems(file.toString());
        String path = nodePaths.getOrDefault(refusal.node(), refusal.node());
        String field = KeyPath.join(KeyPath.join(path, "config"), refusal.field());
        return problems.fatal(root.locate(field), field, refusal.getMessage());
    }

    private static YamlNode child(YamlNode node, String key) {
        return node instanceof Mapping mapping && mapping.entries().get(key) instanceof Entry entry
                ? entry.value()
                : null;
    }

    private static Scalar text(String text, Position at) {
        return new Scalar(text, Kind.TEXT, at);
    }

    private static Mapping with(Mapping mapping, String key, YamlNode value) {
        Map<String, Entry> entries = new LinkedHashMap<>(mapping.entries());
        entries.put(key, new Entry(value.at(), value));
        return new Mapping(entries, mapping.at());
    }

    private static Mapping without(Mapping mapping, String... keys) {
        Map<String, Entry> entries = new LinkedHashMap<>(mapping.entries());
        entries.keySet().removeAll(List.of(keys));
        return new Mapping(entries, mapping.at());
    }
}
