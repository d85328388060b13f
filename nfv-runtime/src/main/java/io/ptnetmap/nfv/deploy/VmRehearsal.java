// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChangeOrder.Step;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Does here what {@link VmMain} does in a guest, with ports of an embedded host in the place of network interfaces: for the build
 * of the guest image, where the JVM records what it loads and links meanwhile, so that guests start faster.
 */
public final class VmRehearsal {
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(1);
    private static final int LOOKS = 50;

    private VmRehearsal() {}

    /** @param arguments chain file, virtual machine */
    public static void main(String[] arguments) throws IOException {
        Path chainFile = Path.of(arguments[0]);
        String vm = arguments[1];
        Pipe commands = Pipe.open();
        Pipe replies = Pipe.open();
        try (EmbeddedHost host = EmbeddedHost.create()) {
            List<String> ports = VmMain.portsOf(chain(chainFile), vm);
            Netmap netmap = Netmap.over(host);
            Thread.ofPlatform().name("supervisor").start(() -> supervise(control(replies, commands), chain(chainFile)));
            VmMain.serve(
                    control(commands, replies),
                    new String[] {chainFile.toString(), vm, "", "", ""},
                    () -> number -> netmap.openPort(ports.get(number)));
        }
    }

    private static Control control(Pipe in, Pipe out) {
        return new Control(Channels.newInputStream(in.source()), Channels.newOutputStream(out.sink()), out.sink());
    }

    private static Chain chain(Path file) {
        try (FunctionRegistry functions = FunctionRegistry.open()) {
            return ChainDescriptor.read(file).resolve(functions, List.of());
        }
    }

    /** Into what it is already: that takes the same classes, too. */
    private static void change(Control control, Chain chain) throws IOException {
        String file = chain.source().toAbsolutePath().toString();
        for (ChangeOrder order : List.of(
                ChangeOrder.prepare(file, LinkIds.of(chain)),
                ChangeOrder.hold(Set.of()),
                ChangeOrder.of(Step.PROBE),
                ChangeOrder.of(Step.SEAL),
                ChangeOrder.of(Step.COMMIT),
                ChangeOrder.of(Step.FINISH))) {
            control.ask(order, ANSWER_LIMIT);
        }
    }

    private static void supervise(Control control, Chain chain) {
        try {
            Control.Reply reply = control.ask(Control.Command.STATUS, ANSWER_LIMIT);
            for (int looks = 0; looks < LOOKS || !reply.ready() && reply.error().isEmpty(); looks++) {
                Thread.sleep(10);
                reply = control.ask(Control.Command.STATUS, ANSWER_LIMIT);
            }
            change(control, chain);
            for (Control.Command command :
                    List.of(Control.Command.STOP_SOURCES, Control.Command.REPORTS, Control.Command.EXIT)) {
                control.ask(command, ANSWER_LIMIT);
            }
        } catch (IOException ended) {
            throw new IllegalStateException(ended);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
