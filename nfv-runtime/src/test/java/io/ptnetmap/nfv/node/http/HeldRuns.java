// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Starts chains as ever, but has what is to be done with them wait until it may be, so that other things can happen meanwhile. */
final class HeldRuns implements ChainLauncher {
    private final Map<String, Gate> gates = new ConcurrentHashMap<>();

    /** Before a method of {@link ChainRun}. */
    static final class Gate {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);
        private volatile Optional<RuntimeException> failure = Optional.empty();

        /** Waits until somebody waits here. */
        void await() throws InterruptedException {
            assertTrue(reached.await(30, TimeUnit.SECONDS), "nobody comes");
        }

        /** Lets pass. */
        void open() {
            open.countDown();
        }

        /** Has the method throw instead. */
        void fail(RuntimeException with) {
            failure = Optional.of(with);
            open();
        }

        private void pass() throws InterruptedException {
            reached.countDown();
            open.await();
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
    }

    /** Has a method of runs wait. */
    Gate hold(String method) {
        return gates.computeIfAbsent(method, name -> new Gate());
    }

    @Override
    public ChainRun launch(Chain chain, LaunchOptions options) {
        ChainRun run = new Launcher().launch(chain, options);
        return (ChainRun) Proxy.newProxyInstance(
                ChainRun.class.getClassLoader(), new Class<?>[] {ChainRun.class}, (proxy, method, arguments) -> {
                    Gate gate = gates.get(method.getName());
                    if (gate != null) {
                        gate.pass();
                    }
                    try {
                        return method.invoke(run, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }
}
