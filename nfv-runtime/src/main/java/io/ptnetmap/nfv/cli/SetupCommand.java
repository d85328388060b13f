// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.vm.Accelerator;
import io.ptnetmap.nfv.vm.HostCheck;
import io.ptnetmap.nfv.vm.HostCheck.Finding;
import io.ptnetmap.nfv.vm.HostCheck.State;
import io.ptnetmap.nfv.vm.Installation;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "setup",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Says what this machine needs for chains in virtual machines, and makes it.",
        footerHeading = "%nBesides this, the launcher script knows:%n",
        footer = {
            "  nfv setup qemu     QEMU with the device that passes netmap ports to guests",
            "  nfv setup kernel   the kernel modules netmap and e1000",
            "  nfv setup image    the guest that virtual machines boot",
            "  nfv setup all      all of these",
            "  nfv setup peers    what 'nfv bench peers' compares with"
        },
        subcommands = SetupCommand.Check.class)
final class SetupCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to set up: check, qemu, kernel, image or all");
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = {
                "Says what this machine has for chains in virtual machines, and how to get what it lacks.",
                "",
                "Whether KVM works is found out by running a small machine on it; the answer is remembered until the next"
                        + " boot.",
                ""
            },
            footerHeading = "%n",
            footer = "Exit codes: 0 virtual machines can be run, 2 wrong usage, 4 something is missing.")
    static final class Check implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private OutputOption output;

        @Override
        public Integer call() {
            List<Finding> findings = HostCheck.run(Installation.ofThisUser(), Accelerator.Choice.ofThisUser());
            boolean ready = findings.stream().noneMatch(finding -> finding.state() == State.MISSING);
            PrintWriter out = spec.commandLine().getOut();
            switch (output.form()) {
                case JSON -> out.println(Documents.json(document(ready, findings)));
                case YAML -> out.print(Documents.yaml(document(ready, findings)));
                case NAME -> findings.forEach(finding -> out.println("check/" + finding.name()));
                case TABLE, WIDE -> print(findings, out);
            }
            out.flush();
            return ready ? ExitCodes.OK : ExitCodes.ENVIRONMENT;
        }

        private static void print(List<Finding> findings, PrintWriter out) {
            TextTable table = new TextTable("lll", "", "", "");
            findings.forEach(finding -> table.row(Documents.word(finding.state()), finding.name(), finding.text()));
            List<String> lines = table.lines();
            for (int i = 0; i < findings.size(); i++) {
                out.println(lines.get(i + 1));
                if (!findings.get(i).remedy().isEmpty()) {
                    out.println("           " + findings.get(i).remedy());
                }
            }
        }

        private static Map<String, Object> document(boolean ready, List<Finding> findings) {
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("ready", ready);
            report.put(
                    "checks",
                    findings.stream()
                            .map(finding -> Map.of(
                                    "name", finding.name(),
                                    "state", Documents.word(finding.state()),
                                    "text", finding.text(),
                                    "remedy", finding.remedy()))
                            .toList());
            return report;
        }
    }
}
