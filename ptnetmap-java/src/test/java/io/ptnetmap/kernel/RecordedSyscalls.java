// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import io.ptnetmap.abi.Ioctl;
import io.ptnetmap.abi.NmreqHeader;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;

/**
 * Takes down what a driver asks of the system and plays back answers. Memory is real, so that mapping and retiring are
 * too; descriptors are numbers only.
 */
final class RecordedSyscalls implements Syscalls, AutoCloseable {
    /** Answers one ioctl: may write to its argument; returns 0 or the negated errno. */
    interface Answer {
        int to(long argument);
    }

    /** One ioctl as it came in; of a control request also the bytes of its header, as they were then. */
    record Call(int fd, long request, byte[] header) {}

    private static final int FIRST_FD = 100;

    final List<Call> calls = new ArrayList<>();
    final TreeSet<Integer> openDescriptors = new TreeSet<>();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final int memory = Linux.memfdCreate("recorded-syscalls", Linux.MFD_CLOEXEC);
    private int nextFd = FIRST_FD;
    private Errno openError;
    int mappings;
    int polls;
    int pollResult;

    RecordedSyscalls(long memorySize) {
        Linux.ftruncate(memory, memorySize);
    }

    /** The memory behind all mappings, as the kernel sees it. */
    Mapping kernelView(long length) {
        return Mapping.of(memory, length);
    }

    RecordedSyscalls answer(Answer answer) {
        answers.add(answer);
        return this;
    }

    RecordedSyscalls failOpen(Errno errno) {
        openError = errno;
        return this;
    }

    @Override
    public int open(String path) {
        if (openError != null) {
            throw new LinuxException("open " + path, openError.number());
        }
        openDescriptors.add(nextFd);
        return nextFd++;
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        byte[] header = new byte[request == Ioctl.NIOCCTRL ? NmreqHeader.SIZE : 0];
        Memory.copy(argument, header, 0, header.length);
        calls.add(new Call(fd, request, header));
        return answers.remove().to(argument);
    }

    @Override
    public Mapping map(int fd, long length) {
        mappings++;
        return Mapping.of(memory, length);
    }

    @Override
    public int poll(int fd, int events) {
        polls++;
        return pollResult & (events | Linux.POLLERR);
    }

    @Override
    public void close(int fd) {
        if (!openDescriptors.remove(fd)) {
            throw new AssertionError("closes descriptor " + fd + ", which is not open");
        }
    }

    @Override
    public void close() {
        Linux.close(memory);
    }
}
