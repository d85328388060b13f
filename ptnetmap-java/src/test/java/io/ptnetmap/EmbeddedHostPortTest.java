// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.host.BufferAudit;
import io.ptnetmap.host.EmbeddedHost;

/** The test kit over an embedded host of this process. */
class EmbeddedHostPortTest extends NetmapPortTck {
    @Override
    protected Netmap create() {
        return Netmap.over(EmbeddedHost.create());
    }

    @Override
    protected void discard(Netmap netmap) {
        assertNothingLeft((EmbeddedHost) netmap.driver());
        netmap.close();
    }

    /** With every port closed, every buffer must be free. */
    static void assertNothingLeft(EmbeddedHost host) {
        BufferAudit audit = host.audit(1);
        assertTrue(audit.clean(), audit::toString);
        assertEquals(audit.total() - 2, audit.free(), audit::toString);
    }
}
