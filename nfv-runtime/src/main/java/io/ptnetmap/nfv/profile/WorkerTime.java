// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

@Name("io.ptnetmap.nfv.WorkerTime")
@Label("Worker Time")
@Category({"ptnetmap", "Chain"})
@Description("What a worker, which is a thread, has done since its last such event")
@Period("1 s")
@StackTrace(false)
final class WorkerTime extends Event {
    @Label("Worker")
    @Description("Number of the worker")
    int worker;

    @Label("Busy Time")
    @Description("Rounds that moved packets")
    @Timespan(Timespan.NANOSECONDS)
    long busy;

    @Label("Idle Time")
    @Description("Rounds that moved none, and sleep")
    @Timespan(Timespan.NANOSECONDS)
    long idle;

    @Label("Busy Share")
    @Percentage
    float share;
}
