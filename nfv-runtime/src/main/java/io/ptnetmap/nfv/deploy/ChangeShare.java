// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.NetmapException;
import io.ptnetmap.nfv.api.Stateful.Takeover;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.ChainDescriptorException;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Edges;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.EngineChange;
import io.ptnetmap.nfv.engine.FunctionFailedException;
import io.ptnetmap.nfv.engine.LinkIds;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The share that the part of a chain in this process has in changes of it: carries out orders, one after the other. For one thread. */
final class ChangeShare {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeShare.class);

    private final Engine engine;
    private Optional<EngineChange> change = Optional.empty();
    private boolean committed;
    private final Map<String, Takeover> fromElsewhere = new HashMap<>();

    ChangeShare(Engine engine) {
        this.engine = engine;
    }

    /**
     * Makes the share of a change ready.
     *
     * @param target makes the chain that there is to be
     * @param here which of its nodes are to run in this process
     */
    ChangeState prepare(Supplier<Chain> target, List<Integer> links, Predicate<Node> here) {
        ChangeRehearsal.once();
        return attempt(() -> {
            fromElsewhere.clear();
            // Which numbers are free is the supervisor's business.
            EngineChange prepared = engine.change(target.get(), new LinkIds(links, 0), here);
            change = Optional.of(prepared);
            committed = false;
            return new ChangeState("", "", "", true, "", prepared.edges(), List.of(), List.of(), 0, 0, Map.of());
        });
    }

    ChangeState carryOut(ChangeOrder order) {
        return attempt(() -> switch (order.step()) {
            case REHEARSE -> {
                ChangeRehearsal.once();
                yield ChangeState.of(true, "");
            }
            case PREPARE -> throw new IllegalArgumentException("an order that has its own method");
            case REST -> tried(present().rest(order.quiet()));
            case HOLD -> tried(present().hold(order.edges()));
            case PROBE -> probe();
            case SEAL -> tried(present().seal());
            case UNSEAL -> {
                present().unseal();
                yield ChangeState.of(true, "");
            }
            case HAND_OVER -> handOver(order.function(), Path.of(order.file()));
            case TAKE_OVER -> takeOver(order.function(), Path.of(order.file()));
            case COMMIT -> commit();
            case RELEASE -> ChangeState.released(present().release());
            case FINISH -> {
                present().finish();
                change = Optional.empty();
                yield ChangeState.of(true, "");
            }
            case ROLL_BACK -> {
                change.ifPresent(EngineChange::rollBack);
                change = Optional.empty();
                yield ChangeState.of(true, "");
            }
        });
    }

    /** Nobody is there any more to lead the change: this part goes on as far as it has got, without waiting for others. */
    void leaveOff() {
        if (change.isPresent()) {
            LOG.warn("a change was broken off: {}", committed ? "it has been made here" : "all is as before here");
            carryOut(ChangeOrder.of(committed ? ChangeOrder.Step.FINISH : ChangeOrder.Step.ROLL_BACK));
        }
    }

    private static ChangeState attempt(Supplier<ChangeState> step) {
        try {
            return step.get();
        } catch (NodeConfigurationException refusal) {
            return ChangeState.refusal(refusal.node(), refusal.field(), refusal.getMessage());
        } catch (FunctionFailedException failure) {
            return ChangeState.refusal(failure.function(), "", failure.getMessage());
        } catch (NetmapException | IllegalStateException | UncheckedIOException | ChainDescriptorException refused) {
            return ChangeState.refusal("", "", refused.getMessage());
        } catch (RuntimeException | Error unexpected) {
            // Whatever it is, the others have to learn that this part cannot go on, lest they wait for it.
            LOG.error("in a change of a running chain", unexpected);
            return ChangeState.refusal("", "", String.valueOf(unexpected));
        }
    }

    private EngineChange present() {
        return change.orElseThrow(() -> new IllegalStateException("no change has been made ready"));
    }

    private ChangeState tried(boolean done) {
        return ChangeState.of(done, done ? "" : present().waitsFor());
    }

    private ChangeState probe() {
        EngineChange.Probe probe = present().probe();
        return new ChangeState(
                "", "", "", probe.quiet(), present().waitsFor(), Edges.NONE, probe.passed(), List.of(), 0, 0, Map.of());
    }

    private ChangeState handOver(String function, Path file) {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            return ChangeState.of(present().handOver(function, out), "");
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "what '" + function + "' knows cannot be written to " + file + ": " + failure.getMessage(),
                    failure);
        }
    }

    private ChangeState takeOver(String function, Path file) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            Takeover taken = change.isPresent() ? present().takeOver(function, in) : engine.takeOver(function, in);
            fromElsewhere.put(function, taken);
            return new ChangeState(
                    "", "", "", true, "", Edges.NONE, List.of(), List.of(), 0, 0, Map.copyOf(fromElsewhere));
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "what '" + function + "' is to know cannot be read from " + file + ": " + failure.getMessage(),
                    failure);
        }
    }

    private ChangeState commit() {
        EngineChange present = present();
        if (!present.commit()) {
            return tried(false);
        }
        committed = true;
        Map<String, Takeover> states = new HashMap<>(present.states());
        states.putAll(fromElsewhere);
        return new ChangeState(
                "",
                "",
                "",
                true,
                "",
                Edges.NONE,
                present.drained(),
                present.pauses(),
                present.carriedOver(),
                present.overtakable(),
                states);
    }
}
