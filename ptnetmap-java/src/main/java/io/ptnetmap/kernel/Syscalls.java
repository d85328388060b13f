// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;

/** All that this driver asks of the system, so that tests can look at every byte of it. Thread-safe. */
interface Syscalls {
    /** Opens a device for reading and writing; throws {@link io.ptnetmap.linux.LinuxException}. */
    int open(String path);

    /** Returns 0 or the negated errno. */
    int ioctl(int fd, long request, long argument);

    /** Maps the first {@code length} bytes; throws {@link io.ptnetmap.linux.LinuxException}. */
    Mapping map(int fd, long length);

    /** {@code poll(2)} of one descriptor without waiting; returns its {@code revents}. */
    int poll(int fd, int events);

    void close(int fd);

    /** The real ones. */
    Syscalls LINUX = new Syscalls() {
        @Override
        public int open(String path) {
            return Linux.open(path, Linux.O_RDWR);
        }

        @Override
        public int ioctl(int fd, long request, long argument) {
            return Linux.ioctl(fd, request, argument);
        }

        @Override
        public Mapping map(int fd, long length) {
            return Mapping.of(fd, length);
        }

        @Override
        public int poll(int fd, int events) {
            return Linux.poll(fd, events, 0);
        }

        @Override
        public void close(int fd) {
            Linux.close(fd);
        }
    };
}
