// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("io.ptnetmap.nfv.FunctionBatch")
@Label("Function Batch")
@Category({"ptnetmap", "Chain"})
@Description("A function processes a batch of packets; a sample, some hundred per second and worker at most")
@StackTrace(false)
final class FunctionBatch extends Event {
    @Label("Function")
    @Description("Name in the chain")
    String function;

    @Label("Packets")
    @Description("Packets given to the function and created by it")
    int packets;
}
