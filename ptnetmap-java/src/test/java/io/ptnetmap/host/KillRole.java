// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/** What the child processes of {@link KillTest} do. */
enum KillRole {
    /** Sends numbered packets into pipe 1 and checks what comes back by pipe 2. */
    SOURCE("netmap:kill{1", "netmap:kill}2"),
    /** Moves packets from pipe 1 to pipe 2 without copying. */
    FORWARDER("netmap:kill}1", "netmap:kill{2"),
    /** Likewise, as a virtual machine: the host runs its rings. */
    MACHINE("kill}1", "kill{2");

    /** Slots at a time. */
    static final int BATCH = 64;

    /** The source's numbers begin with the number of its life. */
    private static final int LIFE_SHIFT = 40;

    private static final long NAP_NANOS = 2_000_000;

    private final String onPipe1;
    private final String onPipe2;

    KillRole(String onPipe1, String onPipe2) {
        this.onPipe1 = onPipe1;
        this.onPipe2 = onPipe2;
    }

    /** Connections to the host. */
    int sessions() {
        return this == MACHINE ? 2 : 1;
    }

    /** Arguments: role, socket of the host, board, number of this life. */
    public static void main(String[] arguments) throws Exception {
        KillRole role = valueOf(arguments[0]);
        KillBoard board = KillBoard.open(Path.of(arguments[2]));
        long life = Long.parseLong(arguments[3]) << LIFE_SHIFT;
        if (role == MACHINE) {
            CsbForwarder machine = CsbForwarder.open(Path.of(arguments[1]), role.onPipe1, role.onPipe2);
            role.run(board, machine::move, machine::nap);
            return;
        }
        try (Netmap netmap = Netmap.over(AttachClient.connect(Path.of(arguments[1])));
                NetmapPort first = netmap.openPort(role.onPipe1 + "@conf:slots=256");
                NetmapPort second = netmap.openPort(role.onPipe2 + "@conf:slots=256");
                NetmapPoller poller = new NetmapPoller()) {
            poller.add(first, Linux.POLLIN);
            poller.add(second, Linux.POLLIN);
            Work work = role == SOURCE
                    ? new Source(board, life, first.txRing(0), second.rxRing(0))
                    : () -> forward(first.rxRing(0), second.txRing(0));
            role.run(board, work, () -> poller.await(NAP_NANOS));
        }
    }

    /** One round; returns the slots moved. */
    private interface Work {
        int round() throws IOException;
    }

    private void run(KillBoard board, Work work, Runnable nap) throws IOException, InterruptedException {
        while (board.command() != KillBoard.STOP) {
            if (board.command() == KillBoard.PAUSE) {
                board.paused(this, true);
                Thread.sleep(1);
                continue;
            }
            if (work.round() == 0) {
                nap.run();
            }
            board.round(this);
        }
    }

    private static int forward(RxRing rx, TxRing tx) {
        rx.sync();
        tx.sync();
        int moved;
        if (ThreadLocalRandom.current().nextBoolean()) {
            moved = rx.forward(tx, BATCH);
        } else {
            moved = Math.min(1, Math.min(rx.available(), tx.available()));
            if (moved == 1) {
                rx.move(rx.head(), tx, tx.head());
                tx.advance(1);
                rx.advance(1);
            }
        }
        tx.sync();
        rx.sync();
        return moved;
    }

    private static final class Source implements Work {
        private final KillBoard board;
        private final long life;
        private final TxRing tx;
        private final RxRing rx;
        private long sent;
        private long expected;
        private boolean begun;

        Source(KillBoard board, long life, TxRing tx, RxRing rx) {
            this.board = board;
            this.life = life;
            this.tx = tx;
            this.rx = rx;
        }

        @Override
        public int round() {
            tx.sync();
            int send = Math.min(BATCH, tx.available());
            for (int i = 0; i < send; i++) {
                tx.inject(Packets.numbered(life + ++sent, 60 + (int) (sent % 64)));
            }
            tx.sync();
            return send + receive();
        }

        private int receive() {
            rx.sync();
            int received = Math.min(BATCH, rx.available());
            for (int i = 0; i < received; i++) {
                int slot = rx.head();
                // A slot that a dead forwarder has emptied, or that its successor has sent on.
                if (rx.length(slot) > 0) {
                    check(Packets.number(rx, slot));
                }
                rx.advance(1);
                rx.sync();
            }
            return received;
        }

        private void check(long number) {
            boolean first = !begun;
            begun = true;
            if (first && number == board.last()) {
                // The previous life has noted it, and was killed before it gave the slot back.
                return;
            }
            board.receive(number);
            if (number > life) {
                board.lose(number - life - expected - 1);
                expected = number - life;
            }
        }
    }
}
