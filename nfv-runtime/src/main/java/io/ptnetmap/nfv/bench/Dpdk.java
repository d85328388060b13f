// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What there is of DPDK on this machine: its own programs, and its libraries for {@code dpdk.c}. */
final class Dpdk {
    private static final String LIBRARY = "libdpdk";

    private Dpdk() {}

    /** {@code dpdk.c}, compiled. */
    static CTwin twin() {
        Tool.require("pkg-config", "pkg-config");
        try {
            String version = Tool.output(List.of("pkg-config", "--modversion", LIBRARY));
            List<String> headers = words(Tool.output(List.of("pkg-config", "--cflags", LIBRARY)));
            List<String> objects = words(Tool.output(List.of("pkg-config", "--libs", LIBRARY)));
            return CTwin.system("dpdk.c", new CTwin.Library(version, headers, objects));
        } catch (MissingException noLibrary) {
            throw new MissingException(
                    "no headers of DPDK here; 'apt-get install libdpdk-dev' provides them, './nfv setup peers' all peers");
        }
    }

    private static List<String> words(String line) {
        return List.of(line.split("\\s+"));
    }

    /** How {@code dpdk.c} came about, for people. */
    static String how() {
        CTwin twin = twin();
        twin.program();
        return "DPDK " + Tool.output(List.of("pkg-config", "--modversion", LIBRARY)) + ", " + twin.command();
    }

    static Path program() {
        return twin().program();
    }

    /** Beginning of the command line of one of DPDK's own programs: without huge pages, on two processors. */
    static List<String> command(String program, String lcores) {
        List<String> command = new ArrayList<>();
        // By the line, lest answers stay in the buffer of a stream that is no terminal.
        command.addAll(List.of("stdbuf", "-oL", program));
        command.addAll(List.of("--no-huge", "--no-shconf", "--no-pci", "--no-telemetry", "-m", "256"));
        command.addAll(List.of("--lcores", lcores));
        return command;
    }
}
