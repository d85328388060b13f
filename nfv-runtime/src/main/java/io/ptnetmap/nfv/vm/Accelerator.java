// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** What runs a guest's instructions. */
public enum Accelerator {
    /** The processor, by Linux's KVM. */
    KVM("kvm", "host", 1),
    /** QEMU's translator: works everywhere, many times slower. */
    TCG("tcg", "max", 10);

    private final String option;
    private final String cpu;
    private final int slowness;

    Accelerator(String option, String cpu, int slowness) {
        this.option = option;
        this.cpu = cpu;
        this.slowness = slowness;
    }

    /** What the user asks for. */
    public enum Choice {
        /** KVM where it works, TCG elsewhere. */
        AUTO,
        KVM,
        TCG;

        /** Environment variable: one of these, in lower case. */
        public static final String VARIABLE = "PTNETMAP_ACCELERATOR";

        /**
         * As the environment says.
         *
         * @throws MachineException if it says something else
         */
        public static Choice ofThisUser() {
            String value = System.getenv().getOrDefault(VARIABLE, "auto");
            return Arrays.stream(values())
                    .filter(choice -> choice.name().equalsIgnoreCase(value))
                    .findFirst()
                    .orElseThrow(
                            () -> new MachineException(VARIABLE + " is '" + value + "'; it can be auto, kvm or tcg"));
        }
    }

    /** QEMU's options for a machine of this many processors. */
    List<String> options(int cpus) {
        return List.of("-accel", option, "-cpu", cpu, "-smp", Integer.toString(cpus));
    }

    /**
     * Java's options that suit such a machine. Where QEMU translates the code of several processors in parallel, code that one of
     * them replaces (tiered compilation) is at times executed half replaced by another; and with one processor, too, the second
     * compiler takes longer in a translated machine than most chains run.
     */
    List<String> javaOptions() {
        return this == TCG ? List.of("-XX:TieredStopAtLevel=1") : List.of();
    }

    /** How long to wait for what takes this long with KVM on a busy machine. */
    public Duration patience(Duration withKvm) {
        return withKvm.multipliedBy(slowness);
    }
}
