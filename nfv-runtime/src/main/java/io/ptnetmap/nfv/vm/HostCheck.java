// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import io.ptnetmap.Netmap;
import io.ptnetmap.abi.NetmapApi;
import io.ptnetmap.kernel.KernelDriver;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What this machine has of what chains in virtual machines need, and what to do about what it has not. */
public final class HostCheck {
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final List<String> TOOLS = List.of("setsid", "setpriv");

    private final Installation installation;
    private final Accelerator.Choice accelerator;
    private final List<Finding> findings = new ArrayList<>();

    /** How much a finding matters. */
    public enum State {
        OK,
        /** Everything works, but not as well as it could. */
        WARNING,
        /** Chains in virtual machines cannot be run. */
        MISSING
    }

    /**
     * One thing that was looked at.
     *
     * @param name what
     * @param state how it is
     * @param text what was found
     * @param remedy what to do, a command where there is one; empty if there is nothing to do
     */
    public record Finding(String name, State state, String text, String remedy) {}

    private HostCheck(Installation installation, Accelerator.Choice accelerator) {
        this.installation = installation;
        this.accelerator = accelerator;
    }

    /** Looks at everything; takes some seconds where nobody knows yet whether KVM works. */
    public static List<Finding> run(Installation installation, Accelerator.Choice accelerator) {
        HostCheck check = new HostCheck(installation, accelerator);
        check.processors();
        check.qemu();
        check.kvm();
        check.image();
        check.tools();
        check.sockets();
        check.netmap();
        check.hugePages();
        check.lockedMemory();
        return List.copyOf(check.findings);
    }

    private void ok(String name, String text) {
        findings.add(new Finding(name, State.OK, text, ""));
    }

    private void warn(String name, String text, String remedy) {
        findings.add(new Finding(name, State.WARNING, text, remedy));
    }

    private void missing(String name, String text, String remedy) {
        findings.add(new Finding(name, State.MISSING, text, remedy));
    }

    private void processors() {
        int count = Runtime.getRuntime().availableProcessors();
        if (count < 2) {
            warn("processors", "1: the functions of a chain take turns", "give this machine two or more");
        } else {
            ok("processors", Integer.toString(count));
        }
    }

    private void qemu() {
        Path program = installation.qemu();
        if (!Files.isExecutable(program)) {
            missing("QEMU", "none at " + program, "./nfv setup qemu");
            return;
        }
        try {
            Qemu qemu = Qemu.inspect(program);
            if (!qemu.passesThrough()) {
                missing(
                        "QEMU",
                        program + " (" + qemu.version() + ") has no device " + Qemu.DEVICE,
                        "./nfv setup qemu, and remove " + Installation.QEMU_VARIABLE);
            } else if (!qemu.sandbox()) {
                warn("QEMU", qemu.version() + ", without seccomp sandbox", "./nfv setup qemu");
            } else {
                ok("QEMU", qemu.version());
            }
        } catch (MachineException unusable) {
            missing("QEMU", unusable.getMessage(), "./nfv setup qemu");
        }
    }

    private void kvm() {
        if (accelerator == Accelerator.Choice.TCG) {
            warn("KVM", "not tried, machines are emulated: " + Accelerator.Choice.VARIABLE + " is tcg", "remove it");
            return;
        }
        if (!Files.isExecutable(installation.qemu())) {
            warn("KVM", "cannot be tried without QEMU", "./nfv setup qemu");
            return;
        }
        KvmProbe.Obstacle obstacle = new KvmProbe(installation).obstacle().orElse(null);
        if (obstacle == null) {
            ok("KVM", "works");
        } else {
            warn("KVM", obstacle + "; machines run many times slower, emulated", obstacle.remedy());
        }
    }

    private void image() {
        try {
            GuestImage image = GuestImage.in(installation.image());
            String packed = image.properties().getProperty("framework", "");
            Optional<String> ours = ownJars();
            if (ours.isPresent() && !packed.equals(ours.get())) {
                warn("guest image", "of another build of this program: " + image.directory(), "./nfv setup image");
            } else {
                ok("guest image", image.directory().toString());
            }
        } catch (MachineException absent) {
            missing("guest image", absent.getMessage(), "./nfv setup image");
        }
    }

    /** A digest of the jars that this program runs from, as {@code nfv setup image} notes it; none if it runs from elsewhere. */
    private static Optional<String> ownJars() {
        List<Path> jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .sorted(Comparator.comparing(jar -> jar.getFileName().toString()))
                .toList();
        if (jars.stream().anyMatch(jar -> !Files.isRegularFile(jar))) {
            return Optional.empty();
        }
        try {
            StringBuilder lines = new StringBuilder();
            for (Path jar : jars) {
                lines.append(sha256(Files.readAllBytes(jar)))
                        .append("  ")
                        .append(jar.getFileName())
                        .append('\n');
            }
            return Optional.of(sha256(lines.toString().getBytes()));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void tools() {
        List<String> path = List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
        List<String> absent = TOOLS.stream()
                .filter(tool -> path.stream().noneMatch(entry -> Files.isExecutable(Path.of(entry, tool))))
                .toList();
        if (absent.isEmpty()) {
            ok("tools", String.join(", ", TOOLS));
        } else {
            missing("tools", "no " + String.join(", ", absent), "as root: apt-get install util-linux");
        }
    }

    private void sockets() {
        Path directory = Netmap.defaultSocket().getParent();
        try {
            if (!Files.exists(directory)) {
                Path parent = directory.getParent();
                if (Files.isWritable(parent)) {
                    ok("sockets", directory + " will be made");
                } else {
                    missing("sockets", "no permission to make " + directory, "as root: chmod 1777 " + parent);
                }
            } else if (!Files.getOwner(directory).equals(Files.getOwner(Path.of("/proc/self")))) {
                missing("sockets", directory + " belongs to another user", "as root: rm -r " + directory);
            } else if (!Files.getPosixFilePermissions(directory).equals(PRIVATE)) {
                warn("sockets", directory + " is open to other users", "chmod 700 " + directory);
            } else {
                ok("sockets", directory.toString());
            }
        } catch (IOException failure) {
            missing("sockets", failure.toString(), "look at " + directory);
        }
    }

    private void netmap() {
        if (KernelDriver.available()) {
            ok("netmap", NetmapApi.NETMAP_DEVICE_NAME);
        } else if (Files.exists(Path.of(NetmapApi.NETMAP_DEVICE_NAME))) {
            warn(
                    "netmap",
                    "no permission for " + NetmapApi.NETMAP_DEVICE_NAME + ": the embedded host serves instead",
                    "as root: chgrp and chmod the device, see docs/interfaces.md");
        } else {
            ok("netmap", "not in this kernel: the embedded host serves instead");
        }
    }

    private void hugePages() {
        Optional<String> setting =
                read("/sys/kernel/mm/transparent_hugepage/shmem_enabled").flatMap(text -> first(text, "\\[(\\w+)\\]"));
        if (setting.filter(value -> value.equals("never") || value.equals("deny"))
                .isPresent()) {
            warn(
                    "huge pages",
                    "not for shared memory, where packets are",
                    "as root: echo within_size >/sys/kernel/mm/transparent_hugepage/shmem_enabled");
        } else {
            ok("huge pages", setting.map(value -> "shared memory: " + value).orElse("this kernel has none"));
        }
    }

    private void lockedMemory() {
        String limit = read("/proc/self/limits")
                .flatMap(text -> first(text, "Max locked memory\\s+(\\w+)"))
                .orElse("unknown");
        ok("locked memory", limit.matches("\\d+") ? Long.parseLong(limit) / 1024 + " KiB, none is needed" : limit);
    }

    private static Optional<String> first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static Optional<String> read(String file) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return Optional.of(String.join("\n", lines.toList()));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
