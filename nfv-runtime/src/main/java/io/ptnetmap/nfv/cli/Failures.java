// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.NetmapException;
import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.capture.PacketFilterException;
import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.ChainDescriptorException;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.client.NodeException;
import io.ptnetmap.nfv.client.NodeUnreachableException;
import io.ptnetmap.nfv.deploy.ChainFailedException;
import io.ptnetmap.nfv.deploy.ChainRequestException;
import io.ptnetmap.nfv.node.NodeStartException;
import io.ptnetmap.nfv.registry.FunctionLoadException;
import io.ptnetmap.nfv.vm.MachineException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells the user of what went wrong, in a line each, and says so in the exit code. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    /** Of a value that is none of an option's words. */
    private static final Pattern CHOICE = Pattern.compile(
            "(?<where>Invalid value .*: )expected one of \\[(?<known>.*)] \\(case-insensitive\\) but was (?<word>'.*')");

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
        UnmatchedArgumentException.printSuggestions(e, err);
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
        if (e instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            String word = unmatched.getUnmatched().getFirst();
            return e.getCommandLine().getSubcommands().isEmpty()
                    ? "'" + word + "' is more than this command takes"
                    : "there is no command '" + word + "'";
        }
        Matcher choice = CHOICE.matcher(e.getMessage());
        return choice.matches()
                ? choice.group("where") + choice.group("word") + " is none of "
                        + choice.group("known").toLowerCase(Locale.ROOT)
                : e.getMessage();
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
        String text = oneLine(String.valueOf(e.getMessage()));
        return known ? text : "internal error: " + e.getClass().getSimpleName() + ": " + text + "; --debug shows where";
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
