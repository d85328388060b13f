// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.NetmapException;
import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.capture.PacketFilterException;
import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.ChainDescriptorException;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.client.NodeException;
import io.ptnetmap.nfv.client.NodeUnreachableException;
import io.ptnetmap.nfv.deploy.ChainFailedException;
import io.ptnetmap.nfv.deploy.ChainRequestException;
import io.ptnetmap.nfv.node.NodeStartException;
import io.ptnetmap.nfv.registry.FunctionLoadException;
import io.ptnetmap.nfv.state.StateStoreException;
import io.ptnetmap.nfv.vm.MachineException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells the user of what went wrong, in a line each, and says so in the exit code. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final Main main;

    Failures(Main main) {
        this.main = main;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        report(e, command.getErr());
        return exitCode(e);
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("nfv: " + message(e));
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCodes.USAGE;
    }

    /** Prints what is wrong; with {@code --debug} also where in the code. */
    void report(Exception e, PrintWriter err) {
        if (main.debug()) {
            e.printStackTrace(err);
        } else if (e instanceof ChainDescriptorException descriptor) {
            descriptor.problems().forEach(problem -> err.println(problem));
        } else {
            err.println("nfv: " + message(e));
            if (e instanceof ChainFailedException failed) {
                failed.details().forEach(line -> err.println("  " + line));
            }
        }
    }

    /** What picocli says of words, in the words of the help. */
    private static String message(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().getFirst();
            CommandSpec command = e.getCommandLine().getCommandSpec();
            return unmatched.isUnknownOption()
                    ? e.getMessage() + Suggestion.ofMany(word.replaceFirst("=.*", ""), options(command))
                    : command.subcommands().isEmpty()
                            ? "'" + word + "' is more than this command takes"
                            : "there is no command '" + word + "'" + Suggestion.ofMany(word, commands(command));
        }
        return choice(e).orElseGet(e::getMessage);
    }

    private static List<String> commands(CommandSpec command) {
        return command.subcommands().entrySet().stream()
                .filter(sub -> !sub.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();
    }

    private static List<String> options(CommandSpec command) {
        return command.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .toList();
    }

    /** What may be given instead of a word that names no constant of an enum. */
    private static Optional<String> choice(ParameterException e) {
        if (!(e.getCause() instanceof TypeConversionException) || e.getArgSpec() == null) {
            return Optional.empty();
        }
        ArgSpec argument = e.getArgSpec();
        Class<?> type = argument.auxiliaryTypes()[0];
        String where = argument instanceof OptionSpec option
                ? "option '" + option.longestName() + "'"
                : "'" + argument.paramLabel() + "'";
        return Optional.ofNullable(type.getEnumConstants())
                .map(known -> "Invalid value for " + where + ": '" + e.getValue() + "' is none of "
                        + Stream.of(known)
                                .map(Object::toString)
                                .collect(Collectors.joining(", "))
                                .toLowerCase(Locale.ROOT));
    }

    private static String message(Exception e) {
        if (e instanceof FileSystemException file) {
            return oneLine(file.getReason() == null ? file.getFile() + ": " + FileErrors.why(file) : file.getMessage());
        }
        boolean known = Stream.of(
                        ChainFailedException.class,
                        FunctionLoadException.class,
                        MachineException.class,
                        NodeStartException.class,
                        StateStoreException.class,
                        CaptureException.class,
                        ChainRequestException.class,
                        PacketFilterException.class,
                        NodeConfigurationException.class,
                        NodeException.class,
                        NodeUnreachableException.class,
                        NoSuchThingException.class,
                        NetmapException.class,
                        LinuxException.class,
                        IOException.class,
                        UncheckedIOException.class)
                .anyMatch(type -> type.isInstance(e));
        String text = oneLine(String.valueOf(e.getMessage())) + remedy(e);
        return known ? text : "internal error: " + e.getClass().getSimpleName() + ": " + text + "; --debug shows where";
    }

    private static String remedy(Exception e) {
        return e instanceof NodeException refused && refused.isUnknown()
                ? "; name a file that holds a valid one by --token-file or NFV_TOKEN_FILE"
                : "";
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    static int exitCode(Throwable e) {
        // A tool's own file; a function's is the chain's failure.
        if (e instanceof CaptureException) {
            return ExitCodes.ENVIRONMENT;
        }
        if (e instanceof PacketFilterException || e instanceof ChainRequestException) {
            return ExitCodes.USAGE;
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case ChainDescriptorException _, NodeConfigurationException _, FunctionLoadException _ -> {
                    return ExitCodes.BAD_CHAIN;
                }
                case NodeException refused
                when !refused.isForbidden() -> {
                    return ExitCodes.CHAIN_FAILED;
                }
                case MachineException _,
                        NodeStartException _,
                        StateStoreException _,
                        NodeException _,
                        NodeUnreachableException _,
                        NetmapException _,
                        LinuxException _,
                        IOException _ -> {
                    return ExitCodes.ENVIRONMENT;
                }
                default -> {}
            }
        }
        return ExitCodes.CHAIN_FAILED;
    }
}
