// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.host.EmbeddedHost;
import java.util.List;

/** The test kit over ports of a VALE switch: what stands for a pipe is a switch with two ports. */
class ValePortTest extends NetmapPortTck {
    @Override
    protected Netmap create() {
        return Netmap.over(EmbeddedHost.create());
    }

    @Override
    protected void discard(Netmap netmap) {
        assertEquals(List.of(), netmap.driver().valeList(), "ports go when they are closed, switches with their last");
        netmap.close();
    }

    @Override
    protected boolean pipes() {
        return false;
    }

    @Override
    protected String spec(String parent, String suffix) {
        return switchPort(parent, suffix);
    }

    /** <code>tck7</code> and <code>{1@conf:slots=8</code> make {@code valetck7_1:m@conf:slots=8}. */
    static String switchPort(String parent, String suffix) {
        String end = suffix.charAt(0) == '{' ? "m" : "s";
        return "vale" + parent + "_" + suffix.charAt(1) + ":" + end + suffix.substring(2);
    }
}
