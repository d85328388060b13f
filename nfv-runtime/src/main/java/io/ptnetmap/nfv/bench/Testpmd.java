// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DPDK's testpmd, which forwards packets of 64 bytes from a ring into the same ring.
 *
 * @param mode of forwarding, such as {@code macswap}
 * @param burst packets that go round, and that are received at once
 * @param millis of each round
 */
record Testpmd(String mode, int burst, int millis) implements Candidate {
    private static final String PROGRAM = "dpdk-testpmd";

    @Override
    public String name() {
        return "testpmd";
    }

    @Override
    public String find() {
        Tool.require(PROGRAM, "dpdk-dev");
        return PROGRAM + " --vdev net_ring0 -- --port-topology=loop --forward-mode=... --burst=...";
    }

    @Override
    public Contender start(Cleanup cleanup) throws IOException {
        List<Integer> cpus = Machine.pair();
        // The first lcore takes commands, the other one forwards.
        List<String> command = Dpdk.command(PROGRAM, "0@" + cpus.getLast() + ",1@" + cpus.getFirst());
        command.addAll(List.of("--vdev", "net_ring0", "--", "-i", "--port-topology=loop"));
        command.addAll(
                List.of("--forward-mode=" + mode, "--burst=" + burst, "--total-num-mbufs=4096", "--no-mlockall"));
        Session session = Session.start(command);
        cleanup.add(session::close);
        return new Contender(name(), () -> new double[] {round(session)});
    }

    private double round(Session session) {
        session.ask("start tx_first");
        // The rate is that since the last time it was shown.
        session.ask("show port stats all");
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        double rate = rate(session.ask("show port stats all"));
        requireWhole(session.ask("stop"), burst);
        return rate;
    }

    /** Million packets per second, of what testpmd says to {@code show port stats}. */
    static double rate(String said) {
        return number(said, "Rx-pps: +([0-9]+)") / 1e6;
    }

    /** Makes sure, from what testpmd says to {@code stop}, that those packets that went round at first still do. */
    static void requireWhole(String said, int inLoop) {
        double received = number(said, "RX-packets: +([0-9]+)");
        double sent = number(said, "TX-packets: +([0-9]+)");
        double dropped = number(said, "RX-dropped: +([0-9]+)") + number(said, "TX-dropped: +([0-9]+)");
        if (sent - received != inLoop || dropped != 0) {
            throw new BenchException("testpmd: of %d packets in the loop %.0f are left, and %.0f were dropped"
                    .formatted(inLoop, sent - received, dropped));
        }
    }

    private static double number(String said, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(said);
        if (!matcher.find()) {
            throw new BenchException("testpmd says '" + said.strip() + "'");
        }
        return Double.parseDouble(matcher.group(1));
    }

    /** A testpmd that runs. For one thread. */
    private static final class Session {
        private static final String PROMPT = "testpmd> ";

        private final Process process;
        private final Reader answers;
        private final Writer commands;

        private Session(Process process) {
            this.process = process;
            this.answers = process.inputReader();
            this.commands = process.outputWriter();
        }

        static Session start(List<String> command) throws IOException {
            Session session = new Session(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
            session.answer();
            return session;
        }

        /** Returns what it says to a command. */
        String ask(String command) {
            try {
                commands.write(command + "\n");
                commands.flush();
                return answer();
            } catch (IOException gone) {
                throw new BenchException("testpmd has died", gone);
            }
        }

        private String answer() throws IOException {
            StringBuilder said = new StringBuilder();
            while (said.length() < PROMPT.length() || said.indexOf(PROMPT, said.length() - PROMPT.length()) < 0) {
                int next = answers.read();
                if (next < 0) {
                    throw new BenchException("testpmd has died: "
                            + said.toString()
                                    .lines()
                                    .reduce((first, last) -> last)
                                    .orElse("without a word"));
                }
                said.append((char) next);
            }
            return said.toString();
        }

        void close() {
            try {
                commands.write("quit\n");
            } catch (IOException alreadyGone) {
                // Then there is nothing to end.
            }
            BenchProcess.end(process, commands);
        }
    }
}
