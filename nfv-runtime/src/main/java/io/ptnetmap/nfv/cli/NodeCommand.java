// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import ch.qos.logback.classic.Level;
import io.ptnetmap.linux.ServiceManager;
import io.ptnetmap.linux.UserSockets;
import io.ptnetmap.nfv.client.LocalNode;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeLog;
import io.ptnetmap.nfv.node.NodeSettings;
import io.ptnetmap.nfv.node.http.JwtSettings;
import io.ptnetmap.nfv.node.http.NodeServer;
import io.ptnetmap.nfv.node.http.ServerSettings;
import io.ptnetmap.nfv.node.http.TokenFile;
import io.ptnetmap.nfv.node.metrics.OtlpExport;
import io.ptnetmap.nfv.node.model.Health;
import io.ptnetmap.nfv.options.FunctionPathOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "node",
        mixinStandardHelpOptions = true,
        description = {
            "Hosts chains, and changes them while packets flow, until it is told to end.",
            "",
            "Serves a REST API (GET /openapi.yaml describes it; docs/node.md is the manual). What it has accepted it does again"
                    + " when it is started the next time. At the first start it writes an administrator's token to a file.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv node",
            "  nfv node --listen 192.0.2.1:8470 --tls-cert node.pem --tls-key node.key",
            "  nfv node --listen unix:/run/nfv/node.sock",
            "  nfv node token add watcher --role read",
            "",
            "Exit codes: 0 ended by SIGTERM or Ctrl-C, 2 wrong usage, 4 a directory, an address or a file cannot be used."
        },
        subcommands = TokenCommand.class)
final class NodeCommand implements Callable<Integer> {
    private static final String UNIX = "unix:";

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Mixin
    private StateOption state;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS:PORT|unix:PATH",
            description =
                    "Where to serve the API; may be repeated. Port 0 takes a free one. At a Unix socket, the node's user and"
                            + " root need no token. Default: 127.0.0.1:8470, and node.sock in the user's runtime directory.")
    private List<String> listen = new ArrayList<>();

    @Option(
            names = "--insecure",
            description = "Serve other machines without TLS: whoever is on the way can read the tokens.")
    private boolean insecure;

    @Option(
            names = "--host-name",
            paramLabel = "NAME",
            description =
                    "A name that a node at a loopback address is asked for by besides localhost and addresses, such as a"
                            + " proxy's before it; may be repeated.")
    private List<String> hostNames = new ArrayList<>();

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description =
                    "Serve by TLS with this certificate and those between it and a root, in PEM. Looked at again when it"
                            + " changes.")
    private Optional<Path> certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's key, in PEM.")
    private Optional<Path> key;

    @Option(
            names = "--jwt-keys",
            paramLabel = "FILE",
            description =
                    "Also trust JSON Web Tokens that are signed by one of these public keys (a JSON Web Key Set).")
    private Optional<Path> jwtKeys;

    @Option(names = "--jwt-issuer", paramLabel = "NAME", description = "Who must have made them.")
    private Optional<String> jwtIssuer;

    @Option(names = "--jwt-audience", paramLabel = "NAME", description = "Whom they must be for.")
    private Optional<String> jwtAudience;

    @Option(
            names = "--jwt-role-claim",
            paramLabel = "NAME",
            defaultValue = "roles",
            description = "Their claim with read, operate or admin. Default: ${DEFAULT-VALUE}.")
    private String jwtRoleClaim;

    @Option(
            names = "--bus",
            paramLabel = "PORT",
            description =
                    "Open Vert.x's event bus, with addresses nfv.api and nfv.events, at this port of the loopback address.")
    private Optional<Integer> bus;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the files are that chains name. Default: data in the state directory.")
    private Optional<Path> data;

    @Option(
            names = "--allow-path",
            paramLabel = "DIR",
            description = "A further directory that chains may name files in; may be repeated.")
    private List<Path> allowed = new ArrayList<>();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What the node is called. Default: this machine's name.")
    private Optional<String> name;

    @Option(
            names = "--drain",
            paramLabel = "TIME",
            defaultValue = "5s",
            description = "How long packets on their way may take when a chain is stopped. Default: ${DEFAULT-VALUE}.")
    private Duration drain;

    @Option(
            names = "--otlp",
            paramLabel = "URL",
            description = "Send metrics by OTLP over HTTP every 15 s, such as to http://127.0.0.1:4318.")
    private Optional<URI> otlp;

    @Mixin
    private FunctionPathOption functionPath;

    @Mixin
    private MachineOptions machines;

    @Override
    public Integer call() throws InterruptedException, IOException {
        ServerSettings serving = serving();
        Optional<OtlpExport> export = export();
        Logging.level(main.debug() ? Level.DEBUG : Level.INFO);
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Optional<ServiceManager> manager = ServiceManager.of(System.getenv());
        try (NodeLog log = NodeLog.follow();
                Node node = Node.open(settings(), main.launcher())) {
            TokenFile tokens = new TokenFile(state.directory());
            tokens.provideFirst().ifPresent(file -> out.println("an administrator's token is in " + file));
            try (NodeServer server = NodeServer.start(node, tokens, log, serving, export)) {
                Runtime.getRuntime().addShutdownHook(new Thread(() -> end(told, ended), "end of the node"));
                List<String> served = server.addresses().stream()
                        .map(address -> text(address, serving))
                        .toList();
                served.forEach(address -> out.println("serving " + address));
                out.flush();
                manager.ifPresent(service -> report(service, node, "serving " + String.join(", ", served)));
                told.await();
                manager.ifPresent(service -> service.tell(ServiceManager.STOPPING));
            }
        } finally {
            ended.countDown();
        }
        return ExitCodes.OK;
    }

    private NodeSettings settings() {
        Path directory = state.directory();
        return new NodeSettings(
                name.orElseGet(NodeCommand::machineName),
                directory,
                data.orElse(directory.resolve("data")).toAbsolutePath().normalize(),
                allowed,
                functionPath.paths(),
                drain,
                machines.machines());
    }

    private ServerSettings serving() {
        List<SocketAddress> addresses =
                listen.isEmpty() ? usual() : listen.stream().map(this::address).toList();
        if (certificate.isPresent() != key.isPresent()) {
            throw new ParameterException(spec.commandLine(), "--tls-cert and --tls-key go together");
        }
        for (SocketAddress address : addresses) {
            if (!insecure
                    && certificate.isEmpty()
                    && address instanceof InetSocketAddress internet
                    && !internet.getAddress().isLoopbackAddress()) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--listen " + text(internet)
                                + " is reached from other machines: give --tls-cert and --tls-key, or --insecure");
            }
        }
        if (bus.filter(port -> port < 1 || port > 65535).isPresent()) {
            throw new ParameterException(spec.commandLine(), "--bus takes a port from 1 to 65535, not " + bus.get());
        }
        if (jwtKeys.isPresent() && (jwtIssuer.isEmpty() || jwtAudience.isEmpty())) {
            throw new ParameterException(spec.commandLine(), "--jwt-keys needs --jwt-issuer and --jwt-audience");
        }
        return ServerSettings.of(
                        addresses,
                        certificate.map(chain -> new ServerSettings.Certificate(chain, key.orElseThrow())),
                        jwtKeys.map(keys -> new JwtSettings(
                                keys, jwtIssuer.orElseThrow(), jwtAudience.orElseThrow(), jwtRoleClaim)),
                        bus.map(OptionalInt::of).orElse(OptionalInt.empty()))
                .withHostNames(hostNames);
    }

    /** Tells that the node is ready, and from then on that it is alive, as long as it is. */
    private static void report(ServiceManager service, Node node, String status) {
        service.tell(ServiceManager.READY + "\n" + ServiceManager.STATUS + status);
        service.watchdog()
                .ifPresent(interval -> Thread.ofVirtual().name("watchdog").start(() -> {
                    try {
                        while (true) {
                            Thread.sleep(interval.dividedBy(2));
                            if (node.live().status() == Health.Status.UP) {
                                service.tell(ServiceManager.WATCHDOG);
                            }
                        }
                    } catch (InterruptedException ending) {
                        Thread.currentThread().interrupt();
                    }
                }));
    }

    /** On a signal. Java would end with the signal's number, but to be told to end is no failure. */
    private static void end(CountDownLatch told, CountDownLatch ended) {
        told.countDown();
        try {
            ended.await();
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ExitCodes.OK);
    }

    private Optional<OtlpExport> export() {
        try {
            return otlp.map(OtlpExport::to);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(spec.commandLine(), "--otlp: " + refused.getMessage());
        }
    }

    /** Where nothing is said. That others cannot be served is no reason not to serve browsers, but is told. */
    private List<SocketAddress> usual() {
        SocketAddress browsers = address(LocalNode.ADDRESS.getAuthority());
        Path socket = LocalNode.socket();
        try {
            UserSockets.createPrivate(socket.getParent());
        } catch (IOException failure) {
            spec.commandLine().getErr().println("nfv: not serving unix:" + socket + ": " + failure);
            return List.of(browsers);
        }
        return List.of(browsers, UnixDomainSocketAddress.of(socket));
    }

    private static String text(SocketAddress address, ServerSettings serving) {
        return switch (address) {
            case UnixDomainSocketAddress socket -> UNIX + socket.getPath();
            case InetSocketAddress internet ->
                (serving.certificate().isPresent() ? "https://" : "http://") + text(internet);
            default -> throw new IllegalArgumentException(address.toString());
        };
    }

    private static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private SocketAddress address(String text) {
        if (text.startsWith(UNIX) && text.length() > UNIX.length()) {
            return UnixDomainSocketAddress.of(text.substring(UNIX.length()));
        }
        int colon = text.lastIndexOf(':');
        if (colon > 0 && text.substring(colon + 1).matches("\\d{1,5}")) {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port <= 65535) {
                String host = text.substring(0, colon).replaceAll("^\\[|]$", "");
                InetSocketAddress address = new InetSocketAddress(host, port);
                if (!address.isUnresolved()) {
                    return address;
                }
                throw new ParameterException(spec.commandLine(), "--listen: there is no address '" + host + "'");
            }
        }
        throw new ParameterException(
                spec.commandLine(),
                "--listen: '" + text + "' is no address and port, nor a socket; write 127.0.0.1:8470 or unix:PATH");
    }

    private static String machineName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).trim();
        } catch (IOException unknown) {
            return InetAddress.getLoopbackAddress().getHostName();
        }
    }
}
