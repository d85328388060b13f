// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.ChildJvm;
import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.linux.Linux;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What tests run in other namespaces, or as other users: a process with an interface port. */
public final class InterfaceChild {
    private InterfaceChild() {}

    /** The command that runs this class with arguments, behind another command that starts it. */
    static String[] command(List<String> starter, String... arguments) {
        List<String> command = new ArrayList<>(starter);
        String mode = System.getProperty(InterfaceMode.VARIABLE);
        List<String> options = mode == null ? List.of() : List.of("-D" + InterfaceMode.VARIABLE + "=" + mode);
        command.addAll(ChildJvm.command(options, InterfaceChild.class, arguments));
        return command.toArray(String[]::new);
    }

    /** {@code open INTERFACE}, {@code echo INTERFACE HOST-SOCKET} or {@code hold INTERFACE HOST-SOCKET}. */
    public static void main(String[] arguments) {
        switch (arguments[0]) {
            case "open" -> open(arguments[1]);
            case "hold" -> hold(arguments[1], Path.of(arguments[2]));
            case "echo" -> echo(arguments[1], Path.of(arguments[2]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void open(String name) {
        try (Netmap netmap = Netmap.over(EmbeddedHost.create());
                NetmapPort port = netmap.openPort("netmap:" + name)) {
            System.out.println("opened " + port + " " + port.description().orElseThrow());
        } catch (NetmapException refused) {
            System.out.println(refused.getMessage());
        }
    }

    /** Sends back what it receives, until it is ended. */
    private static void echo(String name, Path socket) {
        try (Netmap netmap = Netmap.over(AttachClient.connect(socket));
                NetmapPort port = netmap.openPort("netmap:" + name)) {
            while (true) {
                port.poll(Linux.POLLIN, -1);
                port.rxRing(0).forward(port.txRing(0), Integer.MAX_VALUE);
                port.txRing(0).sync();
            }
        }
    }

    /** Sends all the time and receives without giving anything back, until it is ended. */
    private static void hold(String name, Path socket) {
        try (Netmap netmap = Netmap.over(AttachClient.connect(socket));
                NetmapPort port = netmap.openPort("netmap:" + name)) {
            System.out.println("holding");
            while (true) {
                port.txRing(0).advance(port.txRing(0).available());
                port.sync();
            }
        }
    }
}
