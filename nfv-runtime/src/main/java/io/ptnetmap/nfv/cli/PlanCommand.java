// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.host.HugePages;
import io.ptnetmap.host.RegionPages;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.client.NodeException;
import io.ptnetmap.nfv.deploy.MemoryPlan;
import io.ptnetmap.nfv.node.model.Plan;
import io.ptnetmap.nfv.options.FunctionPathOption;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nfv plan}: what will become of a chain, before it does. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Tells what 'nfv apply' would do with a chain, or what the chain takes of memory, and changes nothing.",
            "",
            "Without --memory the node is asked: which functions and links it would add, remove, replace, reconfigure and leave"
                    + " alone, and whether packets would flow meanwhile or why not. With --memory no node is asked: pipes, ports and scratch"
                    + " rings are shown, and the memory region that has room for them. A chain that does not fit is refused, with"
                    + " what it would need.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv plan -f edge.yaml",
            "  nfv plan -f edge.yaml --memory",
            "",
            "Exit codes: 0 it can be done, 1 it cannot, 2 wrong usage, 3 wrong chain file, 4 no answer, or no permission."
        })
final class PlanCommand implements Callable<Integer> {
    private static final double MIB = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DescriptorFiles files;

    @Option(names = "--memory", description = "Plan the memory, without a node.")
    private boolean memory;

    @Mixin
    private OutputOption output;

    @Mixin
    private FunctionPathOption functionPath;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        List<DescriptorFile> chains = files.read();
        if (memory) {
            return chains.stream().mapToInt(this::planMemory).reduce(ExitCodes.OK, Math::max);
        }
        try (NodeSession session = node.connect()) {
            for (DescriptorFile chain : chains) {
                planChange(session, chain);
            }
        }
        return ExitCodes.OK;
    }

    private void planChange(NodeSession session, DescriptorFile descriptor) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try {
            // The node refuses a descriptor that does not have the name of its address.
            String name = descriptor.chain().orElse("chain");
            Plan plan = session.get(client -> client.plan(name, descriptor.descriptor()));
            switch (output.form()) {
                case JSON -> out.println(Documents.json(plan));
                case YAML -> out.print(Documents.yaml(plan));
                case NAME -> out.println("chain/" + plan.chain());
                case TABLE, WIDE -> ChangeText.of(plan).forEach(out::println);
            }
            out.flush();
        } catch (NodeException refused) {
            throw descriptor.explain(refused);
        }
    }

    /** Returns the exit code. */
    private int planMemory(DescriptorFile file) {
        ChainDescriptor descriptor = file.parse();
        List<Path> paths = functionPath.behindThoseOf(descriptor);
        PrintWriter out = spec.commandLine().getOut();
        try (FunctionRegistry functions = FunctionRegistry.open(paths)) {
            Chain chain = descriptor.resolve(functions, paths);
            MemoryPlan plan = MemoryPlan.of(chain);
            switch (output.form()) {
                case JSON -> out.println(Documents.json(json(chain, plan)));
                case YAML -> out.print(Documents.yaml(json(chain, plan)));
                case NAME -> out.println("chain/" + chain.name());
                case TABLE, WIDE -> print(chain, plan, out);
            }
            out.flush();
            return RegionPages.of(plan.region()).refused() ? ExitCodes.CHAIN_FAILED : ExitCodes.OK;
        }
    }

    private static void print(Chain chain, MemoryPlan plan, PrintWriter out) {
        out.println(chain.name() + ": memory");
        TextTable table = new TextTable("lrrrrr", "what", "ports", "rings", "slots", "buffers", "MiB");
        for (MemoryPlan.Item item : plan.items()) {
            table.row(
                    item.name(),
                    Figures.count(item.interfaces()),
                    Figures.count(item.rings()),
                    Figures.count(item.slots()),
                    Figures.count(item.buffers()),
                    mib((long) item.buffers() * plan.bufferSize()));
        }
        table.row("never handed out", "0", "0", "0", "2", mib(2L * plan.bufferSize()));
        table.row(
                "all",
                Figures.count(plan.interfaces()),
                Figures.count(plan.rings()),
                Figures.count(plan.slots()),
                Figures.count(plan.buffers()),
                mib(plan.bytesUsed()));
        table.row(
                plan.regions() == 1 ? "region" : "each of " + plan.regions() + " regions",
                Figures.count(plan.region().ifNum()),
                Figures.count(plan.region().ringNum()),
                Figures.count((plan.region().ringSize() - 256) / 16),
                Figures.count(plan.region().bufNum()),
                mib(plan.bytesReserved() / plan.regions()));
        table.lines().forEach(line -> out.println("  " + line));
        RegionPages pages = RegionPages.of(plan.region());
        out.println("Buffers of " + plan.bufferSize() + " bytes. Of the region, memory is taken "
                + (pages.huge() ? "at once." : "as it is used."));
        if (pages.wanted() != HugePages.OFF) {
            out.println((pages.refused() ? "It cannot be made: " + pages.why() : "In " + pages) + "."
                    + (plan.regions() > 1
                            ? " That is the first of " + plan.regions() + " regions; the others take theirs after it."
                            : ""));
        }
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / MIB);
    }

    private static Map<String, Object> json(Chain chain, MemoryPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("chain", chain.name());
        json.put("buffer-size", plan.bufferSize());
        List<Map<String, Object>> items = new ArrayList<>();
        for (MemoryPlan.Item item : plan.items()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", item.name());
            entry.put("ports", item.interfaces());
            entry.put("rings", item.rings());
            entry.put("slots", item.slots());
            entry.put("buffers", item.buffers());
            entry.put("region", item.region());
            items.add(entry);
        }
        json.put("items", items);
        Map<String, Object> needed = new LinkedHashMap<>();
        needed.put("ports", plan.interfaces());
        needed.put("rings", plan.rings());
        needed.put("slots", plan.slots());
        needed.put("buffers", plan.buffers());
        needed.put("bytes", plan.bytesUsed());
        json.put("needed", needed);
        Map<String, Object> region = new LinkedHashMap<>();
        region.put("ports", plan.region().ifNum());
        region.put("rings", plan.region().ringNum());
        region.put("ring-size", plan.region().ringSize());
        region.put("buffers", plan.region().bufNum());
        region.put("bytes", plan.bytesReserved());
        region.put("count", plan.regions());
        RegionPages pages = RegionPages.of(plan.region());
        region.put("huge-pages", pages.wanted().toString());
        region.put("page-size", pages.pageSize());
        region.put("pages", pages.count());
        region.put("why", pages.why());
        json.put("region", region);
        return json;
    }
}
