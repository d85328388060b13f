// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The service manager that has started this process, such as systemd: told of its state by datagrams to the socket that the
 * environment names (sd_notify(3)). Thread-safe.
 */
public final class ServiceManager {
    /** The service is ready. */
    public static final String READY = "READY=1";
    /** The service is about to end. */
    public static final String STOPPING = "STOPPING=1";
    /** The service is alive. */
    public static final String WATCHDOG = "WATCHDOG=1";

    /** What comes behind it is shown to whoever asks how the service is. */
    public static final String STATUS = "STATUS=";

    private static final int PATH_SIZE = 107;

    private final String socket;
    private final Optional<Duration> watchdog;

    private ServiceManager(String socket, Optional<Duration> watchdog) {
        this.socket = socket;
        this.watchdog = watchdog;
    }

    /** The one that an environment names, if it does. */
    public static Optional<ServiceManager> of(Map<String, String> environment) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (!socket.startsWith("/") && !socket.startsWith("@")) {
            return Optional.empty();
        }
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        String pid = environment.getOrDefault("WATCHDOG_PID", "");
        boolean forThis = pid.isEmpty()
                || pid.equals(String.valueOf(ProcessHandle.current().pid()));
        return Optional.of(new ServiceManager(
                socket,
                forThis && micros.matches("[1-9]\\d{0,14}")
                        ? Optional.of(Duration.ofNanos(Long.parseLong(micros) * 1000))
                        : Optional.empty()));
    }

    /** How often it wants to hear that the service is alive, at least. */
    public Optional<Duration> watchdog() {
        return watchdog;
    }

    /**
     * Tells it something; several things are in lines of their own.
     *
     * @throws LinuxException if it cannot be told
     */
    public void tell(String state) {
        byte[] name = socket.getBytes(StandardCharsets.UTF_8);
        if (name.length > PATH_SIZE) {
            throw new LinuxException("connect " + socket, Errno.ENAMETOOLONG.number());
        }
        // A name that begins with @ is no file's: a zero stands for it.
        boolean isAbstract = name[0] == '@';
        name[0] = isAbstract ? 0 : name[0];
        byte[] text = state.getBytes(StandardCharsets.UTF_8);
        int fd = Linux.socket(Linux.AF_UNIX, Linux.SOCK_DGRAM, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(2 + PATH_SIZE + 1, 8);
            Memory.putShort(address.address(), (short) Linux.AF_UNIX);
            Memory.copy(name, 0, address.address() + 2, name.length);
            MemorySegment message = arena.allocate(Math.max(1, text.length), 8);
            Memory.copy(text, 0, message.address(), text.length);
            int length = 2 + name.length + (isAbstract ? 0 : 1);
            long sent = Linux.sendto(fd, message.address(), text.length, 0, address.address(), length);
            if (sent < 0) {
                throw new LinuxException("sendto " + socket, (int) -sent);
            }
        } finally {
            Linux.close(fd);
        }
    }
}
