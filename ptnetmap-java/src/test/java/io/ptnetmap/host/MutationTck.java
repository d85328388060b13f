// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A hostile user of the host that writes whatever it likes, often, beside others who must not notice. */
@Timeout(120)
abstract class MutationTck {
    final Innocents others = new Innocents();
    final Random random = others.random();

    /** Has the hostile one act so often, and judges what is left. */
    abstract void survive(int mutations) throws Exception;

    @Test
    final void twentyThousandMutations() throws Exception {
        survive(20_000);
    }

    @Test
    @Tag("soak")
    @Timeout(900)
    final void aMillionMutations() throws Exception {
        survive(1_000_000);
    }
}
