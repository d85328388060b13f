// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.host.AttachClient;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.SettledDriver;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** The test kit over ports of a VALE switch that another process keeps, which is this one: its loop's thread serves them. */
class AttachedValePortTest extends NetmapPortTck {
    @TempDir
    Path directory;

    private EmbeddedHost host;

    @Override
    protected Netmap create() {
        host = EmbeddedHost.create();
        return Netmap.over(new SettledDriver(
                host,
                AttachClient.connect(host.serve(directory.resolve("host.sock")).path())));
    }

    @Override
    protected void discard(Netmap netmap) {
        netmap.close();
        assertEquals(List.of(), host.valeList());
        host.close();
    }

    @Override
    protected boolean pipes() {
        return false;
    }

    @Override
    protected int rounds() {
        return 5_000;
    }

    @Override
    protected String spec(String parent, String suffix) {
        return ValePortTest.switchPort(parent, suffix);
    }
}
