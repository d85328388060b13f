// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * Waits for several ports, and other descriptors, at once: {@code poll(2)} over netmap ports of any driver.
 *
 * <pre>{@code
 * try (NetmapPoller poller = new NetmapPoller()) {
 *     poller.add(left, Linux.POLLIN);
 *     poller.add(right, Linux.POLLIN);
 *     poller.await(-1);
 *     if (poller.ready(left) != 0) ...
 * }
 * }</pre>
 *
 * Single-threaded. Allocates only while ports are added.
 */
public final class NetmapPoller implements AutoCloseable {
    private final Arena arena = Arena.ofAuto();
    private NetmapPort[] ports = new NetmapPort[0];
    private int[] events = new int[0];
    private int[] ready = new int[0];
    private int[] descriptors = new int[0];
    private long pollfds;
    private boolean closed;

    /** Adds a port, or replaces the events it is waited for. */
    public void add(NetmapPort port, int events) {
        int index = indexOf(port);
        if (index < 0) {
            index = ports.length;
            ports = Arrays.copyOf(ports, index + 1);
            this.events = Arrays.copyOf(this.events, index + 1);
            ready = Arrays.copyOf(ready, index + 1);
            ports[index] = port;
            resize();
        }
        this.events[index] = events;
    }

    /** Adds a plain descriptor whose {@code POLLIN} ends a wait, such as an eventfd; once, however often it is called. */
    public void addDescriptor(int fd) {
        for (int known : descriptors) {
            if (known == fd) {
                return;
            }
        }
        descriptors = Arrays.copyOf(descriptors, descriptors.length + 1);
        descriptors[descriptors.length - 1] = fd;
        resize();
    }

    private void resize() {
        pollfds = arena.allocate((long) (ports.length + descriptors.length) * Linux.POLLFD_SIZE, 8)
                .address();
    }

    private int indexOf(NetmapPort port) {
        for (int i = 0; i < ports.length; i++) {
            if (ports[i] == port) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Waits until one of the ports has one of its events.
     *
     * @param timeoutNanos 0 = look only, negative = for ever
     * @return whether something is ready
     * @throws NetmapException if one of the ports is closed, before or meanwhile
     */
    public boolean await(long timeoutNanos) {
        if (closed) {
            throw new IllegalStateException("the poller is closed");
        }
        long start = System.nanoTime();
        long left = timeoutNanos;
        boolean any = awaitOnce(left);
        // Not everything that ends the sleep is an event, see NetmapPort.poll.
        while (!any && left != 0) {
            if (timeoutNanos > 0) {
                left = Math.max(0, timeoutNanos - (System.nanoTime() - start));
            }
            any = awaitOnce(left);
        }
        return any;
    }

    private boolean awaitOnce(long timeoutNanos) {
        requireOpenPorts();
        boolean any = false;
        for (int i = 0; i < ports.length; i++) {
            PortBinding binding = ports[i].binding();
            ready[i] = binding.arm(events[i]);
            any |= ready[i] != 0;
            fill(i, binding.descriptor(), binding.descriptorEvents(events[i]));
        }
        for (int i = 0; i < descriptors.length; i++) {
            fill(ports.length + i, descriptors[i], Linux.POLLIN);
        }
        if (!any && timeoutNanos != 0) {
            Linux.poll(pollfds, ports.length + descriptors.length, timeoutNanos);
        }
        for (int i = 0; i < ports.length; i++) {
            ready[i] |= ports[i].binding().disarm(events[i], revents(i));
            any |= ready[i] != 0;
        }
        requireOpenPorts();
        for (int i = 0; i < ports.length; i++) {
            ports[i].refresh();
        }
        for (int i = 0; i < descriptors.length; i++) {
            any |= revents(ports.length + i) != 0;
        }
        return any;
    }

    private void requireOpenPorts() {
        for (int i = 0; i < ports.length; i++) {
            ports[i].requireOpen();
        }
    }

    private void fill(int index, int fd, int events) {
        long pollfd = pollfds + (long) index * Linux.POLLFD_SIZE;
        Memory.putInt(pollfd, fd);
        Memory.putShort(pollfd + 4, (short) events);
        Memory.putShort(pollfd + 6, (short) 0);
    }

    private int revents(int index) {
        return Memory.getShort(pollfds + (long) index * Linux.POLLFD_SIZE + 6) & 0xffff;
    }

    /** What the last {@link #await} found for a port: {@code POLLIN}, {@code POLLOUT}, {@code POLLERR}. */
    public int ready(NetmapPort port) {
        int index = indexOf(port);
        if (index < 0) {
            throw new IllegalArgumentException(port + " was not added to this poller");
        }
        return ready[index];
    }

    @Override
    public void close() {
        closed = true;
    }
}
