// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

/**
 * A request that the kernel, or the embedded host in its place, has refused.
 *
 * <p>The message reads {@code request: ERRNO (what it means): detail}. The public API wraps it in {@code
 * NetmapException}, which adds the port.
 */
public final class LinuxException extends RuntimeException {
    private final int number;
    private final String request;

    /** A refusal by a system call. */
    public LinuxException(String request, int number) {
        this(request, number, "");
    }

    /** A refusal that can be explained; {@code detail} says what is wrong and what to do about it. */
    public LinuxException(String request, Errno errno, String detail) {
        this(request, errno.number(), detail);
    }

    /** A refusal with any error number; {@code detail} may be empty. */
    public LinuxException(String request, int number, String detail) {
        super(request + ": " + describe(number) + (detail.isEmpty() ? "" : ": " + detail));
        this.number = number;
        this.request = request;
    }

    private static String describe(int number) {
        Errno errno = Errno.of(number);
        return errno == Errno.UNKNOWN ? "errno " + number : errno + " (" + errno.text() + ")";
    }

    public Errno errno() {
        return Errno.of(number);
    }

    /** The error's number, also where {@link Errno} does not name it. */
    public int number() {
        return number;
    }

    /** What was asked for: a system call or a netmap request, with its object. */
    public String request() {
        return request;
    }
}
