// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A process that takes commands on its standard input and answers each with a line. For one thread. */
final class BenchProcess implements AutoCloseable {
    /** What a program says before it takes commands. */
    static final String READY = "ready";

    private final String name;
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter commands;

    private BenchProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.answers = process.inputReader();
        this.commands = process.outputWriter();
    }

    /** This process's Java with its class path and flags, a debugger's left out; standard output is for answers. */
    static List<String> java(Class<?> program) {
        return java(program, List.of(), List.of());
    }

    /** The same, with more flags and more jars, which an AOT cache was not made for. */
    static List<String> java(Class<?> program, List<String> flags, List<Path> jars) {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-agentlib:"))
                .filter(flag -> flags.isEmpty() || !flag.startsWith("-XX:AOTCache="))
                .forEach(command::add);
        command.add("-XX:+DisplayVMOutputToStderr");
        command.addAll(flags);
        String classPath = Stream.concat(
                        Stream.of(System.getProperty("java.class.path")),
                        jars.stream().map(Path::toString))
                .collect(Collectors.joining(File.pathSeparator));
        command.addAll(List.of("-cp", classPath, program.getName()));
        return command;
    }

    /** Starts a program and waits until it says that it is ready. What it says on standard error is shown. */
    static BenchProcess start(String name, List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
            BenchProcess started = new BenchProcess(name, process);
            try {
                if (!started.answer().equals(READY)) {
                    throw new BenchException("the " + name + " did not start");
                }
            } catch (BenchException failure) {
                started.close();
                throw failure;
            }
            return started;
        } catch (IOException failure) {
            throw new BenchException("the " + name + " cannot be started: " + failure.getMessage(), failure);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Holds all of its threads where they are. */
    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        Tool.output(List.of("sh", "-c", "kill -" + name + " " + process.pid()));
    }

    void send(String command) {
        try {
            commands.write(command);
            commands.newLine();
            commands.flush();
        } catch (IOException gone) {
            throw died(gone);
        }
    }

    /** Waits for the next line. A process in which nothing moves ends itself. */
    String answer() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw died(null);
            }
            return line;
        } catch (IOException gone) {
            throw died(gone);
        }
    }

    private BenchException died(IOException cause) {
        String status = "";
        try {
            // Its output ends a moment before it does.
            if (process.waitFor(1, TimeUnit.SECONDS)) {
                status = " with status " + process.exitValue();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return new BenchException("the " + name + " (process " + process.pid() + ") has died" + status, cause);
    }

    @Override
    public void close() {
        end(process, commands);
    }

    /** Ends a process: at the end of its input by itself, else by force. */
    static void end(Process process, Writer commands) {
        try {
            commands.close();
            if (process.waitFor(10, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException alreadyGone) {
            // Then there is nothing to end.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
