// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.nfv.tools.ToolException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses and UDP ports that packets take by turns, both inclusive: {@code 10.0.0.1:2000-10.0.0.9:2010}, or for IPv6
 * {@code [fd00::1]:2000-[fd00::9]:2010}. The upper 64 bits of an IPv6 range's ends are the same.
 *
 * @param high upper 64 bits of the address; 0 for IPv4
 * @param first lower 64 bits of the first address, or all 32 of IPv4
 * @param last of the last one
 * @param firstPort first UDP port
 * @param lastPort last one
 * @param ipv6 whether it is IPv6
 */
public record EndpointRange(long high, long first, long last, int firstPort, int lastPort, boolean ipv6) {
    /** UDP port where none is given. */
    public static final int DEFAULT_PORT = 1234;

    private static final Pattern IPV4 = Pattern.compile("([0-9.]+)(?::([0-9]{1,5}))?");
    private static final Pattern IPV6 = Pattern.compile("\\[?([0-9A-Fa-f:.]+?)\\]?(?:(?<=\\]):([0-9]{1,5}))?");
    private static final Pattern QUAD = Pattern.compile("(?:[0-9]{1,3}\\.){3}[0-9]{1,3}");
    private static final int MAX_PORT = 0xffff;

    /** @throws ToolException if the text is no range of this family */
    public static EndpointRange parse(String text, boolean ipv6) {
        String[] ends = text.split("-", -1);
        if (ends.length > 2) {
            throw malformed(text, ipv6);
        }
        Endpoint from = Endpoint.parse(ends[0], text, ipv6, DEFAULT_PORT);
        Endpoint to = ends.length == 1 ? from : Endpoint.parse(ends[1], text, ipv6, from.port);
        if (from.high != to.high) {
            throw new ToolException("'" + text + "': the ends of a range differ in their lower 64 bits only");
        }
        if (Long.compareUnsigned(from.low, to.low) > 0 || from.port > to.port) {
            throw new ToolException("'" + text + "': a range goes from the lower address and port to the higher ones");
        }
        return new EndpointRange(from.high, from.low, to.low, from.port, to.port, ipv6);
    }

    /** Whether there is one address and one port only. */
    boolean single() {
        return first == last && firstPort == lastPort;
    }

    private static ToolException malformed(String text, boolean ipv6) {
        return new ToolException("'" + text + "' is no range of IPv" + (ipv6 ? "6" : "4") + " addresses; write it as "
                + (ipv6 ? "fd00::1 or [fd00::1]:2000-[fd00::9]:2010" : "10.0.0.1 or 10.0.0.1:2000-10.0.0.9:2010"));
    }

    private record Endpoint(long high, long low, int port) {
        static Endpoint parse(String text, String whole, boolean ipv6, int defaultPort) {
            Matcher matcher = (ipv6 ? IPV6 : IPV4).matcher(text);
            if (!matcher.matches() || !ipv6 && !QUAD.matcher(matcher.group(1)).matches()) {
                throw malformed(whole, ipv6);
            }
            int port = matcher.group(2) == null ? defaultPort : Integer.parseInt(matcher.group(2));
            if (port > MAX_PORT) {
                throw new ToolException("'" + whole + "': UDP ports go up to " + MAX_PORT);
            }
            byte[] bytes = address(matcher.group(1), whole, ipv6);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return ipv6
                    ? new Endpoint(buffer.getLong(), buffer.getLong(), port)
                    : new Endpoint(0, Integer.toUnsignedLong(buffer.getInt()), port);
        }

        private static byte[] address(String text, String whole, boolean ipv6) {
            try {
                byte[] bytes = InetAddress.getByName(text).getAddress();
                if (bytes.length == (ipv6 ? 16 : 4)) {
                    return bytes;
                }
            } catch (UnknownHostException notNumeric) {
                // Said below.
            }
            throw malformed(whole, ipv6);
        }
    }
}
