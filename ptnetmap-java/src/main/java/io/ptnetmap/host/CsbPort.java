// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmCsbAtok;
import io.ptnetmap.abi.NmCsbKtoa;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port that the host serves itself, for a user who cannot run its rings, such as a virtual machine: the {@link Kloop}
 * carries what the user says in the control block (CSB) to the rings and back.
 *
 * <pre>
 *      0  user's blocks    {@link NmCsbAtok}, one per ring, transmit rings first
 *   4096  host's blocks    {@link NmCsbKtoa}, likewise
 * </pre>
 *
 * <p>Thread-safe, but for what it says of the loop's thread.
 */
final class CsbPort implements LoopPort, AutoCloseable {
    /** Bytes of the CSB: a page for the user, one for the host. */
    static final int CSB_SIZE = 8192;

    static final int HOST_BLOCKS = CSB_SIZE / 2;
    /** Most rings of a port: what the pages hold. */
    static final int MAX_RINGS = HOST_BLOCKS / NmCsbAtok.SIZE;

    private static final Logger LOG = LoggerFactory.getLogger(CsbPort.class);
    /** Slots that a ring may move before others have their turn. */
    private static final int BUDGET = 256;

    private static final int NONE = -1;

    private final Kloop loop;
    private final Grant grant;
    private final CsbEnds ends;
    private final int memfd;
    private final Mapping csb;
    private final int[] kicks;
    private final int[] irqs;
    private boolean started;
    private boolean closed;

    /** Of the loop's thread while the port is served. */
    private CsbRing[] rings = {};

    private CsbPort(Kloop loop, Grant grant, CsbEnds ends) {
        this.loop = loop;
        this.grant = grant;
        this.ends = ends;
        this.kicks = new int[ends.rings()];
        this.irqs = new int[ends.rings()];
        Arrays.fill(kicks, NONE);
        Arrays.fill(irqs, NONE);
        this.memfd = Linux.memfdCreate("ptnetmap-csb", Linux.MFD_CLOEXEC | Linux.MFD_ALLOW_SEALING);
        Linux.ftruncate(memfd, CSB_SIZE);
        Linux.fcntl(memfd, Linux.F_ADD_SEALS, Linux.F_SEAL_SHRINK | Linux.F_SEAL_GROW | Linux.F_SEAL_SEAL);
        this.csb = Mapping.of(memfd, CSB_SIZE);
    }

    /**
     * Makes a port that is not started.
     *
     * @param grant remains the caller's to release
     * @param ends become the port's, or are closed where this fails
     */
    static CsbPort open(Kloop loop, Grant grant, CsbEnds ends) {
        CsbPort port;
        try {
            port = new CsbPort(loop, grant, ends);
        } catch (RuntimeException failure) {
            ends.close();
            throw failure;
        }
        try {
            Arrays.setAll(port.kicks, ring -> Linux.eventfd());
            Arrays.setAll(port.irqs, ring -> Linux.eventfd());
            return port;
        } catch (RuntimeException failure) {
            port.free();
            throw failure;
        }
    }

    Grant grant() {
        return grant;
    }

    /** Region, CSB, then kick and interrupt eventfd of each ring: what the user gets. */
    int[] descriptors() {
        int[] all = new int[2 + 2 * kicks.length];
        all[0] = grant.region().memfd();
        all[1] = memfd;
        for (int i = 0; i < kicks.length; i++) {
            all[2 + 2 * i] = kicks[i];
            all[3 + 2 * i] = irqs[i];
        }
        return all;
    }

    /** Fills the CSB from the rings and has the loop serve it. */
    void start() {
        loop.run(() -> {
            if (started) {
                throw new LinuxException(
                        "START", Errno.EBUSY, "the port is being served: STOP it before another user starts");
            }
            begin();
            loop.add(this);
            started = true;
        });
    }

    /**
     * Serves each ring once more, and puts away what a program that was killed has not lived to give back. Afterwards nobody
     * touches the CSB or signals. No error where it was not served.
     */
    void stop() {
        loop.run(this::stopped);
    }

    private void stopped() {
        if (started) {
            started = false;
            loop.remove(this);
            for (CsbRing ring : rings) {
                ring.serve(Integer.MAX_VALUE);
            }
            for (int i = grant.registration().reply().txRings(); i < rings.length; i++) {
                rings[i].putAway();
            }
        }
    }

    private void begin() {
        List<RingEnd> current = ends.begin();
        List<CsbRing> made = new ArrayList<>();
        for (int i = 0; i < current.size(); i++) {
            long atok = csb.address() + (long) i * NmCsbAtok.SIZE;
            long ktoa = csb.address() + HOST_BLOCKS + (long) i * NmCsbKtoa.SIZE;
            made.add(new CsbRing(current.get(i), atok, ktoa, irqs[i]));
        }
        made.forEach(CsbRing::begin);
        rings = made.toArray(CsbRing[]::new);
    }

    /** Has an epoll instance tell of the user's kicks and of the other end's wake-ups. */
    @Override
    public void watch(int epoll) {
        for (int kick : kicks) {
            Linux.epollAdd(epoll, kick, Linux.POLLIN);
        }
        ends.watch(epoll);
    }

    @Override
    public void unwatch(int epoll) {
        for (int kick : kicks) {
            Linux.epollRemove(epoll, kick);
        }
        ends.unwatch(epoll);
    }

    /** A turn of the loop. Returns whether anything has moved. */
    @Override
    public boolean serve() {
        boolean moved = false;
        try {
            for (CsbRing ring : rings) {
                moved |= ring.serve(BUDGET);
            }
        } catch (RuntimeException | InternalError failure) {
            // A host that serves many must not go down for one.
            LOG.error("port at {}: {}; it is not served any more", grant, failure.getMessage(), failure);
            started = false;
            loop.remove(this);
        }
        return moved;
    }

    /** Before the loop sleeps: the user is to kick, and the other end to wake it. Returns as {@link CsbEnds#arm} does. */
    @Override
    public boolean arm() {
        for (CsbRing ring : rings) {
            ring.needKick(true);
        }
        return ends.arm();
    }

    @Override
    public void disarm() {
        for (CsbRing ring : rings) {
            ring.needKick(false);
        }
        ends.disarm();
    }

    /**
     * Stops the port and gives up what is its own. The rings' headers, which the user may have left in any state, then say
     * what the port knows, for whoever opens it next. Idempotent.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        loop.run(() -> {
            stopped();
            ends.begin().forEach(RingEnd::writeHeader);
        });
        free();
    }

    private void free() {
        ends.close();
        csb.close();
        Linux.close(memfd);
        for (int i = 0; i < kicks.length; i++) {
            Linux.close(kicks[i]);
            Linux.close(irqs[i]);
        }
    }
}
