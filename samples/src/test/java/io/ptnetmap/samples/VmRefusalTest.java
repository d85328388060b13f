// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.vm.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a user reads who runs {@code vm-chain.yaml} where something that machines need is missing: one line, with the remedy. */
class VmRefusalTest {
    private static final Path DEBIANS = Path.of("/usr/bin/qemu-system-x86_64");

    @TempDir
    Path home;

    @BeforeEach
    void makeImage() throws IOException {
        Path image = Files.createDirectory(home.resolve("image"));
        for (String file : List.of("vmlinux", "initrd.cpio", "root.squashfs", "image.properties")) {
            Files.writeString(image.resolve(file), "");
        }
    }

    private Nfv.Result nfv(Map<String, String> environment, String... arguments) throws Exception {
        ProcessBuilder command = Nfv.command(List.of(), arguments);
        command.environment().put("PTNETMAP_HOME", home.toString());
        command.environment().put("PTNETMAP_ACCELERATOR", "tcg");
        command.environment().remove("PTNETMAP_QEMU");
        command.environment().putAll(environment);
        return Nfv.await(command);
    }

    private static void assertRefused(Nfv.Result result, String... said) {
        assertRefused(4, result, said);
    }

    private static void assertRefused(int exitCode, Nfv.Result result, String... said) {
        assertEquals(exitCode, result.exitCode(), result::text);
        assertEquals(1, result.err().size(), result.err()::toString);
        String line = result.err().getFirst();
        for (String part : said) {
            assertTrue(line.startsWith("nfv: ") && line.contains(part), line);
        }
    }

    private static final String CHAIN = "chains/vm-chain.yaml";

    @Test
    void noQemu() throws Exception {
        assertRefused(nfv(Map.of(), "run", CHAIN), "no QEMU at " + home, "./nfv setup qemu");
    }

    @Test
    void noImage() throws Exception {
        Files.delete(home.resolve("image/vmlinux"));
        assertRefused(nfv(Map.of(), "run", CHAIN), "image/vmlinux is missing", "./nfv setup image");
    }

    @Test
    void aProgramThatIsNoQemu() throws Exception {
        assertRefused(nfv(Map.of("PTNETMAP_QEMU", "/bin/false"), "run", CHAIN), "/bin/false is no QEMU");
    }

    @Test
    void anotherQemu() throws Exception {
        assumeTrue(Files.isExecutable(DEBIANS), "no " + DEBIANS);
        assertRefused(
                nfv(Map.of(), "run", CHAIN, "--qemu", DEBIANS.toString()),
                DEBIANS + " (QEMU emulator",
                "has no device e1000-paravirt",
                "./nfv setup qemu");
    }

    @Test
    void aConsoleOfNoMachine() throws Exception {
        assertRefused(
                2,
                nfv(Map.of(), "run", CHAIN, "--console", "fww"),
                "no virtual machine 'fww' in this chain; did you mean 'fw'?");
    }

    @Test
    @Tag("vm")
    void noHostServes() throws Exception {
        Machines.need();
        Installation real = Installation.ofThisUser();
        Nfv.Result result = nfv(
                Map.of(
                        "PTNETMAP_HOST", home.resolve("nobody").toString(),
                        "PTNETMAP_HOME", real.home().toString(),
                        "PTNETMAP_QEMU", real.qemu().toString()),
                "run",
                CHAIN);
        assertRefused(result, home.resolve("nobody").toString());
    }

    @Test
    void theCheckNamesWhatIsMissingWithItsRemedy() throws Exception {
        Files.delete(home.resolve("image/vmlinux"));
        Nfv.Result text = nfv(Map.of(), "setup", "check");
        assertEquals(4, text.exitCode(), text::text);
        assertEquals(List.of(), text.err());
        int qemu = text.out().indexOf("missing  QEMU           none at " + home.resolve("qemu/bin/qemu-system-x86_64"));
        assertTrue(qemu >= 0, text::text);
        assertEquals("./nfv setup qemu", text.out().get(qemu + 1).strip());
        Nfv.Result json = nfv(Map.of(), "setup", "check", "-o", "json");
        assertEquals(4, json.exitCode());
        JsonNode report = JsonMapper.shared().readTree(json.text());
        assertEquals(false, report.get("ready").asBoolean());
        JsonNode image = report.get("checks")
                .valueStream()
                .filter(check -> check.get("name").asString().equals("guest image"))
                .findFirst()
                .orElseThrow();
        assertEquals("missing", image.get("state").asString());
        assertEquals("./nfv setup image", image.get("remedy").asString());
    }

    @Test
    void aSetupWithoutAWordSaysWhichThereAre() throws Exception {
        Nfv.Result result = nfv(Map.of(), "setup");
        assertEquals(2, result.exitCode());
        assertTrue(result.err().getFirst().contains("check, qemu, kernel, image or all"), result.err()::toString);
    }
}
