// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.NetmapException;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.deploy.ChangeReport.DrainedLink;
import io.ptnetmap.nfv.deploy.ChangeReport.HandedOver;
import io.ptnetmap.nfv.deploy.ChangeReport.Pause;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.EngineChange;
import io.ptnetmap.nfv.engine.EngineChange.Passed;
import io.ptnetmap.nfv.engine.FunctionFailedException;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Makes one chain of another while it runs. Used once, by one thread. */
final class LiveChange {
    private static final long RETRY_NANOS = 50_000;

    private final Chain present;
    private final LinkIds presentIds;
    private final Chain target;
    private final LinkIds targetIds;
    private final ChangePlan plan;
    private final Engine engine;
    private final Supplier<Conservation> books;
    private final Duration patience;

    /**
     * @param plan of the change, which is possible
     * @param engine runs the part of the chain in this process
     * @param books of the chain, exact while it runs
     * @param patience how long what is taken away may take to get empty
     */
    LiveChange(
            Chain present,
            LinkIds presentIds,
            Chain target,
            ChangePlan plan,
            Engine engine,
            Supplier<Conservation> books,
            Duration patience) {
        this.present = present;
        this.presentIds = presentIds;
        this.target = target;
        this.targetIds = presentIds.after(present, target);
        this.plan = plan;
        this.engine = engine;
        this.books = books;
        this.patience = patience;
    }

    /** The numbers of the links afterwards. */
    LinkIds targetIds() {
        return targetIds;
    }

    /** @throws ChangeRefusedException if it was not made */
    ChangeReport make() {
        long began = System.nanoTime();
        Conservation before = books.get();
        EngineChange here = prepare();
        try {
            commit(here);
        } catch (FunctionFailedException failure) {
            here.rollBack();
            throw refused(failure);
        } catch (RuntimeException failure) {
            here.rollBack();
            throw failure;
        }
        here.finish();
        Conservation after = books.get();
        return new ChangeReport(
                plan.steps(),
                System.nanoTime() - began,
                here.pauses().stream()
                        .map(pause -> new Pause(pause.part(), pause.nanos()))
                        .toList(),
                here.carriedOver(),
                drained(here.drained()),
                states(here.states()),
                before,
                after);
    }

    private EngineChange prepare() {
        try {
            return engine.change(target, targetIds, node -> node.placement() == Placement.SAME);
        } catch (NodeConfigurationException refusal) {
            throw new ChangeRefusedException(refusal.node(), refusal.field(), refusal.getMessage(), refusal);
        } catch (FunctionFailedException failure) {
            throw refused(failure);
        } catch (NetmapException noPort) {
            throw new ChangeRefusedException("", "", noPort.getMessage(), noPort);
        } catch (IllegalStateException ending) {
            throw new ChangeRefusedException("", "", ending.getMessage(), ending);
        }
    }

    private static ChangeRefusedException refused(FunctionFailedException failure) {
        return new ChangeRefusedException(failure.function(), "", failure.getMessage(), failure);
    }

    private void commit(EngineChange here) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!here.commit()) {
            if (System.nanoTime() - deadline > 0) {
                throw new ChangeRefusedException(
                        "",
                        "",
                        "within " + patience.toMillis() + " ms the change found no moment: " + here.waitsFor()
                                + "; see what holds the packets up, and change the chain when it flows");
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    private List<DrainedLink> drained(List<Passed> passed) {
        List<DrainedLink> links = new ArrayList<>();
        for (Passed link : passed) {
            links.add(new DrainedLink(
                    ChainDiff.name(present, presentIds.ids().indexOf(link.link())),
                    link.forward() ? "forward" : "backward",
                    link.sent(),
                    link.received()));
        }
        return links;
    }

    private static List<HandedOver> states(Map<String, Stateful.Takeover> states) {
        return states.entrySet().stream()
                .map(state -> new HandedOver(
                        state.getKey(),
                        state.getValue().taken(),
                        state.getValue().dropped()))
                .toList();
    }
}
