// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether KVM works by running a machine on it: {@code /dev/kvm} may be there and a guest hang all the same, as
 * where virtual machines are nested. The answer is kept in a file as long as this machine is up and QEMU is the same.
 */
final class KvmProbe {
    private static final Logger LOG = LoggerFactory.getLogger(KvmProbe.class);
    private static final Path DEVICE = Path.of("/dev/kvm");
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Duration TIME_LIMIT = Duration.ofSeconds(10);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(2);

    /** Firmware has to be a multiple of this. */
    private static final int FIRMWARE_SIZE = 0x10000;

    /** Where the processor begins, 16 bytes before the end. */
    private static final int RESET_VECTOR = FIRMWARE_SIZE - 16;

    /**
     * Counts to 65,536, then loads an interrupt table of length 0 and interrupts: a triple fault, which resets the machine,
     * and with {@code -no-reboot} ends QEMU.
     *
     * <pre>
     * 31 c9        xor cx, cx
     * e2 fe        loop .
     * 0f 01 1e 00 00   lidt [0]     (memory is zero)
     * cc           int3
     * f4 eb fd     hlt; jmp to hlt
     * </pre>
     */
    private static final byte[] PROGRAM = HexFormat.of().parseHex("31c9e2fe0f011e0000ccf4ebfd");

    private final Path qemu;
    private final Path device;
    private final Path note;
    private final Duration limit;

    KvmProbe(Installation installation) {
        this(installation, DEVICE, TIME_LIMIT);
    }

    KvmProbe(Installation installation, Path device, Duration limit) {
        this.qemu = installation.requireQemu();
        this.device = device;
        this.note = installation.home().resolve("kvm-works");
        this.limit = limit;
    }

    /** Why KVM cannot be used. */
    enum Obstacle {
        ABSENT(
                "there is no /dev/kvm",
                "as root: modprobe kvm_intel, or kvm_amd; the firmware, or the machine below this one, must allow it"),
        FORBIDDEN("no permission for /dev/kvm", "as root: usermod -aG kvm YOU; then log in again"),
        BROKEN(
                "/dev/kvm is there, but a machine does not run on it",
                "if this is a virtual machine itself, have nested virtualization switched on");

        private final String text;
        private final String remedy;

        Obstacle(String text, String remedy) {
            this.text = text;
            this.remedy = remedy;
        }

        String remedy() {
            return remedy;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Why KVM cannot be used; empty if it works. Takes up to some seconds at the first time. */
    Optional<Obstacle> obstacle() {
        if (!Files.exists(device)) {
            return Optional.of(Obstacle.ABSENT);
        }
        if (!Files.isReadable(device) || !Files.isWritable(device)) {
            return Optional.of(Obstacle.FORBIDDEN);
        }
        boolean works = remembered().orElseGet(this::tryAndRemember);
        return works ? Optional.empty() : Optional.of(Obstacle.BROKEN);
    }

    /** What the answer depends on. */
    private String circumstances() throws IOException {
        return Files.readString(BOOT_ID).strip() + " " + qemu.toRealPath() + " " + Files.size(qemu) + " "
                + Files.getLastModifiedTime(qemu).toMillis();
    }

    private Optional<Boolean> remembered() {
        try {
            List<String> lines = Files.readAllLines(note);
            return lines.size() == 2 && lines.getFirst().equals(circumstances())
                    ? Optional.of(lines.getLast().equals("yes"))
                    : Optional.empty();
        } catch (IOException nothingKnown) {
            return Optional.empty();
        }
    }

    private boolean tryAndRemember() {
        boolean works = run();
        try {
            Files.createDirectories(note.getParent());
            Path fresh = Files.createTempFile(note.getParent(), "kvm", "");
            Files.writeString(fresh, circumstances() + "\n" + (works ? "yes" : "no") + "\n");
            Files.move(fresh, note, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException forgotten) {
            LOG.debug("asked again next time", forgotten);
        }
        return works;
    }

    private boolean run() {
        try {
            Path firmware = Files.createTempFile("ptnetmap-kvm", ".bin");
            try {
                Files.write(firmware, firmware());
                return endsInTime(Leash.start(command("kvm", firmware), Path.of("/dev/null")));
            } finally {
                Files.delete(firmware);
            }
        } catch (IOException failure) {
            LOG.debug("KVM cannot be tried", failure);
            return false;
        }
    }

    /** A machine whose firmware ends it at once. */
    List<String> command(String accelerator, Path firmware) {
        return List.of(
                qemu.toString(),
                "-accel",
                accelerator,
                "-machine",
                "q35",
                "-m",
                "16",
                "-nodefaults",
                "-no-user-config",
                "-display",
                "none",
                "-no-reboot",
                "-bios",
                firmware.toString());
    }

    static byte[] firmware() {
        byte[] firmware = new byte[FIRMWARE_SIZE];
        Arrays.fill(firmware, (byte) 0xf4);
        System.arraycopy(PROGRAM, 0, firmware, RESET_VECTOR, PROGRAM.length);
        return firmware;
    }

    /** A process that hangs in the kernel may outlive its killing: it is left alone then. */
    private boolean endsInTime(Process process) {
        try {
            if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly().waitFor(KILL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
