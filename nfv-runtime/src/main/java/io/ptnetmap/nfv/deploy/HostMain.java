// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.host.AttachServer;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
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

    /** What {@link #main} is to be given. */
    static List<String> arguments(Path socket, RegionConfig region) {
        List<String> arguments = new ArrayList<>(List.of(socket.toString()));
        IntStream.of(region.bufNum(), region.bufSize(), region.ringNum(), region.ringSize(), region.ifNum())
                .forEach(number -> arguments.add(Integer.toString(number)));
        return arguments;
    }

    /**
     * Runs as long as somebody is attached.
     *
     * @param given socket, buffers, their size, rings, their size, {@code netmap_if} objects; or nothing, and {@linkplain
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

    private static void run(String[] arguments) throws InterruptedException {
        int[] sizes =
                Arrays.stream(arguments).skip(1).mapToInt(Integer::parseInt).toArray();
        RegionConfig config = RegionConfig.DEFAULT
                .withBuffers(sizes[0], sizes[1])
                .withRings(sizes[2], sizes[3])
                .withInterfaces(sizes[4]);
        try (EmbeddedHost host = EmbeddedHost.create(config);
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
