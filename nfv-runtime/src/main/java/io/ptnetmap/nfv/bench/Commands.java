// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.Scanner;

/** The far side of a {@link BenchProcess}: a program that answers commands on its standard input. */
final class Commands {
    private Commands() {}

    /** What is done at a command: {@code go} and three numbers. Returns the answer. */
    interface Work {
        String run(long packets, long second, boolean third);
    }

    /** Says that the program is ready, and answers commands until there are no more. */
    static void answer(Work work) {
        try (Scanner commands = new Scanner(System.in)) {
            System.out.println(BenchProcess.READY);
            while (commands.hasNext("go")) {
                commands.next();
                System.out.println(work.run(commands.nextLong(), commands.nextLong(), commands.nextInt() != 0));
            }
        }
    }
}
