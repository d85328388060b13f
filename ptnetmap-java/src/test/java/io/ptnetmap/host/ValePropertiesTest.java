// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.ValeHash;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.SwitchPort;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever is sent through a switch whose ports come and go: each port receives what a simple model of a learning switch says,
 * in that order, and the counters say how much was lost.
 */
class ValePropertiesTest {
    private static final int PORTS = 5;
    private static final int SLOTS = 16;
    private static final int STATIONS = 6;

    /** What a step may do. */
    enum Deed {
        SEND,
        SEND_UNSYNCED,
        SYNC,
        RECEIVE,
        REOPEN,
        CLOSE
    }

    record Step(Deed deed, int port, int from, int to, int length) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(
                                Deed.SEND,
                                Deed.SEND,
                                Deed.SEND,
                                Deed.SEND_UNSYNCED,
                                Deed.SEND_UNSYNCED,
                                Deed.SYNC,
                                Deed.RECEIVE,
                                Deed.REOPEN,
                                Deed.CLOSE),
                        Arbitraries.integers().between(0, PORTS - 1),
                        Arbitraries.integers().between(0, STATIONS - 1),
                        Arbitraries.integers().between(0, STATIONS),
                        Arbitraries.of(13, 18, 60, 64, 200, 256, 257, 1514, 5000, 9000))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(150);
    }

    @Property(tries = 300)
    void aSwitchDoesWhatTheModelSays(@ForAll("steps") List<Step> steps) {
        try (Netmap netmap = Netmap.over(EmbeddedHost.create(new RegionConfig(16, 1024, 16, 512, 64, 2048), () -> 0))) {
            Model model = new Model(netmap);
            for (int i = 0; i < steps.size(); i++) {
                model.step(steps.get(i), i);
            }
            model.end();
        }
    }

    /** Who holds the slots of a receive ring, which is shared from the time on that there are two. */
    private static final class Ring {
        private final List<Integer> holders = new ArrayList<>();
        private int recent = -1;
        private int other = -1;
        private int admitted;
        private boolean share;

        /** At the first packet of a sync for this ring. */
        void admit(int sender) {
            if (sender != recent) {
                if (other == -1 && recent != -1) {
                    holders.replaceAll(before -> recent);
                }
                other = recent;
                recent = sender;
            }
            int room = SLOTS - 1 - holders.size();
            int mine = (int) holders.stream().filter(holder -> holder == sender).count();
            admitted = other == -1 ? room : Math.min(room, Math.max(0, (room - mine + 1) / 2));
            share = admitted < room;
        }

        boolean take(int sender, int slots) {
            if (slots > admitted) {
                return false;
            }
            admitted -= slots;
            for (int i = 0; i < slots; i++) {
                holders.add(sender);
            }
            return true;
        }
    }

    /** A switch of maps and lists, beside the real one. */
    private static final class Model {
        private final Netmap netmap;
        private final NetmapPort[] ports = new NetmapPort[PORTS];
        private final List<Deque<byte[]>> expected = new ArrayList<>();
        private final List<Deque<byte[]>> unsynced = new ArrayList<>();
        private final Ring[] rings = new Ring[PORTS];
        private final int[] numbers = new int[PORTS];
        private final int[] full = new int[PORTS];
        private final int[] beyondShares = new int[PORTS];
        private final int[] runts = new int[PORTS];
        private final int[] toThemselves = new int[PORTS];
        private final int[] nobodyElse = new int[PORTS];
        private final int[] taken = new int[PORTS];
        private final Map<Long, Integer> stations = new HashMap<>();

        Model(Netmap netmap) {
            this.netmap = netmap;
            for (int port = 0; port < PORTS; port++) {
                expected.add(new ArrayDeque<>());
                unsynced.add(new ArrayDeque<>());
                open(port);
            }
        }

        private void open(int port) {
            ports[port] = netmap.openPort("vale0:p" + port + "@conf:slots=" + SLOTS);
            rings[port] = new Ring();
            numbers[port] = 0;
            while (numberIsTaken(port)) {
                numbers[port]++;
            }
            for (int[] counter : List.of(full, beyondShares, runts, toThemselves, nobodyElse, taken)) {
                counter[port] = 0;
            }
        }

        /** The lowest number that is free is a port's. */
        private boolean numberIsTaken(int port) {
            for (int other = 0; other < PORTS; other++) {
                if (other != port && ports[other] != null && numbers[other] == numbers[port]) {
                    return true;
                }
            }
            return false;
        }

        private void close(int port) {
            ports[port].close();
            ports[port] = null;
            expected.get(port).clear();
            unsynced.get(port).clear();
            stations.values().removeIf(on -> on == port);
        }

        void step(Step step, int number) {
            int port = step.port();
            if (ports[port] == null) {
                open(port);
            }
            switch (step.deed()) {
                case SEND -> {
                    inject(step, number);
                    sync(port);
                }
                case SEND_UNSYNCED -> inject(step, number);
                case SYNC -> sync(port);
                case RECEIVE -> receive(port);
                case REOPEN -> {
                    close(port);
                    open(port);
                }
                case CLOSE -> close(port);
            }
        }

        private void inject(Step step, int number) {
            // Stations whose buckets differ, as a test of the test shows; one more is all others.
            long to = step.to() == STATIONS ? Frames.BROADCAST : station(step.to());
            byte[] frame = Frames.frame(to, station(step.from()), number, step.length());
            TxRing tx = ports[step.port()].txRing(0);
            if (tx.inject(MemorySegment.ofArray(frame))) {
                unsynced.get(step.port()).add(frame);
            }
        }

        private static long station(int number) {
            return 0x02_00_00_00_00_10L + number;
        }

        private void sync(int from) {
            ports[from].txRing(0).sync();
            assertEquals(0, ports[from].txRing(0).pending());
            boolean[] begun = new boolean[PORTS];
            for (byte[] frame : unsynced.get(from)) {
                taken[from]++;
                forward(from, frame, begun);
            }
            unsynced.get(from).clear();
        }

        private void forward(int from, byte[] frame, boolean[] begun) {
            if (frame.length < 14) {
                runts[from]++;
                return;
            }
            stations.put(address(frame, 6), from);
            Integer to = (frame[0] & 1) != 0 ? null : stations.get(address(frame, 0));
            if (to != null && to == from) {
                toThemselves[from]++;
            } else if (to != null) {
                deliver(from, to, frame, begun);
            } else {
                boolean anybody = false;
                for (int other = 0; other < PORTS; other++) {
                    if (other != from && ports[other] != null) {
                        anybody = true;
                        deliver(from, other, frame, begun);
                    }
                }
                nobodyElse[from] += anybody ? 0 : 1;
            }
        }

        private static long address(byte[] frame, int offset) {
            long address = 0;
            for (int i = 0; i < 6; i++) {
                address = address << 8 | frame[offset + i] & 0xff;
            }
            return address;
        }

        private static int slots(byte[] frame) {
            return (frame.length + 2047) / 2048;
        }

        private void deliver(int from, int to, byte[] frame, boolean[] begun) {
            if (!begun[to]) {
                begun[to] = true;
                rings[to].admit(numbers[from]);
            }
            if (rings[to].take(numbers[from], slots(frame))) {
                expected.get(to).add(frame);
            } else {
                (rings[to].share ? beyondShares : full)[to]++;
            }
        }

        private void receive(int port) {
            for (byte[] frame : Frames.receive(ports[port])) {
                assertArrayEquals(expected.get(port).removeFirst(), frame);
            }
            assertEquals(0, expected.get(port).size());
            rings[port].holders.clear();
        }

        void end() {
            Map<String, SwitchPort.Traffic> traffic = new TreeMap<>();
            netmap.driver()
                    .valeList()
                    .forEach(port -> traffic.put(port.name(), port.traffic().orElseThrow()));
            for (int port = 0; port < PORTS; port++) {
                if (ports[port] != null) {
                    SwitchPort.Traffic counted = traffic.remove("vale0:p" + port);
                    assertEquals(taken[port], counted.taken());
                    assertEquals(full[port], counted.dropped(DropCause.FULL));
                    assertEquals(beyondShares[port], counted.dropped(DropCause.SHARE));
                    assertEquals(runts[port], counted.dropped(DropCause.RUNT));
                    assertEquals(toThemselves[port], counted.dropped(DropCause.TO_ITSELF));
                    assertEquals(nobodyElse[port], counted.dropped(DropCause.NO_OTHER_PORT));
                    receive(port);
                }
            }
            assertEquals(Map.of(), traffic);
        }
    }

    @Property(tries = 200)
    void theTableKnowsWhatItHasHeardLast(@ForAll List<Long> stations) {
        ForwardingTable table = new ForwardingTable();
        Map<Integer, Long> lastOfBucket = new HashMap<>();
        for (int i = 0; i < stations.size(); i++) {
            long station = stations.get(i) & (1L << 48) - 1;
            int bucket = ValeHash.bucket(station);
            table.learn(bucket, station, i % 254, i);
            lastOfBucket.put(bucket, station);
            assertEquals(i % 254, table.port(bucket, station, i + ForwardingTable.AGEING_SECONDS));
            assertEquals(ForwardingTable.UNKNOWN, table.port(bucket, station, i + ForwardingTable.AGEING_SECONDS + 1));
        }
        for (long any : stations) {
            long station = any & (1L << 48) - 1;
            int bucket = ValeHash.bucket(station);
            assertEquals(
                    lastOfBucket.get(bucket) == station,
                    table.port(bucket, station, stations.size()) != ForwardingTable.UNKNOWN);
        }
        for (int port = 0; port < 254; port++) {
            table.purge(port);
        }
        for (long any : stations) {
            long station = any & (1L << 48) - 1;
            assertEquals(ForwardingTable.UNKNOWN, table.port(ValeHash.bucket(station), station, stations.size()));
        }
    }
}
