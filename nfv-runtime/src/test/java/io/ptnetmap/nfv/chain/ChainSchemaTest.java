// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The published schema and the parser say the same of the same descriptors; the judge is another schema validator. */
class ChainSchemaTest {
    private static final Path PUBLISHED = Path.of("../docs/chain.schema.json");

    private static FunctionRegistry functions;
    private static Schema schema;

    @TempDir
    Path directory;

    @BeforeAll
    static void open() {
        functions = FunctionRegistry.open();
        schema = validator(new ChainSchema().ofDescriptor(functions));
    }

    @AfterAll
    static void close() {
        functions.close();
    }

    private static Schema validator(ObjectNode schema) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema);
    }

    private static JsonNode json(String yaml) {
        Problems problems = new Problems("c.yaml");
        return JsonMapper.shared().valueToTree(ConfigBinder.plain(YamlReader.read(yaml, problems)));
    }

    private boolean parserAccepts(String yaml) throws IOException {
        try {
            ChainDescriptor.read(Files.writeString(directory.resolve("c.yaml"), yaml))
                    .resolve(functions, List.of());
            return true;
        } catch (ChainDescriptorException e) {
            return false;
        }
    }

    @Test
    void thePublishedSchemaIsTheOneInForce() throws IOException {
        String now = ChainSchema.text(new ChainSchema().ofDescriptor()) + "\n";
        assertEquals(
                Files.readString(PUBLISHED),
                now,
                "write the output of './nfv schema --without-functions' to docs/chain.schema.json");
    }

    @Test
    void theSchemaIsOne() {
        String dialect = "https://json-schema.org/draft/2020-12/schema";
        Schema metaSchema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(com.networknt.schema.SchemaLocation.of(dialect));
        assertEquals(List.of(), metaSchema.validate(schema.getSchemaNode()));
        assertEquals(dialect, schema.getSchemaNode().get("$schema").asString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chain: c\nfunctions: [S, type: drain]",
                "chain: c\nmemory:\nlink:\nfunction-path:\nlinks:\nfunctions: [S, {type: drain, config: }]",
                "chain: c\nmemory: {buffers: 1k, buffer-size: 4Ki}\nfunctions: [S, {type: drain, config: {}}]",
                "chain: c\nlink: {type: pipe, policy: drop, slots: 64}\nfunctions: [S, port: 'netmap:x']",
                "chain: c\nfunctions: [{port: 'netmap:y', name: y}, {type: watch, process: own, worker: 2}, port: 'netmap:x']",
                "chain: c\nfunctions: [S, {parallel: [type: watch, {type: watch, worker: 1}], link: {}}, type: drain]",
                "chain: c\nfunctions: [S, {type: watch, vm: a}, {type: watch, vm: a, worker: 1, process: }, type: drain]",
                "chain: c\nvms: {a: {memory: 256Mi, cpus: 2, files: [x/y]}}\nfunctions: [S, {type: watch, vm: a}, type: drain]",
                "chain: c\nfunctions: [S, type: drain]\nlinks: [{from: pcap-source, to: drain, policy: block, slots: 4}]",
                "chain: c\nfunctions: [S, {type: sieve, config: {otherwise: let-fall, seed: 1k, share: 2, log: true}}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {rules: [{action: pass-on, source: 1.2.3.4}]}}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {weights: {a: 1, b: 2k}, limits: {flows: 5}}}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {idle-timeout: 1h5m, comment: x, labels: [y]}}, type: drain]",
            })
    void bothAccept(String yaml) throws IOException {
        String text = yaml.replace("[S,", "[{type: pcap-source, config: {file: f}},");
        assertEquals(List.of(), schema.validate(json(text)));
        assertEquals(true, parserAccepts(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "functions: [S, type: drain]",
                "chain: c",
                "chain: c\nfunctions: []",
                "chain: 5\nfunctions: [S, type: drain]",
                "chain: 'a b'\nfunctions: [S, type: drain]",
                "chain: c\nextra: 1\nfunctions: [S, type: drain]",
                "chain: c\nmemory: {buffers: -1}\nfunctions: [S, type: drain]",
                "chain: c\nmemory: {buffer-size: 2KB}\nfunctions: [S, type: drain]",
                "chain: c\nmemory: 5\nfunctions: [S, type: drain]",
                "chain: c\nfunction-path: my.jar\nfunctions: [S, type: drain]",
                "chain: c\nlink: {type: wire}\nfunctions: [S, type: drain]",
                "chain: c\nlink: {slots: 3}\nfunctions: [S, type: drain]",
                "chain: c\nfunctions: [S, type: dran]",
                "chain: c\nfunctions: [S, {type: drain, config: {a: 1}}]",
                "chain: c\nfunctions: [S, {type: drain, worker: 1.5}]",
                "chain: c\nfunctions: [S, {type: drain, process: elsewhere}]",
                "chain: c\nfunctions: [S, {type: drain, port: x}]",
                "chain: c\nfunctions: [S, {type: watch, vm: a, process: same}, type: drain]",
                "chain: c\nvms: {a: {memory: 1000000}}\nfunctions: [S, {type: watch, vm: a}, type: drain]",
                "chain: c\nvms: {a: {cpus: 0}}\nfunctions: [S, {type: watch, vm: a}, type: drain]",
                "chain: c\nvms: [a]\nfunctions: [S, {type: watch, vm: a}, type: drain]",
                "chain: c\nfunctions: [type: pcap-source, type: drain]",
                "chain: c\nfunctions: [{type: pcap-source, config: {file: ' '}}, type: drain]",
                "chain: c\nfunctions: [{type: pcap-source, config: {file: f, repeat: 0}}, type: drain]",
                "chain: c\nfunctions: [S, {parallel: [type: watch]}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {rules: [{action: pass-on}]}}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {rules: [{action: PASS_ON, source: 1.2.3.4}]}}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {idle-timeout: 5 minutes}}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {log: 'true'}}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {weights: {a: -1}}}, type: drain]",
                "chain: c\nfunctions: [S, {type: sieve, config: {labels: [1]}}, type: drain]",
                "chain: c\nfunctions: [S, type: drain]\nlinks: [{from: pcap-source}]",
            })
    void bothRefuse(String yaml) throws IOException {
        String text = yaml.replace("[S,", "[{type: pcap-source, config: {file: f}},");
        assertEquals(false, parserAccepts(text));
        assertEquals(false, schema.validate(json(text)).isEmpty());
    }
}
