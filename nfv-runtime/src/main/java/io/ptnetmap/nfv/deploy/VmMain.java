// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.EngineBuilder;
import io.ptnetmap.nfv.engine.EnginePorts;
import io.ptnetmap.nfv.engine.Layout;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.Profiler;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.vm.MachineConfig;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The process of the functions with {@code vm: NAME}, in the guest. Its ports are the machine's network interfaces: {@code
 * eth0} and so on are the ends of pipes and then the scratch rings of the part's {@link Layout}, in its order. Its supervisor
 * talks to it through a virtio port; with the end of that conversation the process ends, and the machine with it.
 */
public final class VmMain {
    /** The argument that has the functions' time taken. It cannot be recorded: guests have no JDK Flight Recorder. */
    static final String TIMED = "timed";

    private final Path chainFile;
    private final String vm;
    private final String pcap;
    private final boolean timed;
    private final String links;
    private final PartFiles files;
    private final Supplier<IntFunction<NetmapPort>> interfaces;

    /** Those that the part's engine has its functions from, as soon as it is built. */
    private volatile FunctionRegistry functions;

    private VmMain(String[] arguments, Supplier<IntFunction<NetmapPort>> interfaces) {
        this.chainFile = Path.of(arguments[0]).toAbsolutePath();
        this.vm = arguments[1];
        this.pcap = arguments[2];
        this.timed = arguments[3].equals(TIMED);
        this.links = arguments[4];
        this.files = new PartFiles(chainFile.getParent());
        this.interfaces = interfaces;
    }

    /**
     * @param arguments chain file, virtual machine, capture (may be empty), {@value #TIMED} if the functions' time is to be taken,
     *     numbers of the links (may be empty)
     */
    public static void main(String[] arguments) throws IOException {
        try (RandomAccessFile device = new RandomAccessFile(MachineConfig.CONTROL_DEVICE.toFile(), "rw")) {
            InputStream in = new FileInputStream(device.getFD());
            OutputStream out = new FileOutputStream(device.getFD());
            serve(new Control(in, out, device), arguments, () -> {
                Netmap netmap = Netmap.over(new KernelDriver());
                return number -> netmap.openPort("netmap:eth" + number);
            });
        }
        System.exit(0);
    }

    /**
     * Runs the part and answers its supervisor until that wants it to end.
     *
     * @param arguments of {@link #main}
     * @param interfaces opens the machine's network interfaces, by number
     */
    static void serve(Control control, String[] arguments, Supplier<IntFunction<NetmapPort>> interfaces)
            throws IOException {
        VmMain part = new VmMain(arguments, interfaces);
        PartServer server = new PartServer(
                "vm " + part.vm,
                0,
                part.files,
                part::build,
                nodesOf(part.vm),
                order -> part.read(part.files.path(order.chain())));
        server.start();
        server.serve(control);
    }

    private Engine build() {
        functions = FunctionRegistry.open();
        Chain chain = read(chainFile);
        LinkIds ids = PresentChain.links(links).orElseGet(() -> LinkIds.of(chain));
        Layout layout = new Layout(chain, ids, nodesOf(vm));
        EngineBuilder builder =
                Engine.builder(new Interfaces(vm, interfaces.get(), layout)).links(ids);
        if (timed) {
            builder.profiled(Profiler.TIMES_ONLY);
        }
        builder.states(function -> KeptFile.open(files.path(RunDirectory.keptName(function))));
        return builder.build(chain, nodesOf(vm), functions);
    }

    private Chain read(Path file) {
        ChainDescriptor read = ChainDescriptor.read(file);
        ChainDescriptor chosen = pcap.isEmpty() ? read : read.withPcap(Path.of(pcap));
        return chosen.resolve(functions, List.of());
    }

    /** The functions that run in a machine. */
    private static Predicate<Node> nodesOf(String vm) {
        return node -> node.vm().equals(vm);
    }

    /** The host's ports that become a machine's network interfaces, in their order. */
    static List<String> portsOf(Chain chain, String vm) {
        Layout layout = new Layout(chain, nodesOf(vm));
        List<String> ports = new ArrayList<>();
        layout.pipeEnds().forEach(end -> ports.add(end.port(chain)));
        int machine = List.copyOf(chain.vms().keySet()).indexOf(vm);
        List<Integer> scratches = layout.scratchRings();
        for (int i = 0; i < scratches.size(); i++) {
            ports.add(Layout.scratchPort(chain, region(chain, vm), machine, i, scratches.get(i)));
        }
        return ports;
    }

    /** Where all ports of a machine lie: its functions are neighbours, and joined by calls and threads. */
    private static int region(Chain chain, String vm) {
        int stage = 0;
        while (!nodesOf(vm).test(chain.stages().get(stage).nodes().getFirst())) {
            stage++;
        }
        return chain.region(stage);
    }

    /** A machine's network interfaces: as many as its chain's layout takes when it starts. */
    private static final class Interfaces implements EnginePorts {
        private final String vm;
        private final IntFunction<NetmapPort> byNumber;
        private final List<Layout.PipeEnd> pipeEnds;
        private final List<Integer> scratchRings;
        private int scratches;

        Interfaces(String vm, IntFunction<NetmapPort> byNumber, Layout layout) {
            this.vm = vm;
            this.byNumber = byNumber;
            this.pipeEnds = layout.pipeEnds();
            this.scratchRings = layout.scratchRings();
        }

        @Override
        public NetmapPort pipeEnd(Chain chain, Layout.PipeEnd end) {
            int number = pipeEnds.indexOf(end);
            if (number < 0) {
                throw noneLeft();
            }
            return byNumber.apply(number);
        }

        @Override
        public NetmapPort outside(String specification) {
            throw new IllegalStateException("ports of the host, such as " + specification + ", are not in machines");
        }

        @Override
        public NetmapPort scratch(int slots) {
            if (scratches == scratchRings.size()) {
                throw noneLeft();
            }
            NetmapPort port = byNumber.apply(pipeEnds.size() + scratches++);
            if (port.txRing(0).slots() != slots) {
                throw new IllegalStateException(
                        port.name() + " has " + port.txRing(0).slots() + " slots instead of " + slots
                                + ": the guest image and this program are of different versions; run './nfv setup image'");
            }
            return port;
        }

        private IllegalStateException noneLeft() {
            return new IllegalStateException("virtual machine '" + vm
                    + "' has the network interfaces that it was started with, and no other one: start the chain anew");
        }
    }
}
