// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.StateScan;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowRows;
import io.ptnetmap.nfv.api.packet.EtherType;
import io.ptnetmap.nfv.api.packet.Ethernet;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.IpAddress;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.Ipv4Address;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Network address and port translation for IPv4 (RFC 3022), with the behaviour that RFC 4787 (UDP), RFC 5382 (TCP) and RFC
 * 5508 (ICMP) ask for.
 *
 * <ul>
 *   <li><b>Direction</b> is told by addresses, not by sides. A packet to an external address is translated back to the inside
 *       endpoint that has the port. Otherwise, one from an inside address is translated to an external endpoint, unless it
 *       goes to an inside address. Everything else is {@code unmatched}; so are multicast and broadcast. IPv6, ARP and other
 *       frames pass untouched.
 *   <li><b>Mapping</b> is endpoint-independent: an inside endpoint has the same external endpoint for all destinations, and
 *       all endpoints of an inside address have the same external address ("paired"). The port is kept if it is free, else
 *       its parity. An ICMP query's identifier is its port.
 *   <li><b>Filtering</b> is address-and-port-dependent by default, the tightest: RFC 4787 §5 leaves the choice between that
 *       kind of security and the transparency that the other two give to peer-to-peer applications. Only packets from inside
 *       make bindings and sessions.
 *   <li><b>ICMP errors</b> are translated both ways, with what they quote.
 *   <li><b>Hairpinning</b>: a packet from inside to an external endpoint of another inside host gets an external source, then
 *       leaves at the side where it came in, to the MAC address from which that host's packets came.
 *   <li><b>Fragments</b> are not put together. A first fragment is translated like a whole datagram; later ones share its
 *       addresses, so a first fragment that comes after others of its datagram is too late for these: they are dropped as
 *       {@code fragment-unknown}.
 *   <li><b>Bump in the wire.</b> It is no router: neither TTL nor MAC addresses change (but for hairpinning), and it answers
 *       neither ARP nor ping for the external addresses. Route these to it.
 *   <li><b>Checksums</b> are updated by increments: wrong ones stay wrong, UDP without one stays without.
 * </ul>
 *
 * <p>Drop causes: {@code malformed} (IPv4 only), {@code unmatched}, {@code no-mapping}, {@code filtered}, {@code
 * ports-exhausted}, {@code table-full}, {@code unsupported-protocol}, {@code fragment-unknown}.
 */
@FunctionType(name = "nat44", summary = "Translates IPv4 addresses and ports between an inside and an outside network")
public final class Nat44 implements NetworkFunction, Stateful<Nat44State> {
    private static final int STATE_VERSION = 2;

    private static final int FIRST_MULTICAST = 0xe000_0000;

    private final int[] insideNetworks;
    private final int[] insideMasks;
    private final boolean hairpinning;
    private final Outcome unmatched;
    private final Nat44Config config;
    private ExternalAddresses externals;
    private Bindings bindings;
    private Sessions sessions;
    private Translator translator;
    private FragmentTranslations fragments;
    private LookAhead ahead;
    private LongSupplier clock = System::nanoTime;
    private final Ethernet ethernet = new Ethernet();
    private final DropCause[] causes = new DropCause[Outcome.values().length];

    /** @throws ConfigurationException if an address is not IPv4, or given twice */
    public Nat44(@Parameter Nat44Config config) {
        this.config = config;
        insideNetworks = new int[config.inside().size()];
        insideMasks = new int[config.inside().size()];
        for (int i = 0; i < insideNetworks.length; i++) {
            IpPrefix prefix = config.inside().get(i);
            insideNetworks[i] = ipv4(prefix.address(), "inside[" + i + "]");
            insideMasks[i] = prefix.ipv4Mask();
        }
        hairpinning = config.hairpinning();
        unmatched = config.unmatched() == Unmatched.PASS ? Outcome.PASS : Outcome.UNMATCHED;
        externals = new ExternalAddresses(externalAddresses(config.external()), config.portRange());
        bindings = new Bindings(config.maxBindings(), externals);
        sessions = new Sessions(config.maxSessions(), config.filtering(), config.timeouts(), bindings, externals);
        translator = new Translator(bindings, sessions);
        ahead = new LookAhead(externals, bindings, sessions);
        fragments = new FragmentTranslations(
                config.maxFragmentedDatagrams(), config.timeouts().fragment());
    }

    private static int[] externalAddresses(List<IpAddress> configured) {
        int[] addresses = new int[configured.size()];
        for (int i = 0; i < addresses.length; i++) {
            String field = "external[" + i + "]";
            addresses[i] = ipv4(configured.get(i), field);
            if (configured.indexOf(configured.get(i)) != i) {
                throw new ConfigurationException(field, configured.get(i) + " is in the list twice; remove one");
            }
        }
        return addresses;
    }

    private static int ipv4(IpAddress address, String field) {
        if (address instanceof Ipv4Address ipv4) {
            return ipv4.value();
        }
        throw new ConfigurationException(field, "nat44 translates IPv4 only; write an IPv4 address, not " + address);
    }

    @Override
    public void start(FunctionContext context) {
        clock = context::nowNanos;
        for (Outcome outcome : Outcome.values()) {
            if (outcome.isDrop()) {
                causes[outcome.ordinal()] = context.dropCause(outcome.cause());
            }
        }
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        int first = 0;
        while (first < batch.size()) {
            int end = first + ahead.look(batch, first);
            for (int i = first; i < end; i++) {
                decide(batch, i, i - first, out);
            }
            first = end;
        }
    }

    private void decide(PacketBatch batch, int index, int place, Output out) {
        Outcome outcome = decide(batch.packet(index), place, batch.nowNanos());
        if (outcome.isDrop()) {
            out.drop(index, causes[outcome.ordinal()]);
        } else if (outcome == Outcome.HAIRPIN) {
            out.forward(index, batch.side());
        }
    }

    @Override
    public void tick(long nowNanos) {
        sessions.expire(nowNanos);
        fragments.expire(nowNanos);
    }

    private Outcome decide(Packet packet, int place, long nowNanos) {
        Headers headers = ahead.headers(place);
        if (headers.etherType() >= 0 && headers.etherType() != EtherType.IPV4) {
            return Outcome.PASS;
        }
        if (headers.malformed()) {
            return Outcome.MALFORMED;
        }
        int external = externals.indexOf(headers.destinationIpv4());
        boolean toExternal = external != ExternalAddresses.NONE;
        boolean fromInside = isInside(headers.sourceIpv4());
        if (toExternal && fromInside && !hairpinning) {
            return Outcome.FILTERED;
        }
        if (!toExternal && !(fromInside && isTranslatable(headers.destinationIpv4()))) {
            return fromInside && isInside(headers.destinationIpv4()) ? Outcome.PASS : unmatched;
        }
        return headers.laterFragment()
                ? continueDatagram(packet, headers)
                : translate(packet, place, fromInside, external, nowNanos);
    }

    private boolean isInside(int address) {
        for (int i = 0; i < insideNetworks.length; i++) {
            if ((address & insideMasks[i]) == insideNetworks[i]) {
                return externals.indexOf(address) == ExternalAddresses.NONE;
            }
        }
        return false;
    }

    /** Whether packets from inside to this address are to be translated: it is outside and one host's. */
    private boolean isTranslatable(int destination) {
        return Integer.compareUnsigned(destination, FIRST_MULTICAST) < 0 && !isInside(destination);
    }

    private Outcome translate(Packet packet, int place, boolean fromInside, int external, long nowNanos) {
        Headers headers = ahead.headers(place);
        boolean hairpin = fromInside && external != ExternalAddresses.NONE;
        int session = hairpin ? Sessions.NONE : ahead.session(place);
        if (headers.fragment()) {
            fragments.before(headers);
        }
        Outcome outcome = Outcome.PASS;
        if (fromInside) {
            ethernet.wrap(packet);
            outcome = translator.outbound(packet, headers, session, ethernet.source(), nowNanos);
        }
        if (outcome == Outcome.PASS && external != ExternalAddresses.NONE) {
            outcome = translator.inbound(packet, headers, session, external, nowNanos);
        }
        if (outcome != Outcome.PASS) {
            return outcome;
        }
        long hairpinMac = hairpin ? bindings.insideMac(translator.receiver()) : FragmentTranslations.NO_HAIRPIN;
        if (headers.fragment()) {
            fragments.after(headers, hairpinMac, nowNanos);
        }
        return hairpin ? turnRound(packet, hairpinMac) : Outcome.PASS;
    }

    private Outcome continueDatagram(Packet packet, Headers headers) {
        int datagram = fragments.find(headers);
        if (datagram == FragmentTranslations.NONE) {
            return Outcome.FRAGMENT_UNKNOWN;
        }
        translator.addresses(headers, fragments.source(datagram), fragments.destination(datagram));
        long hairpinMac = fragments.hairpinMac(datagram);
        return hairpinMac == FragmentTranslations.NO_HAIRPIN ? Outcome.PASS : turnRound(packet, hairpinMac);
    }

    /** Addresses a frame that came to the router from one inside host to another one. */
    private Outcome turnRound(Packet packet, long destinationMac) {
        ethernet.wrap(packet);
        ethernet.source(ethernet.destination());
        ethernet.destination(destinationMac);
        return Outcome.HAIRPIN;
    }

    /** Sessions with their bindings, and fragmented datagrams. */
    @Override
    public Nat44State handOver() {
        return new Nat44State(Optional.of(this), sessions::rows, fragments::rows);
    }

    /**
     * {@inheritDoc} Sessions keep their external endpoints, as long as these and their inside addresses are still those of this
     * configuration.
     */
    @Override
    public Takeover takeOver(Nat44State state) {
        Map<String, Long> dropped = new LinkedHashMap<>();
        if (state.live().filter(this::hasLikeTables).isPresent()) {
            Nat44 live = state.live().get();
            externals = live.externals;
            bindings = live.bindings;
            sessions = live.sessions;
            translator = live.translator;
            fragments = live.fragments;
            ahead = live.ahead;
        } else {
            FlowRows rows = state.sessions().get();
            long nowNanos = clock.getAsLong();
            // The newest first: see StateScan.
            for (int row = rows.size() - 1; row >= 0; row--) {
                String obstacle = restore(rows, row, nowNanos);
                if (!obstacle.isEmpty()) {
                    dropped.merge(obstacle, 1L, Long::sum);
                }
            }
            fragments.restore(state.fragments().get(), nowNanos);
        }
        Map<String, Long> taken = new LinkedHashMap<>();
        taken.put("bindings", (long) bindings.size());
        taken.put("sessions", (long) sessions.size());
        return new Takeover(taken, dropped);
    }

    /** Whether what another one has in its tables can go on as it is. */
    private boolean hasLikeTables(Nat44 other) {
        return config.inside().equals(other.config.inside())
                && config.external().equals(other.config.external())
                && config.portRange().equals(other.config.portRange())
                && config.maxBindings() == other.config.maxBindings()
                && config.maxSessions() == other.config.maxSessions()
                && config.maxFragmentedDatagrams() == other.config.maxFragmentedDatagrams()
                && config.filtering() == other.config.filtering()
                && config.timeouts().equals(other.config.timeouts());
    }

    /** Goes on with a session; returns why not, or nothing. */
    private String restore(FlowRows rows, int row, long nowNanos) {
        FlowKey key = rows.key(row, new FlowKey());
        int inside = key.sourceIpv4();
        int index = externals.indexOf((int) rows.word(row, Nat44State.EXTERNAL_ADDRESS));
        int port = (int) rows.word(row, Nat44State.EXTERNAL_PORT);
        if (!sessions.isCurrent(rows, row, nowNanos)) {
            return "sessions that are over";
        }
        if (!isInside(inside)) {
            return "sessions of addresses that are no longer inside";
        }
        if (index == ExternalAddresses.NONE) {
            return "sessions of addresses that are no longer external";
        }
        if (sessions.isFull()) {
            return "sessions beyond max-sessions";
        }
        int binding = bindings.ofInside(key.protocol(), inside, key.sourcePort());
        if (binding == Bindings.NONE) {
            if (bindings.isFull()) {
                return "sessions beyond max-bindings";
            }
            binding = bindings.restore(key.protocol(), inside, key.sourcePort(), index, port, rows.lastSeen(row));
            if (binding == Bindings.NONE) {
                return key.protocol() == IpProtocol.ICMP || config.portRange().contains(port)
                        ? "sessions of ports that are others' now"
                        : "sessions of ports outside port-range";
            }
        } else if (!bindings.isTo(binding, index, port)) {
            return "sessions of ports that are others' now";
        }
        sessions.restore(rows, row, binding);
        return "";
    }

    @Override
    public int stateVersion() {
        return STATE_VERSION;
    }

    @Override
    public void write(Nat44State state, DataOutput out) throws IOException {
        state.sessions().get().write(out, clock.getAsLong());
        state.fragments().get().write(out, clock.getAsLong());
    }

    @Override
    public StateScan scan() {
        long nowNanos = clock.getAsLong();
        return StateScan.inOrder(sessions.scan(nowNanos), fragments.scan(nowNanos));
    }

    @Override
    public Nat44State read(DataInput in, int version, long writtenNanos) throws IOException {
        if (version != STATE_VERSION) {
            throw new IOException("a nat44's state in form " + version + " instead of " + STATE_VERSION);
        }
        FlowRows itsSessions = FlowRows.read(in, Nat44State.SESSION_WORDS, writtenNanos);
        FlowRows itsFragments = FlowRows.read(in, FragmentTranslations.WORDS, writtenNanos);
        return new Nat44State(Optional.empty(), () -> itsSessions, () -> itsFragments);
    }

    /** Bindings and sessions. */
    @Override
    public Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("bindings", bindings.size());
        report.put("sessions", sessions.size());
        return report;
    }
}
