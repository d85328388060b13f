// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.StateScan;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.api.flow.FlowRows;
import io.ptnetmap.nfv.api.packet.Headers;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Filters IPv4 and IPv6 by ordered rules, with connection tracking: what an nftables chain of the forward hook would do that
 * begins with {@code ct state established,related accept}.
 *
 * <ul>
 *   <li><b>Order.</b> If {@code stateful}, packets of flows that were accepted and answered, and ICMP errors about accepted
 *       flows, pass before any rule. For the others the first rule that matches decides, or else {@code default}. Flows are
 *       remembered when accepted; {@code new} packets of a remembered flow that nobody has answered yet repeat the first
 *       one's verdict.
 *   <li><b>States</b> are those of Linux's nf_conntrack, see {@link ConnectionState} and {@link TcpState}. Unlike there,
 *       sequence numbers and checksums are not looked at, and no application's secondary connections are expected.
 *   <li><b>Fragments</b> are not put together. A first fragment is matched like a whole datagram; later ones share its fate,
 *       so a first fragment that comes after others of its datagram is too late for these: they are dropped as {@code
 *       fragment-unknown}.
 *   <li><b>Malformed</b> IP packets, those with a cut-off TCP, UDP or ICMP header included, are dropped before any rule. Of
 *       frames that are not IP, such as ARP, {@code non-ip} decides. Neighbour discovery is ICMPv6, untracked, and subject
 *       to the rules like everything else. VLAN tags are skipped and do not tell flows apart.
 *   <li><b>Full.</b> While {@code max-flows} are tracked, packets that would begin another flow are dropped as {@code
 *       table-full}.
 * </ul>
 *
 * <p>Drop causes: {@code rule}, {@code default-policy}, {@code invalid-state} (by default, too, of a packet in state invalid),
 * {@code non-ip}, {@code malformed}, {@code table-full}, {@code fragment-unknown}. The report counts hits per rule.
 */
@FunctionType(name = "firewall", summary = "Filters IPv4 and IPv6 packets by rules, with connection tracking")
public final class Firewall implements NetworkFunction, Stateful<FirewallState> {
    private static final int STATE_VERSION = 2;

    private final List<FirewallRule> rules;
    /** The rules, as text that tells them apart. */
    private final List<String> ruleTexts;

    private final RuleSet ruleSet;
    private final boolean stateful;
    private final Verdict nonIp;
    private final boolean acceptByDefault;
    private Connections connections;
    private FragmentVerdicts fragments;
    private LongSupplier clock = System::nanoTime;
    private final Headers[] window =
            Stream.generate(Headers::new).limit(Connections.WINDOW).toArray(Headers[]::new);
    private final Subject subject = new Subject();
    private final DropCause[] causes = new DropCause[Verdict.values().length];
    /** Packets per rule, and behind these the packets that no rule matched. */
    private final long[] hits;

    private long acceptedByState;

    /** @throws ConfigurationException if a rule contradicts itself */
    public Firewall(@Parameter FirewallConfig config) {
        rules = List.copyOf(config.rules());
        ruleTexts = rules.stream().map(FirewallRule::toString).toList();
        ruleSet = new RuleSet(rules, config.stateful());
        stateful = config.stateful();
        nonIp = config.nonIp() == Action.ACCEPT ? Verdict.ACCEPT : Verdict.NON_IP;
        acceptByDefault = config.defaultAction() == Action.ACCEPT;
        connections = new Connections(config.stateful() ? config.maxFlows() : 1, config.tcpPickup(), config.timeouts());
        fragments = new FragmentVerdicts(
                config.maxFragmentedDatagrams(), config.timeouts().fragment());
        hits = new long[rules.size() + 1];
    }

    @Override
    public void start(FunctionContext context) {
        clock = context::nowNanos;
        for (Verdict verdict : Verdict.values()) {
            if (verdict != Verdict.ACCEPT) {
                causes[verdict.ordinal()] = context.dropCause(verdict.cause());
            }
        }
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        for (int first = 0; first < batch.size(); first += window.length) {
            int count = Math.min(window.length, batch.size() - first);
            for (int i = 0; i < count; i++) {
                window[i].parse(batch.packet(first + i));
            }
            if (stateful) {
                connections.lookAhead(window, count);
            }
            for (int i = 0; i < count; i++) {
                Verdict verdict = judge(batch.packet(first + i), i, batch.side(), batch.nowNanos());
                if (verdict != Verdict.ACCEPT) {
                    out.drop(first + i, causes[verdict.ordinal()]);
                }
            }
        }
    }

    @Override
    public void tick(long nowNanos) {
        connections.expire(nowNanos);
        fragments.expire(nowNanos);
    }

    private Verdict judge(Packet packet, int place, Side side, long nowNanos) {
        Headers headers = window[place];
        if (headers.malformed()) {
            return Verdict.MALFORMED;
        }
        if (!headers.isIp()) {
            return nonIp;
        }
        if (headers.laterFragment()) {
            return fragments.of(headers);
        }
        Verdict verdict = judgeDatagram(packet, place, side, nowNanos);
        if (headers.fragment()) {
            fragments.note(headers, verdict, nowNanos);
        }
        return verdict;
    }

    private Verdict judgeDatagram(Packet packet, int place, Side side, long nowNanos) {
        Headers headers = window[place];
        ConnectionState state =
                stateful ? connections.track(packet, place, headers, nowNanos) : ConnectionState.UNTRACKED;
        if (state == ConnectionState.ESTABLISHED || state == ConnectionState.RELATED) {
            acceptedByState++;
            return Verdict.ACCEPT;
        }
        if (state == ConnectionState.NEW && connections.known()) {
            hits[connections.rule()]++;
            return Verdict.ACCEPT;
        }
        return judgeByRules(headers, side, state, nowNanos);
    }

    private Verdict judgeByRules(Headers headers, Side side, ConnectionState state, long nowNanos) {
        subject.fill(headers, side);
        subject.state = state;
        int found = ruleSet.find(subject);
        int rule = found == RuleSet.NONE ? rules.size() : found;
        hits[rule]++;
        if (!accepts(rule)) {
            return rejection(rule, state);
        }
        boolean tracked = state != ConnectionState.NEW || connections.add(headers, rule, nowNanos);
        return tracked ? Verdict.ACCEPT : Verdict.TABLE_FULL;
    }

    private boolean accepts(int rule) {
        return rule == rules.size() ? acceptByDefault : rules.get(rule).action() == Action.ACCEPT;
    }

    private Verdict rejection(int rule, ConnectionState state) {
        if (rule < rules.size()) {
            return Verdict.RULE;
        }
        return state == ConnectionState.INVALID ? Verdict.INVALID_STATE : Verdict.DEFAULT_POLICY;
    }

    /** Flows, with the rules that accepted them, fragmented datagrams and hits. */
    @Override
    public FirewallState handOver() {
        return new FirewallState(
                ruleTexts,
                hits,
                acceptedByState,
                Optional.of(connections),
                Optional.of(fragments),
                connections::rows,
                fragments::rows);
    }

    /**
     * {@inheritDoc} Flows go on that were accepted by a rule which there still is, or by default as they would be now. Those of
     * other rules are left: their next packets are judged by the rules that there are.
     */
    @Override
    public Takeover takeOver(FirewallState state) {
        int[] rulesNow = rulesNow(state.rules());
        boolean sameRules =
                state.rules().equals(ruleTexts) && Arrays.stream(rulesNow).allMatch(rule -> rule >= 0);
        Map<String, Long> taken = new LinkedHashMap<>();
        Map<String, Long> dropped = new LinkedHashMap<>();
        long nowNanos = clock.getAsLong();
        if (stateful
                && sameRules
                && state.connections().filter(connections::isLike).isPresent()) {
            connections = state.connections().get();
        } else {
            restore(state.flowRows().get(), rulesNow, nowNanos, dropped);
        }
        taken.put("flows", (long) (stateful ? connections.size() : 0));
        if (state.fragments().filter(fragments::isLike).isPresent()) {
            fragments = state.fragments().get();
        } else {
            fragments.restore(state.fragmentRows().get(), nowNanos);
        }
        for (int rule = 0; rule < rulesNow.length; rule++) {
            if (rulesNow[rule] >= 0) {
                hits[rulesNow[rule]] += state.hits()[rule];
            }
        }
        acceptedByState += state.acceptedByState();
        return new Takeover(taken, dropped);
    }

    /** Where the rules of another firewall are among these, and at last what it did by default; -1 = nowhere. */
    private int[] rulesNow(List<String> others) {
        List<String> here = ruleTexts;
        int[] places = new int[others.size() + 1];
        for (int i = 0; i < others.size(); i++) {
            places[i] = here.indexOf(others.get(i));
        }
        places[others.size()] = acceptByDefault ? rules.size() : -1;
        return places;
    }

    private void restore(FlowRows flows, int[] rulesNow, long nowNanos, Map<String, Long> dropped) {
        if (!stateful) {
            if (flows.size() > 0) {
                dropped.put("flows, as they are not tracked any more", (long) flows.size());
            }
            return;
        }
        // The newest first: see StateScan.
        for (int row = flows.size() - 1; row >= 0; row--) {
            int rule = rulesNow[(int) flows.word(row, 0)];
            if (!connections.isCurrent(flows, row, nowNanos)) {
                dropped.merge("flows that are over", 1L, Long::sum);
            } else if (rule < 0) {
                dropped.merge("flows that no present rule has accepted", 1L, Long::sum);
            } else if (!connections.restore(flows, row, rule)) {
                dropped.merge("flows beyond max-flows", 1L, Long::sum);
            }
        }
    }

    @Override
    public int stateVersion() {
        return STATE_VERSION;
    }

    @Override
    public void write(FirewallState state, DataOutput out) throws IOException {
        writeCounts(state.rules(), state.hits(), state.acceptedByState(), out);
        state.flowRows().get().write(out, clock.getAsLong());
        state.fragmentRows().get().write(out, clock.getAsLong());
    }

    @Override
    public StateScan scan() {
        long nowNanos = clock.getAsLong();
        return StateScan.inOrder(
                StateScan.copied(this::countsNow), connections.scan(nowNanos), fragments.scan(nowNanos));
    }

    private StateScan.Content countsNow() {
        long[] hitsNow = hits.clone();
        long acceptedByStateNow = acceptedByState;
        return out -> writeCounts(ruleTexts, hitsNow, acceptedByStateNow, out);
    }

    /** Writes what stands before the flows and the datagrams. */
    private static void writeCounts(List<String> rules, long[] hits, long acceptedByState, DataOutput out)
            throws IOException {
        out.writeInt(rules.size());
        for (String rule : rules) {
            byte[] text = rule.getBytes(StandardCharsets.UTF_8);
            out.writeInt(text.length);
            out.write(text);
        }
        for (long hit : hits) {
            out.writeLong(hit);
        }
        out.writeLong(acceptedByState);
    }

    @Override
    public FirewallState read(DataInput in, int version, long writtenNanos) throws IOException {
        if (version != STATE_VERSION) {
            throw new IOException("a firewall's state in form " + version + " instead of " + STATE_VERSION);
        }
        List<String> itsRules = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
            byte[] text = new byte[in.readInt()];
            in.readFully(text);
            itsRules.add(new String(text, StandardCharsets.UTF_8));
        }
        long[] itsHits = new long[itsRules.size() + 1];
        for (int i = 0; i < itsHits.length; i++) {
            itsHits[i] = in.readLong();
        }
        long byState = in.readLong();
        FlowRows flows = FlowRows.read(in, Connections.WORDS, writtenNanos);
        FlowRows datagrams = FlowRows.read(in, FragmentVerdicts.WORDS, writtenNanos);
        return new FirewallState(
                itsRules, itsHits, byState, Optional.empty(), Optional.empty(), () -> flows, () -> datagrams);
    }

    /** Flows, packets accepted for their state, and hits per rule. */
    @Override
    public Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        if (stateful) {
            report.put("flows", connections.size());
            report.put("established-or-related", acceptedByState);
        }
        report.put("rules", ruleHits());
        report.put("default-hits", hits[rules.size()]);
        return report;
    }

    private List<Map<String, Object>> ruleHits() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("rule", rules.get(i).name().orElse("#" + i));
            entry.put("hits", hits[i]);
            list.add(entry);
        }
        return list;
    }
}
