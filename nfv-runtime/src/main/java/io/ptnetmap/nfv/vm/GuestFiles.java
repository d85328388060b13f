// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;

/** Files that a guest gets besides those of its image. What it is to run, it finds in {@code part/java.args}. */
public interface GuestFiles {
    /** Adds them, with paths from the guest's root. */
    void addTo(CpioArchive archive) throws IOException;
}
