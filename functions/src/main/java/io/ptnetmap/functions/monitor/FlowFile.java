// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the present flows to a file, some at a time, so that traffic need not wait. Readers of the file always find a complete
 * one: the next is written beside it and takes its place in the end. Single-threaded.
 */
final class FlowFile {
    private final Path file;
    private final Path next;
    private final FlowFileFormat format;
    private final Flows flows;
    private Optional<BufferedWriter> writer = Optional.empty();
    private int entry;
    private boolean isFirst;

    FlowFile(Path file, FlowFileFormat format, Flows flows) {
        this.file = file;
        this.next = file.resolveSibling(file.getFileName() + ".next");
        this.format = format;
        this.flows = flows;
    }

    /** The same file for other flows, of which nothing is written yet. */
    FlowFile of(Flows others) {
        return new FlowFile(file, format, others);
    }

    /** Whether a file is begun and not complete. */
    boolean isWriting() {
        return writer.isPresent();
    }

    /** Begins a file; one that is not complete is given up. */
    void begin(Map<String, Object> totals) throws IOException {
        close();
        BufferedWriter begun = Files.newBufferedWriter(next);
        writer = Optional.of(begun);
        entry = -1;
        isFirst = true;
        switch (format) {
            case CSV -> begun.write(FlowRecord.CSV_HEADER + "\n");
            case JSON -> begun.write("{\"totals\":" + Json.of(totals) + ",\n\"flows\":[");
        }
    }

    /** Writes {@code limit} more flows at most, and completes the file with the last one. */
    void write(int limit) throws IOException {
        BufferedWriter begun = writer.orElseThrow();
        for (int i = 0; i < limit; i++) {
            entry = flows.next(entry);
            if (entry < 0) {
                complete(begun);
                return;
            }
            write(begun, flows.record(entry));
        }
    }

    private void write(BufferedWriter begun, FlowRecord flow) throws IOException {
        switch (format) {
            case CSV -> begun.write(flow.csv() + "\n");
            case JSON -> begun.write((isFirst ? "\n" : ",\n") + Json.of(flow.fields()));
        }
        isFirst = false;
    }

    private void complete(BufferedWriter begun) throws IOException {
        if (format == FlowFileFormat.JSON) {
            begun.write("\n]}\n");
        }
        close();
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Gives up a file that cannot be written. */
    void abandon() {
        try {
            close();
        } catch (IOException alreadyKnown) {
            writer = Optional.empty();
        }
    }

    private void close() throws IOException {
        if (writer.isPresent()) {
            BufferedWriter begun = writer.get();
            writer = Optional.empty();
            begun.close();
        }
    }
}
