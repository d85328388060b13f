// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.vm.CpioArchive;
import io.ptnetmap.nfv.vm.GuestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * What a virtual machine is given of its chain: all that it runs when it is started, in the chain as it is then; before a change, the
 * descriptor, and those of its files that are others by now. For one thread at a time.
 */
final class MachineContents implements GuestFiles {
    /** Name of the descriptor of what the chain is to be, in the machine. */
    static final String DESCRIPTOR = "chain-next.yaml";

    /** What comes while packets flow passes the line on which the part is asked for everything else. */
    private static final long MOST_CHANGED_BYTES = 16 << 20;

    private final String vm;
    private final PresentChain present;
    private final Function<PresentChain.State, GuestProgram> program;
    private final Function<Node, Path> keptState;
    /** The files that the machine has. */
    private final Map<String, Stamp> has = new HashMap<>();
    /** Those that it is being given. */
    private final Map<String, Stamp> coming = new HashMap<>();

    /** Tells one state of a file from another. */
    private record Stamp(long size, FileTime modified) {
        static Stamp of(Path file) throws IOException {
            return new Stamp(Files.size(file), Files.getLastModifiedTime(file));
        }
    }

    /**
     * @param present what the machine is started for
     * @param program what it runs for a chain
     * @param keptState puts what is kept of a function into a file, if there is anything
     */
    MachineContents(
            String vm,
            PresentChain present,
            Function<PresentChain.State, GuestProgram> program,
            Function<Node, Path> keptState) {
        this.vm = vm;
        this.present = present;
        this.program = program;
        this.keptState = keptState;
    }

    @Override
    public void addTo(CpioArchive archive) throws IOException {
        PresentChain.State now = present.get();
        has.clear();
        for (Map.Entry<String, Path> file :
                GuestProgram.filesOf(now.chain(), vm).entrySet()) {
            has.put(file.getKey(), Stamp.of(file.getValue()));
        }
        program.apply(now).addTo(archive);
        for (Node node : now.chain().nodes()) {
            if (node.vm().equals(vm) && node.persist().isPresent()) {
                Path kept = keptState.apply(node);
                if (Files.exists(kept)) {
                    archive.file(GuestProgram.PART + RunDirectory.keptName(node.name()), kept);
                    Files.delete(kept);
                }
            }
        }
    }

    /**
     * What the machine has not got yet of what a chain takes that there is to be.
     *
     * @throws ChangeRefusedException if that is too much, or not there
     */
    Map<String, Path> missing(Chain target) {
        try {
            Map<String, Path> missing = new HashMap<>();
            coming.clear();
            long bytes = 0;
            for (Map.Entry<String, Path> file : GuestProgram.filesOf(target, vm).entrySet()) {
                Stamp stamp = Stamp.of(file.getValue());
                if (!stamp.equals(has.get(file.getKey()))) {
                    missing.put(file.getKey(), file.getValue());
                    coming.put(file.getKey(), stamp);
                    bytes += stamp.size();
                }
            }
            if (bytes > MOST_CHANGED_BYTES) {
                throw new ChangeRefusedException(
                        "",
                        "vms." + vm + ".files",
                        "the files of virtual machine '" + vm + "' that have changed since it has them come to "
                                + (bytes >> 20) + " MiB, and it is given " + (MOST_CHANGED_BYTES >> 20)
                                + " MiB at most while it runs: start the chain anew");
            }
            missing.put(DESCRIPTOR, target.source());
            return missing;
        } catch (IOException failure) {
            throw new ChangeRefusedException(
                    "",
                    "vms." + vm + ".files",
                    "the files of virtual machine '" + vm + "' cannot be read: " + FileErrors.why(failure));
        }
    }

    /** The machine has got what was {@link #missing}. */
    void given() {
        has.putAll(coming);
    }
}
