// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;

/**
 * A pipe's name taken apart: {@code PARENT{ID} is the master, {@code PARENT}ID} the slave (ABI §8.1).
 *
 * @param end {@link Pipe#MASTER} or {@link Pipe#SLAVE}
 */
record PipeName(String parent, String id, int end) {
    /** The name in a request that can be meant for nothing else. */
    static PipeName of(PortRequest request) {
        String name = request.name();
        int brace = name.lastIndexOf('{');
        int end = Pipe.MASTER;
        if (brace < 0) {
            brace = name.lastIndexOf('}');
            end = Pipe.SLAVE;
        }
        if (brace < 0) {
            throw Wishes.refuse(
                    request,
                    Errno.ENXIO,
                    "no port is called so: there are interfaces, such as eth0, switches' ports, vale0:a, and pipes:"
                            + " x{1 is one end, x}1 the other");
        }
        if (brace == 0 || brace == name.length() - 1) {
            throw Wishes.refuse(request, Errno.EINVAL, "a pipe is PARENT{ID or PARENT}ID, neither part empty");
        }
        return new PipeName(name.substring(0, brace), name.substring(brace + 1), end);
    }
}
