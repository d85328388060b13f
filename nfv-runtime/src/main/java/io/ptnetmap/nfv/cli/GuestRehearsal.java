// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.deploy.VmRehearsal;
import java.io.IOException;

/** As {@link Rehearsal}, for what runs in a virtual machine: a tool, then a chain's part. */
public final class GuestRehearsal {
    private GuestRehearsal() {}

    /** @param arguments of {@link VmRehearsal} */
    public static void main(String[] arguments) throws IOException {
        int failed = Main.execute("pkt-gen", "-i", "netmap:rehearsal{1", "-f", "tx", "-n", "1");
        if (failed != 0) {
            System.exit(failed);
        }
        VmRehearsal.main(arguments);
    }
}
