// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/** Two processes at the ends of one pipe, ready to be given tasks. For one thread. */
final class ProcessPair implements AutoCloseable {
    private final String name;
    private final BenchProcess first;
    private final BenchProcess second;

    /** What both processes are to do, each from its end. */
    interface Task {
        /** The line that starts it in either process. */
        String command();

        /**
         * What came of it.
         *
         * @param contender name of the pair, for messages
         * @param first answer of the process that begins
         * @param second answer of the other one
         * @return a figure for each of the task's {@linkplain Metric metrics}
         * @throws BenchException if packets were lost, repeated or changed
         */
        double[] figures(String contender, String first, String second);

        List<Metric> metrics();
    }

    /**
     * Starts both.
     *
     * @param name for messages and tables
     * @param firstCommand the program that begins, such as the sender
     * @param secondCommand the program at the other end
     */
    ProcessPair(String name, List<String> firstCommand, List<String> secondCommand) {
        this.name = name;
        this.first = BenchProcess.start(name + " " + role(firstCommand), firstCommand);
        try {
            this.second = BenchProcess.start(name + " " + role(secondCommand), secondCommand);
        } catch (BenchException failure) {
            first.close();
            throw failure;
        }
    }

    /** The last argument but one of all programs that take part. */
    private static String role(List<String> command) {
        return command.get(Math.max(0, command.size() - 2));
    }

    String name() {
        return name;
    }

    /** One round. */
    double[] run(Task task) {
        second.send(task.command());
        first.send(task.command());
        String answer = first.answer();
        return task.figures(name, answer, second.answer());
    }

    /** The numbers of an answer. */
    static long[] numbers(String answer, int count) {
        String[] words = answer.split(" ");
        if (words.length != count) {
            throw new BenchException("a process of the benchmark answered '" + answer + "'");
        }
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = Long.parseUnsignedLong(words[i]);
        }
        return numbers;
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
