// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.lb;

import static io.ptnetmap.nfv.tools.ToolException.require;

import io.ptnetmap.nfv.tools.ToolException;
import io.ptnetmap.nfv.tools.ToolLimits;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@link LoadBalancer} is to do.
 *
 * @param port input
 * @param groups of output pipes; every packet goes through all of them, one after the other
 * @param extraBuffers for overflow queues
 * @param batch most slots taken from the input at once
 * @param waitSeconds for the link
 * @param busyWait whether to spin instead of sleeping
 * @param stdoutSeconds between statistics on standard output, 0 = none
 * @param syslogSeconds between statistics in the system's log, 0 = none
 */
public record LoadBalancerConfig(
        String port,
        List<Group> groups,
        int extraBuffers,
        int batch,
        int waitSeconds,
        boolean busyWait,
        int stdoutSeconds,
        int syslogSeconds) {
    /**
     * Pipes that share packets among them.
     *
     * @param name what the pipes' names begin with
     * @param pipes how many
     */
    public record Group(String name, int pipes) {
        private static final Pattern FORM = Pattern.compile("(?:(.+):)?([0-9]{1,3})");
        private static final int MAX_PIPES = 64;

        /**
         * Reads {@code [NAME:]N}.
         *
         * @param port whose name is the group's where none is given
         * @throws ToolException if it is no group
         */
        public static Group parse(String text, String port) {
            Matcher matcher = FORM.matcher(text);
            if (!matcher.matches()) {
                throw new ToolException("-p takes [NAME:]N, such as 4 or web:4, not '" + text + "'");
            }
            String name = matcher.group(1) == null ? baseName(port) : matcher.group(1);
            return new Group(
                    name.startsWith("netmap:") ? name.substring("netmap:".length()) : name,
                    Integer.parseInt(matcher.group(2)));
        }

        /** The port's own name, without kind, mode and options. */
        private static String baseName(String port) {
            String name = port.startsWith("netmap:") ? port.substring("netmap:".length()) : port;
            return name.split("[-*^/@{}]", 2)[0];
        }

        /** @throws ToolException if there can be no such group */
        public Group {
            if (pipes < 1 || pipes > MAX_PIPES) {
                throw new ToolException("-p takes 1 to " + MAX_PIPES + " pipes, not " + pipes);
            }
            if (name.isEmpty() || name.matches(".*[-*^/@{}].*")) {
                throw new ToolException("'" + name + "' cannot be the name of pipes; write -p NAME:" + pipes);
            }
        }

        /** The pipe's specification. */
        String pipe(int index, int memId) {
            return (name.startsWith("vale") && name.contains(":") ? "" : "netmap:") + name + "{" + index + "/xT@"
                    + memId;
        }
    }

    /** @throws ToolException if it cannot be done */
    public LoadBalancerConfig {
        groups = List.copyOf(groups);
        require(extraBuffers >= 0, "-B takes a number of buffers, not " + extraBuffers);
        ToolLimits.requireBurst(batch);
        ToolLimits.requireWait(waitSeconds);
        require(stdoutSeconds >= 0 && syslogSeconds >= 0, "-o and -s take seconds, 0 for no statistics");
        for (int i = 0; i < groups.size(); i++) {
            for (Group earlier : groups.subList(0, i)) {
                require(
                        !earlier.name().equals(groups.get(i).name()),
                        "two groups are named " + earlier.name() + ": write -p NAME:" + earlier.pipes());
            }
        }
    }
}
