// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.host.AttachServer;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.engine.SwitchLink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The process that keeps the region of a chain of several processes. It is none of those that move packets, so each of
 * these can die without the others losing their memory. Ends when nobody has been attached for a while.
 */
public final class HostMain {
    private static final long LOOK_MILLIS = 500;
    /** Half-second looks without anybody attached before the process ends. */
    private static final int PATIENCE = 20;

    private HostMain() {}

    /** Sizes of a region and how many there are. */
    private static final int NUMBERS = 6;

    /** What {@link #main} is to be given. */
    static List<String> arguments(Path socket, MemoryPlan plan, List<SwitchLink> switches) {
        RegionConfig region = plan.region();
        List<String> arguments = new ArrayList<>(List.of(socket.toString()));
        IntStream.of(
                        region.bufNum(),
                        region.bufSize(),
                        region.ringNum(),
                        region.ringSize(),
                        region.ifNum(),
                        plan.regions())
                .forEach(number -> arguments.add(Integer.toString(number)));
        for (SwitchLink link : switches) {
            arguments.add(String.join(
                    " ",
                    Integer.toString(link.link()),
                    link.vale(),
                    Integer.toString(link.slots()),
                    Integer.toString(link.region())));
        }
        return arguments;
    }

    private static SwitchLink switchLink(String argument) {
        String[] words = argument.split(" ");
        return new SwitchLink(
                Integer.parseInt(words[0]), words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
    }

    /**
     * Runs as long as somebody is attached.
     *
     * @param given socket, buffers, their size, rings, their size, {@code netmap_if} objects, regions, then a switch each; or
     *     nothing, and {@linkplain
     *     JavaProcess#arguments these} follow
     */
    public static void main(String[] given) throws InterruptedException {
        // Ctrl-C is for the supervisor, which then lets the packets arrive first.
        Linux.newSession();
        String[] arguments = given.length > 0 ? given : JavaProcess.arguments(System.in);
        if (arguments.length > 0) {
            run(arguments);
        }
    }

    /**
     * A host with all that the chain's ports need before they are opened.
     *
     * @param regions of the same size, numbered from 1
     */
    static EmbeddedHost create(RegionConfig config, int regions, List<SwitchLink> switches) {
        EmbeddedHost host = EmbeddedHost.create(config);
        try {
            for (int i = 1; i < regions; i++) {
                host.createRegion(config);
            }
            switches.forEach(link -> SwitchAccounts.make(host, link));
            return host;
        } catch (RuntimeException failure) {
            host.close();
            throw failure;
        }
    }

    private static void run(String[] arguments) throws InterruptedException {
        int[] sizes = Arrays.stream(arguments)
                .skip(1)
                .limit(NUMBERS)
                .mapToInt(Integer::parseInt)
                .toArray();
        RegionConfig config = RegionConfig.DEFAULT
                .withBuffers(sizes[0], sizes[1])
                .withRings(sizes[2], sizes[3])
                .withInterfaces(sizes[4]);
        List<SwitchLink> switches = Arrays.stream(arguments)
                .skip(1 + NUMBERS)
                .map(HostMain::switchLink)
                .toList();
        try (EmbeddedHost host = create(config, sizes[NUMBERS - 1], switches);
                AttachServer server = host.serve(Path.of(arguments[0]))) {
            for (int alone = 0; alone < PATIENCE; alone = server.connections() == 0 ? alone + 1 : 0) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (LinuxException refused) {
            System.err.println("nfv: " + refused.getMessage());
            System.exit(1);
        }
    }
}
