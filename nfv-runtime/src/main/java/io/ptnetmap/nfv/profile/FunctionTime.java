// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name("io.ptnetmap.nfv.FunctionTime")
@Label("Function Time")
@Category({"ptnetmap", "Chain"})
@Description("What a function has done since its last such event")
@Period("1 s")
@StackTrace(false)
final class FunctionTime extends Event {
    @Label("Function")
    @Description("Name in the chain")
    String function;

    @Label("Worker")
    @Description("Number of the worker that runs it")
    int worker;

    @Label("Packets")
    @Description("Packets given to the function and created by it")
    long packets;

    @Label("Batches")
    @Description("Calls with any packet")
    long batches;

    @Label("Time")
    @Description("Time in these calls")
    @Timespan(Timespan.NANOSECONDS)
    long time;

    @Label("Time per Packet")
    @Timespan(Timespan.NANOSECONDS)
    long timePerPacket;
}
