// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.NodeStartException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server's certificate and key, looked at again now and then: both may be replaced while the node runs. */
final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final long LOOK_MILLIS = 1000;
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

    private final Path certificate;
    private final Path key;
    private List<FileTime> modified;

    Tls(Path certificate, Path key) {
        this.certificate = certificate;
        this.key = key;
        this.modified = times();
    }

    private List<FileTime> times() {
        try {
            return List.of(Files.getLastModifiedTime(certificate), Files.getLastModifiedTime(key));
        } catch (IOException missing) {
            throw new NodeStartException("cannot read " + missing.getMessage(), missing);
        }
    }

    void applyTo(HttpServerOptions options) {
        options.setSsl(true).setKeyCertOptions(pair()).setUseAlpn(false).setEnabledSecureTransportProtocols(PROTOCOLS);
    }

    private PemKeyCertOptions pair() {
        try {
            return new PemKeyCertOptions()
                    .setCertValue(Buffer.buffer(Files.readAllBytes(certificate)))
                    .setKeyValue(Buffer.buffer(Files.readAllBytes(key)));
        } catch (IOException unreadable) {
            throw new NodeStartException("cannot read " + unreadable.getMessage(), unreadable);
        }
    }

    /** Gives the server what the files hold, whenever they have changed. */
    void watch(Vertx vertx, HttpServer server) {
        vertx.setPeriodic(LOOK_MILLIS, again -> {
            try {
                List<FileTime> now = times();
                if (!now.equals(modified)) {
                    modified = now;
                    ServerSSLOptions options = new ServerSSLOptions().setKeyCertOptions(pair());
                    options.setEnabledSecureTransportProtocols(PROTOCOLS);
                    server.updateSSLOptions(options)
                            .onSuccess(done -> LOG.info("took a new certificate from {}", certificate))
                            .onFailure(Tls::refused);
                }
            } catch (NodeStartException unreadable) {
                refused(unreadable);
            }
        });
    }

    private static void refused(Throwable failure) {
        LOG.warn("the new certificate cannot be used, the old one stays: {}", failure.getMessage());
    }
}
