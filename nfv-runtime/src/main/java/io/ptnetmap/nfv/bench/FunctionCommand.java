// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.bench.FlowTraffic.Protocol;
import io.ptnetmap.nfv.bench.FlowTraffic.Shape;
import io.ptnetmap.nfv.chain.FunctionConfig;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.chain.Units;
import io.ptnetmap.nfv.options.FunctionPathOption;
import io.ptnetmap.nfv.registry.FunctionDescription;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "function",
        description = {
            "Measures a function by itself: how many packets a second one core gets through it, and what it allocates.",
            "",
            "First all flows begin: each one's first packet, and the answer to what came out. Then each round sends their"
                    + " packets in random order, in turn from both sides. Where --config, --flows, --size or --batch have"
                    + " several values, all of them are compared, by turns, in one run.",
            ""
        })
final class FunctionCommand extends ScenarioCommand {
    private static final String OFF = "off";
    private static final int LARGEST = 2048;

    @Parameters(paramLabel = "NAME", description = "The function: see 'nfv functions'.")
    private String name;

    @Option(
            names = "--config",
            paramLabel = "FILE|YAML",
            description = "Its configuration, as under 'config:' in a chain: a file, or YAML in braces such as"
                    + " '{max-flows: 1000}'. Repeat it to compare several.")
    private List<String> configs = new ArrayList<>(List.of("{}"));

    @Mixin
    private FunctionPathOption functionPath = new FunctionPathOption();

    @Option(
            names = "--flows",
            split = ",",
            paramLabel = "COUNT",
            defaultValue = "1000",
            description = "Flows, a list. Default: ${DEFAULT-VALUE}.")
    private List<Integer> flows;

    @Option(
            names = "--size",
            split = ",",
            paramLabel = "BYTES",
            defaultValue = "60",
            description = "Bytes of each packet without Ethernet's checksum, a list. Default: ${DEFAULT-VALUE}.")
    private List<Integer> sizes;

    @Mixin
    private BatchesOption batches = new BatchesOption();

    @Option(
            names = "--protocol",
            paramLabel = "NAME",
            defaultValue = "udp",
            description = "udp or tcp. Default: ${DEFAULT-VALUE}.")
    private Protocol protocol;

    @Option(
            names = "--ip-version",
            paramLabel = "4|6",
            defaultValue = "4",
            description = "4 or 6. Default: ${DEFAULT-VALUE}.")
    private int ipVersion;

    @Option(
            names = "--persist",
            split = ",",
            paramLabel = "TIME",
            defaultValue = OFF,
            description =
                    "Keep its state, at most so old after a crash, as 'persist' does in a chain: what that costs the worker."
                            + " A list, where 'off' keeps nothing. Default: ${DEFAULT-VALUE}.")
    private List<String> persists;

    @Option(
            names = "--packets",
            paramLabel = "COUNT",
            defaultValue = "2000000",
            description = "Packets of each round, at least. Default: ${DEFAULT-VALUE}.")
    private long packets;

    /** One of what is compared. */
    private record Case(String config, Shape shape, int batch, String persist) {}

    @Override
    Map<String, String> prepare() {
        return Map.of();
    }

    @Override
    Map<String, Object> parameters() {
        flows.forEach(count -> requireRange("--flows", count, 1, FlowTraffic.MAX_FLOWS));
        requireRange("--packets", packets, 1, Long.MAX_VALUE / 1000);
        if (ipVersion != 4 && ipVersion != 6) {
            throw wrong("--ip-version " + ipVersion + ": give 4 or 6");
        }
        int least = new Shape(1, 0, protocol, ipVersion).least();
        sizes.forEach(size -> requireRange("--size", size, least, LARGEST));
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("function", name);
        parameters.put("packets", packets);
        parameters.put("protocol", protocol.name().toLowerCase(Locale.ROOT));
        parameters.put("IPv", ipVersion);
        once(parameters, "config", configs);
        once(parameters, "flows", flows);
        once(parameters, "size", sizes);
        once(parameters, "batch", batches.sizes(this));
        persists.forEach(this::bound);
        once(parameters, "persist", persists);
        return parameters;
    }

    private Optional<Duration> bound(String persist) {
        return persist.equals(OFF)
                ? Optional.empty()
                : Optional.of(Units.duration(persist)
                        .filter(bound -> !bound.isZero())
                        .orElseThrow(() -> wrong("--persist " + persist + ": give 'off' or a time such as 1s")));
    }

    /** What has several values tells the contenders apart instead. */
    private static void once(Map<String, Object> parameters, String key, List<?> values) {
        if (values.size() == 1 && !values.getFirst().equals("{}")) {
            parameters.put(key, values.getFirst());
        }
    }

    @Override
    void measure(Session session) {
        try (FunctionRegistry functions = FunctionRegistry.open(functionPath.paths())) {
            FunctionDescription function = functions
                    .find(name)
                    .orElseThrow(() -> wrong("unknown function '" + name + "'"
                            + Suggestion.among(name, functions.functions().keySet())));
            measure(session, function, functions);
        }
    }

    private void measure(Session session, FunctionDescription function, FunctionRegistry functions) {
        if (!function.stateful() && !persists.equals(List.of(OFF))) {
            throw wrong("--persist: '" + name + "' knows nothing that could outlive it");
        }
        List<FunctionRig> rigs = new ArrayList<>();
        List<Contender> contenders = new ArrayList<>();
        try (PinnedThread thread = new PinnedThread(Machine.pair().getFirst())) {
            for (Case each : cases()) {
                FunctionRig rig = rig(each, function, functions);
                rigs.add(rig);
                thread.call(rig::establish);
                contenders.add(new Contender(title(each), () -> thread.call(() -> rig.run(packets))));
            }
            boolean keeps = persists.stream().anyMatch(persist -> !persist.equals(OFF));
            session.measure(
                    new Variant(Map.of(), keeps ? FunctionRig.METRICS_WITH_STATE : FunctionRig.METRICS, contenders));
        } finally {
            rigs.forEach(FunctionRig::close);
        }
    }

    private List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (String config : configs) {
            for (int count : flows) {
                for (int size : sizes) {
                    for (int batch : batches.sizes(this)) {
                        persists.forEach(persist -> cases.add(
                                new Case(config, new Shape(count, size, protocol, ipVersion), batch, persist)));
                    }
                }
            }
        }
        return cases;
    }

    private FunctionRig rig(Case each, FunctionDescription function, FunctionRegistry functions) {
        boolean inline = each.config().stripLeading().startsWith("{");
        Path directory =
                inline ? Path.of("") : Path.of(each.config()).toAbsolutePath().getParent();
        FunctionConfig config = inline
                ? FunctionConfig.parse(each.config(), "--config", function, functions)
                : FunctionConfig.read(Path.of(each.config()), function, functions);
        try {
            NetworkFunction made = functions.create(name, config.value());
            return new FunctionRig(
                    function.kind(),
                    made,
                    directory,
                    new FlowTraffic(each.shape()),
                    each.batch(),
                    bound(each.persist()));
        } catch (ConfigurationException refusal) {
            throw config.explain(new NodeConfigurationException(name, refusal));
        } catch (NodeConfigurationException refusal) {
            throw config.explain(refusal);
        }
    }

    private String title(Case each) {
        List<String> words = new ArrayList<>();
        if (configs.size() > 1) {
            words.add(each.config());
        }
        if (flows.size() > 1) {
            words.add(each.shape().flows() + " flows");
        }
        if (sizes.size() > 1) {
            words.add(each.shape().size() + " bytes");
        }
        if (batches.sizes(this).size() > 1) {
            words.add("batch " + each.batch());
        }
        if (persists.size() > 1) {
            words.add("persist " + each.persist());
        }
        return words.isEmpty() ? name : String.join(", ", words);
    }
}
