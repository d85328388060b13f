// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What the processes of a test write to their standard error, shown only if the test fails. */
final class ErrorOutput implements BeforeEachCallback, AfterEachCallback {
    private Path file;

    /** Where a process of the test is to write. */
    Redirect redirect() {
        return Redirect.appendTo(file.toFile());
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        file = Files.createTempFile("nfv", ".err");
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isPresent()) {
            System.err.print(Files.readString(file));
        }
        Files.delete(file);
    }
}
