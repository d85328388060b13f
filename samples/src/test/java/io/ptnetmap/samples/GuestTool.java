// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

/** An {@code nfv} command that runs in a guest while the test goes on. For the test's thread. */
final class GuestTool {
    private static final int START_SECONDS = 120;
    private static final int END_SECONDS = 120;
    private static final int RUN_SECONDS = 200;
    /** A tool that runs for longer hangs: it says where, and is killed, so that the guest goes on. */
    private static final String LIMIT = "timeout -s QUIT -k 5 180 ";

    private final Guest guest;
    private final String line;
    private final String files;

    private GuestTool(Guest guest, String name, String line) {
        this.guest = guest;
        this.line = line;
        this.files = "/tmp/" + name;
    }

    /**
     * Starts a command.
     *
     * @param name of this run, in the guest
     * @param line its arguments, for a shell
     * @param ready what it says on its standard error when it is at work; this waits until it does
     */
    static GuestTool start(Guest guest, String name, String line, String ready) {
        GuestTool tool = new GuestTool(guest, name, line);
        String at = tool.files;
        guest.run("rm -f " + at + ".*; { " + nfv(guest, line) + " >" + at + ".out 2>" + at + ".err & echo $! >" + at
                + ".pid; wait $!; echo $? >" + at + ".status; } &");
        String isReady = "grep -q '" + ready + "' " + at + ".err";
        tool.await(isReady + " || [ -e " + at + ".status ]", START_SECONDS);
        guest.run(isReady + " || { cat " + at + ".err; exit 1; }");
        return tool;
    }

    private static String nfv(Guest guest, String line) {
        return LIMIT + Guest.JAVA + guest.frameworkOptions() + "-Xmx64m io.ptnetmap.nfv.cli.Main " + line;
    }

    /** Ends all tools that are left. */
    static void endAll(Guest guest) {
        guest.run("while killall -q -9 java; do usleep 100000; done");
    }

    /** Runs a command that must succeed; what it says on its standard output. */
    static String run(Guest guest, String line) {
        return guest.expect(0, nfv(guest, line) + " 2>/tmp/err || { s=$?; cat /tmp/err; exit $s; }", RUN_SECONDS);
    }

    /** Runs a command that must fail with a status; what it says. */
    static String refused(Guest guest, int status, String line) {
        return guest.expect(status, nfv(guest, line), RUN_SECONDS);
    }

    private void await(String condition, int seconds) {
        guest.expect(
                0,
                "end=$(($(date +%s) + " + seconds + ")); until { " + condition + "; }; do usleep 200000;"
                        + " [ $(date +%s) -lt $end ] || { tail " + files + ".*; exit 1; }; done",
                seconds + 30);
    }

    /** Waits for its end, which must be a success; what it has said on its standard output. */
    String await() {
        return end(0);
    }

    /** Interrupts it; what it has said on its standard output by its end. */
    String interrupt() {
        guest.run("kill $(cat " + files + ".pid)");
        // As Java says of a process that was ended by a signal.
        return end(143);
    }

    private String end(int status) {
        await("[ -e " + files + ".status ]", END_SECONDS);
        String shown = "[ $(cat " + files + ".status) = " + status + " ] || { cat " + files + ".status " + files
                + ".err; exit 1; }; cat " + files + ".out";
        return guest.run(shown);
    }

    /** What it has said on its standard error so far. */
    String remarks() {
        return guest.run("cat " + files + ".err");
    }

    @Override
    public String toString() {
        return "nfv " + line;
    }
}
