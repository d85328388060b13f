// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.host.AttachClient;
import io.ptnetmap.host.EmbeddedHost;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The test kit over the socket of an embedded host: what another process sees, in this one. */
class AttachedHostPortTest extends NetmapPortTck {
    @TempDir
    Path directory;

    private EmbeddedHost host;

    @Override
    protected Netmap create() {
        host = EmbeddedHost.create();
        return Netmap.over(
                AttachClient.connect(host.serve(directory.resolve("host.sock")).path()));
    }

    @Override
    protected void discard(Netmap netmap) {
        netmap.close();
        EmbeddedHostPortTest.assertNothingLeft(host);
        host.close();
    }

    @Override
    protected int rounds() {
        return 20_000;
    }
}
