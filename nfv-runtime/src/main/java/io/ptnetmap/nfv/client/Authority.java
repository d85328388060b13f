// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

/** A file of certificates that a node's own has to come from. */
final class Authority {
    private Authority() {}

    /**
     * The certificates, in PEM. Looked through at once: later a wrong file would look like a node that does not answer.
     *
     * @throws UncheckedIOException if the file cannot be read, or holds no certificates
     */
    static Buffer read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException missing) {
            throw refusal(file, "there is no such file", missing);
        } catch (IOException failure) {
            throw refusal(file, failure.getMessage(), failure);
        }
        try {
            if (CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes))
                    .isEmpty()) {
                throw new CertificateException("empty");
            }
        } catch (CertificateException none) {
            throw refusal(
                    file,
                    "it holds no certificates; they are in PEM, and begin with -----BEGIN CERTIFICATE-----",
                    new IOException(none));
        }
        return Buffer.buffer(bytes);
    }

    private static UncheckedIOException refusal(Path file, String why, IOException cause) {
        return new UncheckedIOException("cannot take certificates from " + file + ": " + why, cause);
    }
}
