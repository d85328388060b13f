// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;
import java.io.Reader;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A virtual machine that runs. It ends with this process, however that ends. Thread-safe.
 */
public final class VirtualMachine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VirtualMachine.class);
    private static final int TAIL_LINES = 15;
    private static final Duration CONSOLE_INTERVAL = Duration.ofMillis(200);
    private static final Duration QUIT_LIMIT = Duration.ofSeconds(3);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

    private final String name;
    private final Process process;
    private final SocketChannel control;
    private final Qmp monitor;
    private final MachineFiles files;

    VirtualMachine(String name, Process process, SocketChannel control, Qmp monitor, MachineFiles files) {
        this.name = name;
        this.process = process;
        this.control = control;
        this.monitor = monitor;
        this.files = files;
    }

    /** The host's end of the guest's {@link MachineConfig#CONTROL_DEVICE}. What is sent waits until the guest reads it. */
    public SocketChannel control() {
        return control;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** QEMU's process id. */
    public long pid() {
        return process.pid();
    }

    /** What QEMU thinks of the machine: {@code running}, {@code paused}, {@code shutdown} ... */
    public String status() throws IOException {
        return monitor.execute("query-status", QUIT_LIMIT).path("status").asString("unknown");
    }

    /** What explains the machine's end: QEMU's messages, its last event and the last lines of the console. */
    public List<String> lastWords() {
        List<String> lines = new ArrayList<>(MachineFiles.tail(files.messages(), TAIL_LINES));
        monitor.lastEvent().ifPresent(lines::add);
        List<String> console = MachineFiles.tail(files.console(), TAIL_LINES);
        if (!console.isEmpty()) {
            lines.add("console of '" + name + "' (" + files.console() + "):");
            console.forEach(line -> lines.add("  " + line));
        }
        return lines;
    }

    /** Hands on the lines of the console, on a thread of its own, until the machine has ended. */
    public void followConsole(Consumer<String> reader) {
        Thread.ofPlatform().daemon().name("console-" + name).start(() -> {
            try (Reader in = Files.newBufferedReader(files.console())) {
                StringBuilder unfinished = new StringBuilder();
                for (boolean last = false; !last; ) {
                    last = awaitEnd(CONSOLE_INTERVAL);
                    for (int next = in.read(); next >= 0; next = in.read()) {
                        if (next == '\n') {
                            reader.accept(MachineFiles.printable(unfinished.toString()));
                            unfinished.setLength(0);
                        } else {
                            unfinished.append((char) next);
                        }
                    }
                }
            } catch (IOException unreadable) {
                LOG.warn("the console of '{}' cannot be read: {}", name, unreadable.getMessage());
            }
        });
    }

    /** Gives a guest that is about to switch itself off this long to do so. */
    public boolean awaitEnd(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends QEMU: by its monitor or, where it does not obey, by force. Whatever the guest was at is lost. Idempotent. */
    @Override
    public void close() {
        if (process.isAlive()) {
            try {
                monitor.execute("quit", QUIT_LIMIT);
            } catch (IOException deaf) {
                LOG.debug("QEMU is killed", deaf);
            }
            if (!awaitEnd(QUIT_LIMIT)) {
                process.destroyForcibly();
            }
            if (!awaitEnd(KILL_LIMIT)) {
                LOG.warn("QEMU of '{}', process {}, cannot be killed and is left behind", name, process.pid());
            }
        }
        monitor.close();
        try {
            control.close();
            files.clean();
        } catch (IOException remains) {
            LOG.debug("the next machine of this name removes it", remains);
        }
    }
}
