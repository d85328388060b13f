// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a switch port taken apart: {@code vale0:a} (ABI §8.1).
 *
 * @param vale the switch, {@code vale0}
 * @param port its port, {@code a}
 */
record ValeName(String vale, String port) {
    private static final Pattern SYNTAX = Pattern.compile("(vale[A-Za-z0-9_]{0,11}):([^:]{1,15})");

    /** Whether a name can only be meant for a switch's port. */
    static boolean isMeant(String name) {
        return name.startsWith("vale") && name.indexOf(':') >= 0 && name.indexOf('{') < 0 && name.indexOf('}') < 0;
    }

    /**
     * Takes a name apart.
     *
     * @param request what it is for
     */
    static ValeName of(String request, String name) {
        Matcher matcher = SYNTAX.matcher(name);
        if (!matcher.matches()) {
            throw new LinuxException(
                    request + " " + name,
                    Errno.EINVAL,
                    "a switch's port is called SWITCH:PORT: SWITCH vale and up to 11 letters, digits or _, PORT up to 15"
                            + " characters; vale0:a is one");
        }
        return new ValeName(matcher.group(1), matcher.group(2));
    }
}
