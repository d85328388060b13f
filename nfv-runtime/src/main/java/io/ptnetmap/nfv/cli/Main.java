// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import ch.qos.logback.classic.Level;
import io.ptnetmap.nfv.bench.BenchCommand;
import io.ptnetmap.nfv.chain.Units;
import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.HeadStart;
import io.ptnetmap.nfv.deploy.Launcher;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The {@code nfv} command: what is common to its subcommands. */
@Command(
        name = "nfv",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Chains network functions over netmap ports.",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv demo                     a firewall and a NAT on recorded traffic",
            "  nfv run chain.yaml           a chain of your own",
            "  nfv functions nat44          what a function does and how to configure it",
            "  nfv new-function ttl-guard   a function of your own",
            "  nfv pkt-gen -i eth0 -f tx    packets for whatever is behind eth0",
            "",
            "Besides these, the launcher script knows 'nfv build', 'nfv install', 'nfv test',",
            "'nfv clean', and 'nfv setup' with 'qemu', 'kernel', 'image', 'peers', 'tests'",
            "and 'all'.",
            "",
            "Exit codes:",
            "  0    all is well",
            "  1    the chain failed or lost packets; the node refuses, or has no such thing",
            "  2    the command line is wrong",
            "  3    the chain's file or a function's configuration is wrong",
            "  4    the environment lacks something: a permission, a file, room, a node",
            "  130  interrupted"
        })
public final class Main {
    /** In the order of the help. */
    private static final List<Class<?>> COMMANDS = List.of(
            RunCommand.class,
            DemoCommand.class,
            CheckCommand.class,
            PlanCommand.class,
            ApplyCommand.class,
            GetCommand.class,
            DescribeCommand.class,
            SetCommand.class,
            ChainsCommand.Start.class,
            ChainsCommand.Stop.class,
            ChainsCommand.Delete.class,
            TopCommand.class,
            TraceCommand.class,
            TapCommand.class,
            EventsCommand.class,
            LogsCommand.class,
            DashboardCommand.class,
            LinksCommand.class,
            FunctionsCommand.class,
            SchemaCommand.class,
            NewFunctionCommand.class,
            PktGenCommand.class,
            BridgeCommand.class,
            LoadBalancerCommand.class,
            ReplayCommand.class,
            BenchCommand.class,
            SetupCommand.class,
            NodeCommand.class,
            HostCommand.class,
            ValeCommand.class,
            CompletionCommand.class,
            CompleteCommand.class,
            HelpCommand.class);

    private final ChainLauncher launcher;
    private final StandardOutput output = new StandardOutput();

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log what happens; twice: in detail.")
    private boolean[] verbose = {};

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show where in the code an error comes from.")
    private boolean debug;

    /** @param launcher runs the chains */
    Main(ChainLauncher launcher) {
        this.launcher = launcher;
    }

    /** Runs a command and ends the program with its exit code. */
    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    /** Executes a command line as a program of its own would, short of ending it. */
    static int execute(String... arguments) {
        boolean run = arguments.length > 0 && arguments[0].equals("run");
        if (run) {
            HeadStart.begin(arguments);
        }
        try {
            // Most commands launch nothing.
            ChainLauncher launcher = (chain, options) -> new Launcher().launch(chain, options);
            return new Main(launcher).run(arguments);
        } finally {
            if (run) {
                HeadStart.end();
            }
        }
    }

    /** Executes a command line that prints to the standard output; what that could not take is a failure of its own. */
    private int run(String... arguments) {
        PrintWriter out = output.writer();
        CommandLine line = commandLine(arguments).setOut(out);
        int exitCode = line.execute(arguments);
        out.flush();
        Optional<String> problem = output.problem();
        problem.ifPresent(text -> line.getErr().println("nfv: " + text));
        return problem.isPresent() && exitCode == ExitCodes.OK ? ExitCodes.ENVIRONMENT : exitCode;
    }

    /**
     * What parses and executes a command line.
     *
     * @param arguments the line, where it is known: to read what a command is like takes time, so only the one is read that it
     *     names
     */
    CommandLine commandLine(String... arguments) {
        CommandLine line = new CommandLine(this);
        named(arguments).<List<Class<?>>>map(List::of).orElse(COMMANDS).forEach(line::addSubcommand);
        Failures failures = new Failures(this);
        return line.registerConverter(Duration.class, Main::duration)
                .registerConverter(Integer.class, Main::wholeNumber)
                .registerConverter(int.class, Main::wholeNumber)
                .registerConverter(Long.class, Main::longNumber)
                .registerConverter(long.class, Main::longNumber)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(parsed -> {
                    if (verbose.length > 0) {
                        Logging.level(verbose.length == 1 ? Level.INFO : Level.DEBUG);
                    }
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures);
    }

    /**
     * The command that a line names; empty if there is none, or all are needed. By the names of classes first: to look at what
     * they are annotated with takes time.
     */
    private static Optional<Class<?>> named(String... arguments) {
        String name = arguments.length == 0 ? "" : arguments[0];
        Predicate<Class<?>> called =
                type -> type.getAnnotation(Command.class).name().equals(name);
        return readAlone()
                .filter(type -> type.getSimpleName().replace("Command", "").equalsIgnoreCase(name.replace("-", "")))
                .filter(called)
                .findFirst()
                .or(() -> readAlone().filter(called).findFirst());
    }

    /** Commands that need to know no others. */
    private static Stream<Class<?>> readAlone() {
        return COMMANDS.stream().filter(type -> type != HelpCommand.class && type != CompletionCommand.class);
    }

    private static Duration duration(String text) {
        return Units.duration(text)
                .orElseThrow(
                        () -> new TypeConversionException("'" + text + "' is no duration; write 500ms, 30s or 5m"));
    }

    private static int wholeNumber(String text) {
        try {
            return Math.toIntExact(longNumber(text));
        } catch (ArithmeticException tooLarge) {
            throw new TypeConversionException("'" + text + "' is too large a number");
        }
    }

    private static long longNumber(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException other) {
            throw new TypeConversionException(
                    "'" + text + (text.matches("[-+]?\\d+") ? "' is too large a number" : "' is no whole number"));
        }
    }

    StandardOutput output() {
        return output;
    }

    ChainLauncher launcher() {
        return launcher;
    }

    boolean verbose() {
        return verbose.length > 0;
    }

    boolean debug() {
        return debug;
    }

    /** The version that the build writes into the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "nfv " + (version == null ? "(not packaged)" : version) + " on Java " + Runtime.version()
            };
        }
    }
}
