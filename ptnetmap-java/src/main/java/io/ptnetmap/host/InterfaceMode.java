// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Setting;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How interfaces are to be joined to their ports, as the system property or environment variable {@value #VARIABLE} says: one of
 * these in lower case, with {@code -} for {@code _}; or for single interfaces {@code NAME=MODE}; several with commas between
 * them. The numbers of netmap's {@code admode} serve too: 0 {@link #AUTO}, 1 {@link #XDP}, 2 {@link #PACKET}.
 */
public enum InterfaceMode {
    /** The best that works: an XDP socket in the driver, else a packet socket. */
    AUTO,
    /** An XDP socket in the driver, without copying where the driver can. */
    XDP,
    /** An XDP socket in the driver, without copying. */
    XDP_ZEROCOPY,
    /** An XDP socket in the driver; the kernel copies. */
    XDP_COPY,
    /** An XDP socket in the kernel's stack, where each driver works. */
    XDP_GENERIC,
    /** A packet socket. */
    PACKET;

    /** The name of the property and of the variable; the property counts first. */
    public static final String VARIABLE = "PTNETMAP_NIC";

    /** What is said of an interface. */
    static InterfaceMode of(String name) {
        return parse(Setting.of(VARIABLE).orElse(""), name);
    }

    /**
     * Finds what a text says of an interface; {@link #AUTO} where it says nothing.
     *
     * @throws LinuxException EINVAL where the text makes no sense
     */
    static InterfaceMode parse(String text, String name) {
        InterfaceMode general = AUTO;
        Optional<InterfaceMode> special = Optional.empty();
        for (String part : text.split(",")) {
            int equals = part.indexOf('=');
            if (equals >= 0) {
                InterfaceMode mode = mode(part.substring(equals + 1), text);
                if (part.substring(0, equals).strip().equals(name)) {
                    special = Optional.of(mode);
                }
            } else if (!part.isBlank()) {
                general = mode(part, text);
            }
        }
        return special.orElse(general);
    }

    private static InterfaceMode mode(String word, String text) {
        String wanted = word.strip();
        return switch (wanted) {
            case "0" -> AUTO;
            case "1" -> XDP;
            case "2" -> PACKET;
            default ->
                Arrays.stream(values())
                        .filter(mode -> mode.toString().equals(wanted))
                        .findFirst()
                        .orElseThrow(() -> new LinuxException(
                                VARIABLE + "=" + text,
                                Errno.EINVAL,
                                "'" + wanted + "' is none of "
                                        + Arrays.stream(values())
                                                .map(InterfaceMode::toString)
                                                .collect(Collectors.joining(", "))));
        };
    }

    /** As it is written in {@value #VARIABLE}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
