// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.host.AttachServer;
import io.ptnetmap.host.EmbeddedHost;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The binding's test kit over {@code /dev/netmap} of a guest: pipes of the guest's own, and two NICs that are a host's pipe. */
@Tag("vm")
class GuestTckTest {
    private static final int SECONDS = 1200;

    @Test
    void allPassInAGuest(@TempDir Path directory) {
        Guest.hypervisor();
        // The kit, JUnit and what it needs.
        List<Path> classPath = Arrays.stream(
                        System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.matches(".*(ptnetmap-java.*test|junit|opentest4j|apiguardian|jspecify).*"))
                .map(Path::of)
                .toList();
        try (EmbeddedHost host = EmbeddedHost.create();
                AttachServer server = host.serve(directory.resolve("host.sock"));
                Guest guest = Guest.boot(
                        directory, server.path(), List.of("netmap:tck{1", "netmap:tck}1"), List.of(), classPath)) {
            guest.run("ip link set eth0 up; ip link set eth1 up");
            String said = guest.expect(
                    0,
                    Guest.JAVA + " -Dtck.left=netmap:eth0 -Dtck.right=netmap:eth1 -Dtck.rounds=2000"
                            + " io.ptnetmap.PortTckMain",
                    SECONDS);
            assertTrue(said.contains(" 0 failed,"), said);
            System.out.println(said.lines().toList().getLast());
        }
    }
}
