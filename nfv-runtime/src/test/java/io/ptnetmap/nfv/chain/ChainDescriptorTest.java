// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.chain.Chain.Link;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.OnFailure;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.chain.Chain.Reaction;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChainDescriptorTest {
    private static FunctionRegistry functions;

    @TempDir
    Path directory;

    @BeforeAll
    static void open() {
        functions = FunctionRegistry.open();
    }

    @AfterAll
    static void close() {
        functions.close();
    }

    private ChainDescriptor descriptor(String text) throws IOException {
        return ChainDescriptor.read(Files.writeString(directory.resolve("c.yaml"), text));
    }

    private Chain chain(String text) throws IOException {
        ChainDescriptor descriptor = descriptor(text);
        return descriptor.resolve(functions, descriptor.functionPath());
    }

    /** The problems of a descriptor, without the directory. */
    private List<String> problems(String text) {
        ChainDescriptorException e = assertThrows(ChainDescriptorException.class, () -> chain(text));
        return e.problems().stream()
                .map(problem -> problem.toString().replace(directory + "/", ""))
                .toList();
    }

    private static final String SOURCE = "  - {type: pcap-source, config: {file: in.pcap}}\n";

    @Test
    void aCompleteDescriptorIsUnderstood() throws IOException {
        Chain chain = chain("""
                chain: edge
                memory: {buffers: 4096, buffer-size: 4Ki}
                function-path: [my.jar, ../plugins/]
                link: {policy: drop, slots: 512}
                functions:
                  - name: in
                    type: pcap-source
                    config: {file: in.pcap, repeat: 2k}
                  - type: sieve
                    process: own
                    worker: 3
                    link: {type: pipe}
                    config:
                      otherwise: let-fall
                      rules:
                        - {action: pass-on, source: 192.0.2.0/24, port: 53}
                      idle-timeout: 1m30s
                      limits: {rate: 5}
                      comment: a word
                      seed: 7
                      weights: {low: 1, high: 10}
                      share: 1
                      log: true
                      labels: [a, b]
                  - {name: tap, type: watch}
                  - parallel:
                      - {type: watch, worker: 1}
                      - {type: watch, worker: 2}
                    link: {slots: 64}
                  - port: netmap:eth0
                """);
        assertEquals("edge", chain.name());
        assertEquals(new Chain.Memory(4096, 4096), chain.memory());
        assertEquals(List.of(directory.resolve("my.jar"), directory.resolveSibling("plugins")), chain.functionPath());
        assertEquals(
                List.of("in", "sieve", "tap", "watch", "watch-2", "netmap:eth0"),
                chain.nodes().stream().map(Node::name).toList());
        assertEquals(
                List.of(
                        new Link(LinkType.PIPE, Policy.DROP, 512),
                        new Link(LinkType.AUTO, Policy.DROP, 512),
                        new Link(LinkType.AUTO, Policy.DROP, 64),
                        new Link(LinkType.AUTO, Policy.DROP, 512)),
                chain.links());
        assertEquals(
                new TestFunctions.SourceConfig("in.pcap", 2000),
                chain.nodes().get(0).config());
        Node sieve = chain.nodes().get(1);
        assertEquals(Placement.OWN, sieve.placement());
        assertEquals(3, sieve.worker());
        assertEquals(
                new TestFunctions.SieveConfig(
                        TestFunctions.Verdict.LET_FALL,
                        List.of(new TestFunctions.Rule(
                                TestFunctions.Verdict.PASS_ON, new TestFunctions.Network("192.0.2.0/24"), 53)),
                        Duration.ofSeconds(90),
                        new TestFunctions.Limits(65536, 5),
                        Optional.of("a word"),
                        OptionalInt.of(7),
                        Map.of("low", 1, "high", 10),
                        1.0,
                        true,
                        List.of("a", "b")),
                sieve.config());
        assertTrue(chain.nodes().getLast().isPort());
    }

    @Test
    void functionsArePlacedInVirtualMachines() throws IOException {
        Chain chain = chain("""
                chain: c
                vms: {b: {memory: 1Gi, cpus: 2, files: [rules/, a.txt]}}
                functions:
                """ + SOURCE + """
                  - {type: sieve, vm: a}
                  - {type: watch, vm: b, name: w}
                  - parallel:
                      - {type: watch, vm: b, worker: 1}
                      - {type: watch, vm: b, worker: 2}
                  - {type: drain, vm: b}
                """);
        assertEquals(
                List.of("", "a", "b", "b", "b", "b"),
                chain.nodes().stream().map(Node::vm).toList());
        assertEquals(Placement.SAME, chain.nodes().getFirst().placement());
        assertEquals(Placement.VM, chain.nodes().getLast().placement());
        assertEquals(
                Map.of(
                        "a", new Chain.Vm(512 << 20, 1, List.of()),
                        "b", new Chain.Vm(1 << 30, 2, List.of("rules/", "a.txt"))),
                chain.vms());
        assertEquals(List.of("a", "b"), List.copyOf(chain.vms().keySet()), "in the chain's order");
    }

    @Test
    void whatIsLeftOutHasItsDefault() throws IOException {
        Chain chain = chain("chain: c\nfunctions:\n" + SOURCE + "  - type: sieve\n  - type: drain\n");
        assertEquals(new Chain.Memory(0, 2048), chain.memory());
        assertEquals(new Link(LinkType.AUTO, Policy.BLOCK, 1024), chain.links().getFirst());
        assertEquals(
                new TestFunctions.SieveConfig(
                        TestFunctions.Verdict.PASS_ON,
                        List.of(),
                        Duration.ofMinutes(5),
                        new TestFunctions.Limits(65536, 1_000_000),
                        Optional.empty(),
                        OptionalInt.empty(),
                        Map.of(),
                        0.5,
                        false,
                        List.of()),
                chain.nodes().get(1).config());
    }

    @Test
    void aLinkByASwitchDropsAndDividesTheMemory() throws IOException {
        Chain chain = chain(
                "chain: c\nfunctions:\n" + SOURCE
                        + "  - {type: sieve, link: {type: vale}}\n  - {type: drain, process: own, trust: other, link: {type: vale}}\n");
        assertEquals(new Link(LinkType.VALE, Policy.DROP, 1024), chain.links().getFirst());
        assertEquals(3, chain.regions());
        assertEquals(2, chain.region(1));
        assertEquals(
                List.of("default", "default", "other"),
                chain.nodes().stream().map(Node::trust).toList());
        assertEquals(
                List.of(
                        "c.yaml:6:5: functions[1].link: a switch does not wait for a receiver, it drops what does not fit and"
                                + " counts it; give a link of type 'vale' the policy 'drop', or none"),
                problems("""
                        chain: c
                        link: {type: vale}
                        functions:
                          - {type: pcap-source, config: {file: in.pcap}}
                          - type: drain
                            link: {policy: block}
                        """));
    }

    @Test
    void strangersShareNeitherMemoryNorProcess() throws IOException {
        String text = """
                chain: c
                functions:
                  - {type: pcap-source, config: {file: in.pcap}}
                  - {type: sieve, process: own, trust: tenant, link: {type: LINK}}
                  - {type: drain, PLACE, link: {type: vale}}
                """;
        assertEquals(
                "default",
                chain(text.replace("LINK", "vale").replace("PLACE", "process: same"))
                        .nodes()
                        .getLast()
                        .trust());
        for (String type : List.of("pipe", "auto")) {
            assertEquals(
                    List.of(
                            "c.yaml:4:54: functions[1].link: 'pcap-source' is of the group 'default', 'sieve' of 'tenant', and"
                                    + " this link would let each write all packets of the other; use 'type: vale', which copies, or"
                                    + " give both the same 'trust'"),
                    problems(text.replace("LINK", type).replace("PLACE", "process: same")).stream()
                            .map(problem -> problem.replaceFirst(":4:\\d+:", ":4:54:"))
                            .toList());
        }
        List<String> oneProcess = problems(text.replace("LINK", "vale").replace("PLACE", "trust: tenant"));
        assertEquals(1, oneProcess.size(), oneProcess::toString);
        assertTrue(
                oneProcess
                        .getFirst()
                        .contains(
                                "functions[2].trust: 'pcap-source' and 'drain' are of the groups 'default' and 'tenant' and"
                                        + " would share the memory of one process; give one of them 'process: own' or a 'vm' of its own"),
                oneProcess::toString);
    }

    @Test
    void whatAFunctionSaysOfFailuresGoesBeforeWhatTheChainSays() throws IOException {
        Chain chain = chain(
                "chain: c\non-failure: {policy: open, window: 5s}\nfunctions:\n" + SOURCE
                        + "  - {type: sieve, on-failure: {policy: stop, limit: 3}}\n  - {type: drain, on-failure: {window: 1m}}\n");
        assertEquals(
                List.of(
                        new OnFailure(Reaction.OPEN, 10, Duration.ofSeconds(5)),
                        new OnFailure(Reaction.STOP, 3, Duration.ofSeconds(5)),
                        new OnFailure(Reaction.OPEN, 10, Duration.ofMinutes(1))),
                chain.nodes().stream().map(Node::onFailure).toList());
        assertEquals(
                OnFailure.DEFAULT,
                chain("chain: c\nfunctions:\n" + SOURCE + "  - type: drain\n")
                        .nodes()
                        .getLast()
                        .onFailure());
    }

    @Test
    void explicitLinksOrderTheChain() throws IOException {
        Chain chain = chain(
                "chain: c\nfunctions:\n  - {name: end, type: drain}\n  - {name: s, type: sieve}\n" + SOURCE
                        + "links:\n  - {from: pcap-source, to: s, type: pipe, slots: 256}\n  - {from: s, to: end, policy: drop}\n");
        assertEquals(
                List.of("pcap-source", "s", "end"),
                chain.nodes().stream().map(Node::name).toList());
        assertEquals(
                List.of(new Link(LinkType.PIPE, Policy.BLOCK, 256), new Link(LinkType.AUTO, Policy.DROP, 1024)),
                chain.links());
    }

    @Test
    void anotherCaptureTakesTheSourcesPlace() throws IOException {
        Path capture = directory.resolve("other.pcap");
        for (String first : List.of(SOURCE, "  - port: netmap:eth0\n", "  - {type: pcap-source}\n")) {
            ChainDescriptor descriptor = descriptor("chain: c\nfunctions:\n" + first + "  - type: drain\n");
            Chain chain = descriptor.withPcap(capture).resolve(functions, List.of());
            assertEquals(
                    new TestFunctions.SourceConfig(capture.toString(), 1),
                    chain.nodes().getFirst().config());
        }
    }

    @Test
    void aRefusalOfAConstructorIsExplainedByItsPlace() throws IOException {
        ChainDescriptor descriptor = descriptor("chain: c\nfunctions:\n" + SOURCE
                + "  - type: sieve\n    name: s\n    config:\n      limits: {rate: 9}\n  - type: drain\n");
        descriptor.resolve(functions, List.of());
        ChainDescriptorException e = descriptor.explain(
                new NodeConfigurationException("s", new ConfigurationException("limits.rate", "too fast")));
        assertEquals(directory + "/c.yaml:7:22: functions[1].config.limits.rate: too fast", e.getMessage());
    }

    @Test
    void anchorsRepeatValues() throws IOException {
        Chain chain = chain("chain: c\nlink: &l {slots: 99}\nfunctions:\n" + SOURCE + "  - {type: drain, link: *l}\n");
        assertEquals(99, chain.links().getFirst().slots());
    }

    @Test
    void severalMistakesAreReportedAtOnceInTheFilesOrder() {
        assertEquals(
                List.of(
                        "c.yaml:1:1: memry: unknown field; did you mean 'memory'?"
                                + " known: chain, memory, function-path, link, on-failure, vms, functions, links",
                        "c.yaml:4:21: functions[0].config.file: text is needed here, not the number 5; write it in quotes",
                        "c.yaml:5:11: functions[1].type: unknown function 'siev'; did you mean 'sieve'?" + " known: "
                                + String.join(", ", functions.functions().keySet()),
                        "c.yaml:8:24: functions[2].config.rules[0].action: unknown value 'pass';"
                                + " known: pass-on, let-fall",
                        "c.yaml:8:38: functions[2].config.rules[0].source: 'home' is no network;"
                                + " write it as 192.0.2.0/24"),
                problems("""
                        memry: {}
                        chain: c
                        functions:
                          - {config: {file: 5}, type: pcap-source}
                          - type: siev
                          - type: sieve
                            config:
                              rules: [{action: pass, source: home}]
                          - type: drain
                        """.replace(
                        "- {type: pcap-source, config: {file: 5}}", "- {config: {    file: 5}, type: pcap-source}")));
    }

    /** Each: descriptor's lines from the third on ({@code |} = new line), and what is said of it. */
    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            - {type: pcap-source}|- type: drain ! 3:3: functions[0].config.file: is missing; add it: Capture to read
            - S|- {} ! 4:3: functions[1].type: is missing; add it: The function; 'nfv functions' lists them
            - S|- {type: drain, config: {a: 1}} ! 4:17: functions[1].config: function 'drain' has no configuration; remove it
            - S|- {type: sieve, config: {idle-timeout: 5}}|- type: drain ! 4:40: functions[1].config.idle-timeout: a duration is needed here, such as 500ms, 30s, 5m or 2h30m, not the number 5
            - S|- {type: sieve, config: {rules: {}}}|- type: drain ! 4:33: functions[1].config.rules: a list is needed here, not a mapping of keys to values
            - S|- {type: sieve, config: {log: yes}}|- type: drain ! 4:31: functions[1].config.log: true or false is needed here, not the text 'yes'
            - S|- {type: sieve, config: {weights: {a: -1}}}|- type: drain ! 4:39: functions[1].config.weights.a: must be greater than or equal to 0
            - S|- {type: sieve, config: {labels: [a, ' ']}}|- type: drain ! 4:38: functions[1].config.labels[1]: must not be blank
            - S|- {type: sieve, config: {rules: [{action: pass-on, source: 1.2.3.4, port: 65536}]}}|- type: drain ! 4:75: functions[1].config.rules[0].port: must be less than or equal to 65535
            - S|- {type: sieve, config: {rules: [{action: let-fall, source: 1.2.3.4, port: 1}]}}|- type: drain ! 4:76: functions[1].config.rules[0].port: port 1 cannot fall
            - S|- {type: sieve, config: {limits: {flows: 3000000000}}}|- type: drain ! 4:42: functions[1].config.limits.flows: must be from -2147483648 to 2147483647
            - S|- {type: drain, worker: -1} ! 4:25: functions[1].worker: must be greater than or equal to 0
            - S|- {type: drain, process: other} ! 4:26: functions[1].process: unknown value 'other'; known: same, own
            - S|- {type: drain, on-failure: {limit: 0}} ! 4:37: functions[1].on-failure.limit: must be greater than or equal to 1
            - S|- {type: drain, on-failure: {window: 2d}} ! 4:38: functions[1].on-failure.window: must be longer than nothing, and a day at most
            - S|- {type: drain, on-failure: {policy: shut}} ! 4:38: functions[1].on-failure.policy: unknown value 'shut'; known: closed, open, stop
            - S|- {type: drain, persist: 1s} ! 4:26: functions[1].persist: 'drain' knows nothing that could outlive it; remove 'persist' ('nfv functions NAME' says of a function whether it has a state to keep)
            - S|- {type: drain, persist: 50ms} ! 4:26: functions[1].persist: must be 100ms at least, and a day at most
            - S|- {type: drain, link: {slots: 1}} ! 4:31: functions[1].link.slots: must be greater than or equal to 4
            - S|- {type: drain, name: 'a b'} ! 4:23: functions[1].name: must be 1 to 32 letters, digits, '-', '_' or '.', beginning with a letter or digit
            - S|- {type: watch, name: a}|- {type: drain, name: a} ! 5:23: functions[2].name: two elements are named 'a'; rename one of them
            - type: drain|- type: drain ! 3:9: functions[0].type: 'drain' takes all packets; it can stand only at the chain's end
            - S|- S ! 4:12: functions[1].type: 'pcap-source' makes packets; it can stand only at the chain's beginning
            - S ! 3:3: functions[0]: a chain needs at least two elements: where packets come from and where they go
            - type: watch|- type: drain ! 3:3: functions[0]: no packets come to 'watch'; begin the chain with a source, such as pcap-source, or a port
            - S|- type: watch ! 4:3: functions[1]: packets of 'watch' have nowhere to go; end the chain with a sink, such as pcap-sink, or a port
            - S|- port: netmap:x|- type: drain ! 4:9: functions[1].port: a port can stand only at the chain's beginning or end; move 'netmap:x' there
            - port: netmap:x|- type: watch|- {port: netmap:x, name: b} ! 5:10: functions[2].port: port 'netmap:x' is used twice; give each end its own
            - S|- parallel: [type: watch, {type: sieve, worker: 1}]|- type: drain ! 4:34: functions[1].parallel[1].type: 'sieve' may change or drop packets, only read-only functions can run in parallel; put it on the path
            - S|- parallel: [type: watch, type: watch]|- type: drain ! 4:27: functions[1].parallel[1].worker: worker 0 already runs 'watch'; functions run in parallel on different workers only
            - S|- parallel: [type: watch]|- type: drain ! 4:3: functions[1].parallel: must have at least two functions
            - S|- {type: watch, name: w, process: own}|- parallel: [type: watch, {type: watch, worker: 1}]|- type: drain ! 5:3: functions[2].parallel: 'w' runs in a process of its own and cannot stand beside functions in parallel; remove its 'process' or put a function between them
            - S|- parallel: [type: watch, {type: watch, worker: 1}]|- {type: drain, process: own} ! 4:3: functions[1].parallel: 'drain' runs in a process of its own and cannot stand beside functions in parallel; remove its 'process' or put a function between them
            - S|- parallel: [type: watch, {type: watch, worker: 1}]|- parallel: [type: watch, {type: watch, worker: 1}]|- type: drain ! 4:3: functions[1].parallel: next to other functions in parallel, 'watch-3' and more; join the groups or put a function between them
            - S|- parallel: [type: watch, {type: watch, worker: 1}]|- {type: drain, link: {type: pipe}} ! 4:3: functions[1].parallel: a netmap port has one reader, functions in parallel cannot share it; give the links before and behind them 'type: auto'
            - S|- {type: watch, vm: a, process: own}|- type: drain ! 4:33: functions[1].process: a function runs in a process of this machine or in a virtual one; keep 'process' or 'vm'
            - S|- {type: watch, vm: a.b}|- type: drain ! 4:21: functions[1].vm: must be 1 to 32 letters, digits, '-' or '_', beginning with a letter or digit
            - S|- {type: watch, vm: a}|- type: sieve|- {type: watch, vm: a, name: w}|- type: drain ! 6:21: functions[3].vm: 'watch' and 'w' run in 'a', but 'sieve' between them does not; functions of one VM must be neighbours
            - S|- {type: watch, vm: a}|- {type: sieve, vm: a, link: {type: pipe}}|- type: drain ! 5:24: functions[2].link: 'watch' and 'sieve' are joined within 'a', where there are no pipes and switches; give their link 'type: auto', or each a VM of its own
            - S|- {type: sieve, vm: a}|- parallel: [{type: watch, vm: a}, {type: watch, worker: 1}]|- {type: drain, vm: a} ! 5:36: functions[2].parallel[1].vm: functions in parallel share the packets of one process; give 'watch' and 'watch-2' the same 'vm', or none
            - S|- {type: sieve, vm: a}|- parallel: [type: watch, {type: watch, worker: 1}]|- type: drain ! 5:3: functions[2].parallel: functions in parallel share the packets of one process with their neighbours, but 'sieve' runs elsewhere; give all of them the same 'vm', or none
            - S|- {type: watch, vm: a}|- type: drain|vms: {b: {cpus: 2}} ! 6:7: vms.b: no function runs in 'b'; place one there by 'vm: b', or remove it
            - S|- {type: watch, vm: a}|- type: drain|vms: {a: {memory: 64M}} ! 6:19: vms.a.memory: must be at least 192Mi, for a kernel and a Java runtime
            - S|- {type: watch, vm: a}|- type: drain|vms: {a: {cpus: 65}} ! 6:17: vms.a.cpus: must be less than or equal to 64
            - S|- {type: watch, vm: a}|- type: drain|vms: {a: {files: [x, a/../../b]}} ! 6:22: vms.a.files[1]: must lie in the directory of the chain's file, or below it
            - S|- {type: watch, vm: a}|- type: drain|vms: {a: {files: [/x]}} ! 6:19: vms.a.files[0]: must be relative to the chain's file
            - S|- {type: watch, vm: a}|- type: drain|vms: {a: {disk: 1}} ! 6:11: vms.a.disk: unknown field; known: memory, cpus, files
            - {type: pcap-source, config: {file: a}, link: {}}|- type: drain ! 3:42: functions[0].link: nothing leads to the chain's first element; remove it
            - S|- type: drain|links: [{from: pcap-source, to: drian}] ! 5:33: links[0].to: unknown element 'drian'; did you mean 'drain'? known: pcap-source, drain
            - S|- type: watch|- type: drain|links: [{from: pcap-source, to: drain}] ! 4:3: functions[1]: 'watch' is not reached from 'pcap-source'; add a link to it or remove it
            - S|- type: watch|- type: sieve|- type: drain|links: [{from: pcap-source, to: drain}, {from: watch, to: sieve}, {from: sieve, to: watch}] ! 4:3: functions[1]: cyclic chain: watch -> sieve -> watch; cut one of these links
            - S|- type: drain|links: [{from: pcap-source, to: drain}, {from: pcap-source, to: drain}] ! 5:48: links[1].from: the 'out' side of 'pcap-source' is used twice, first by the link from 'pcap-source' to 'drain'; each side takes one link
            """)
    void eachMistakeHasItsPlaceAndItsAdvice(String lines, String expected) {
        String text = "chain: c\nfunctions:\n"
                + lines.replace("|", "\n").replace("- S", "- {type:   pcap-source, config: {file: a}}") + "\n";
        assertEquals("c.yaml:" + expected, problems(text).getFirst());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            '' ! c.yaml:1:1: the file is empty; a chain begins with 'chain: NAME'
            '[]' ! c.yaml:1:1: a chain is a mapping that begins with 'chain: NAME', not a list
            'chain: c|chain: d' ! c.yaml:2:1: chain: given twice, first in line 1; keep one of them
            'chain: {}|functions: []' ! c.yaml:1:8: chain: a single value is needed here, not a mapping of keys to values
            'chain: c' ! c.yaml:1:1: functions: is missing; add it: What packets pass, from the chain's beginning to its end
            'chain: c|functions: []' ! c.yaml:2:1: functions: must have at least one element
            'functions: [type: drain]' ! c.yaml:1:1: chain: is missing; add it: Name of the chain
            'chain: c|--- |chain: d' ! c.yaml:2:1: a second YAML document; keep one chain in a file
            'chain: !!java.net.URL [x]' ! c.yaml:1:8: YAML tags such as 'tag:yaml.org,2002:java.net.URL' mean nothing here; remove it
            'chain: *x' ! c.yaml:1:8: no anchor 'x' before this alias
            '? [a] |: b' ! c.yaml:1:3: a key must be a single word
            'chain: c|memory: {buffer-size: 100}|functions: [type: drain]' ! c.yaml:2:23: memory.buffer-size: must be a multiple of 64
            """)
    void filesThatAreNoDescriptorsAreRefused(String text, String expected) {
        assertEquals(expected, problems(text.replace("|", "\n")).getFirst());
    }

    @Test
    void hostileFilesAreRefusedQuickly() throws IOException {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 60; i++) {
            laughs.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertTrue(problems(laughs.toString()).getFirst().contains("more than 100000 values"));
        assertTrue(problems("a: " + "[".repeat(500_000)).getFirst().contains("nested deeper than 32 levels"));
        assertTrue(problems("a: " + "{a: ".repeat(100_000)).getFirst().contains("nested deeper than 32 levels"));
        assertTrue(problems("a".repeat(YamlReader.MAX_LENGTH + 1)).getFirst().contains("longer than 1 MiB"));
        assertTrue(problems("a: &a [*a]").getFirst().contains("no anchor 'a'"));
        assertTrue(problems("chain: \u0007").getFirst().startsWith("c.yaml:1:8: not valid YAML"));
        assertTrue(problems("chain: [c").getFirst().startsWith("c.yaml:1:10: not valid YAML"));
        Files.write(directory.resolve("b.yaml"), new byte[] {(byte) 0xc3, 0x28});
        ChainDescriptorException e =
                assertThrows(ChainDescriptorException.class, () -> ChainDescriptor.read(directory.resolve("b.yaml")));
        assertTrue(e.getMessage().endsWith("b.yaml: not UTF-8 text; is it a chain descriptor?"));
        assertThrows(ChainDescriptorException.class, () -> ChainDescriptor.read(directory.resolve("none.yaml")));
        assertThrows(ChainDescriptorException.class, () -> ChainDescriptor.read(directory));
    }

    @Test
    void theRegistryMakesInstancesWithTheirConfiguration() throws IOException {
        Chain chain = chain("chain: c\nfunctions:\n" + SOURCE + "  - type: drain\n");
        Node node = chain.nodes().getFirst();
        TestFunctions.Source source =
                assertInstanceOf(TestFunctions.Source.class, functions.create(node.type(), node.config()));
        assertEquals("in.pcap", source.config.file());
        assertInstanceOf(
                TestFunctions.Drain.class,
                functions.create("drain", chain.nodes().getLast().config()));
    }
}
