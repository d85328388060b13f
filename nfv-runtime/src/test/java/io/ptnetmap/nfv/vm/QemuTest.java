// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuTest {
    @TempDir
    Path home;

    private List<String> command(MachineConfig config, Accelerator accelerator) {
        Qemu qemu = new Qemu(Path.of("/q/qemu"), "7.2", true, true);
        try {
            Files.writeString(home.resolve("image.properties"), "append=nokaslr x=y\n");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return qemu.command(config, new GuestImage(home), accelerator, new MachineFiles(Path.of("/r"), "fw")).stream()
                .map(word -> word.replace(home.toString(), "/i"))
                .toList();
    }

    private static MachineConfig config(int cpus, String... ports) {
        return new MachineConfig("fw", 512 << 20, cpus, Path.of("/r/host"), List.of(ports));
    }

    @Test
    void aMachineIsWhatItsConfigurationSays() {
        String line = String.join(" ", command(config(1, "netmap:c}0@conf:slots=8", "netmap:c{1"), Accelerator.TCG));
        for (String part : List.of(
                "/q/qemu -name guest=fw -machine q35 -accel tcg -cpu max -smp 1 -m 512M -nodefaults -no-user-config",
                "-display none -no-reboot -sandbox on,",
                "-kernel /i/vmlinux -initrd /r/vm-fw.initrd -append console=ttyS0 quiet panic=-1 nokaslr x=y",
                "file=/i/root.squashfs -device virtio-blk-pci,drive=root,serial=ptnetmap-root",
                "-chardev socket,id=control,path=/r/vm-fw.control",
                "-device virtserialport,chardev=control,name=io.ptnetmap.control",
                "-netdev netmap,id=n0,passthrough=on,ifname=netmap:c}0@conf:slots=8,devname=/r/host",
                "-netdev netmap,id=n1,passthrough=on,ifname=netmap:c{1,devname=/r/host")) {
            assertTrue(line.contains(part), () -> part + " is not in " + line);
        }
        assertTrue(line.matches(".*-device e1000-paravirt,netdev=n0,mac=02:70:\\S+:00,romfile=,addr=0x8 .*"), line);
        assertTrue(line.matches(".*-device e1000-paravirt,netdev=n1,mac=02:70:\\S+:01,romfile=,addr=0x9"), line);
    }

    @Test
    void commasInNamesAreNoOptions() {
        MachineConfig config = new MachineConfig("fw", 1 << 30, 1, Path.of("/r,x=y/host"), List.of("netmap:c{1"));
        assertTrue(String.join(" ", command(config, Accelerator.KVM)).contains("devname=/r,,x=y/host"));
    }

    @Test
    void javaIsKeptFromWhatEmulationOfSeveralProcessorsBreaks() {
        assertEquals(List.of("-XX:TieredStopAtLevel=1"), Accelerator.TCG.javaOptions());
        assertEquals(List.of(), Accelerator.KVM.javaOptions());
        assertTrue(String.join(" ", command(config(4), Accelerator.KVM)).contains("-accel kvm -cpu host -smp 4"));
    }

    @Test
    void moreInterfacesThanTheBusHasAreRefused() {
        String[] most =
                Collections.nCopies(MachineConfig.MOST_PORTS, "netmap:c{1").toArray(String[]::new);
        assertTrue(command(config(1, most), Accelerator.TCG).getLast().endsWith("addr=0x1e"));
        String[] more =
                Collections.nCopies(MachineConfig.MOST_PORTS + 1, "netmap:c{1").toArray(String[]::new);
        MachineException refusal = assertThrows(MachineException.class, () -> config(1, more));
        assertTrue(refusal.getMessage().contains("'fw' would need 24 network interfaces, and 23 fit"));
    }

    @Test
    void whatIsNoQemuOrNotOursIsNamedWithItsRemedy() throws IOException {
        Installation none = new Installation(home, home.resolve("qemu"));
        assertTrue(assertThrows(MachineException.class, none::requireQemu)
                .getMessage()
                .contains("./nfv setup qemu"));
        Path another = Path.of("/bin/false");
        String message = assertThrows(MachineException.class, () -> Qemu.inspect(another))
                .getMessage();
        assertTrue(message.startsWith("/bin/false is no QEMU"), message);
        assertFalse(Qemu.inspect(Path.of("/bin/echo")).passesThrough());
        assertTrue(Qemu.inspect(FakeQemu.installation(home, "").qemu()).passesThrough());
        Qemu debians = new Qemu(Path.of("/usr/bin/qemu"), "QEMU 7.2", false, true);
        String refusal = assertThrows(MachineException.class, debians::requirePassthrough)
                .getMessage();
        assertTrue(refusal.contains("has no device e1000-paravirt") && refusal.contains("./nfv setup qemu"), refusal);
    }

    @Test
    void anImageThatIsNotThereIsNamedWithItsRemedy() throws IOException {
        Installation installation = FakeQemu.installation(home, "");
        Files.delete(installation.image().resolve("vmlinux"));
        String message = assertThrows(MachineException.class, () -> GuestImage.in(installation.image()))
                .getMessage();
        assertTrue(message.contains("/image/vmlinux is missing") && message.contains("./nfv setup image"), message);
    }

    @Test
    void theEnvironmentNamesWhereThingsAre() {
        assertEquals(
                Path.of("/d/qemu/bin/qemu-system-x86_64"),
                Installation.of(Map.of("PTNETMAP_HOME", "/d")::get).qemu());
        assertEquals(
                Path.of("/x/ptnetmap"),
                Installation.of(Map.of("XDG_DATA_HOME", "/x")::get).home());
        assertEquals(
                Path.of(System.getProperty("user.home"), ".local/share/ptnetmap"),
                Installation.of(Map.of("PTNETMAP_HOME", "")::get).home());
        assertEquals(
                Path.of("/q"),
                Installation.of(Map.of("PTNETMAP_QEMU", "/q", "PTNETMAP_HOME", "/d")::get)
                        .qemu());
    }

    @Test
    void aGuestCannotReachTheReadersTerminal() throws IOException {
        Path console = Files.writeString(home.resolve("console"), "a\n\u001b[2J\u001b]0;title\u0007b\u001b[31m c\n\n");
        List<String> tail = MachineFiles.tail(console, 5);
        assertEquals("a", tail.getFirst());
        assertFalse(String.join("", tail).contains("\u001b"));
        assertEquals(List.of("]0;titleb c"), MachineFiles.tail(console, 1));
    }
}
