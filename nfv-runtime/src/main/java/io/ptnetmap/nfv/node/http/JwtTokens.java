// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.NodeStartException;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * Tokens of another issuer: JSON Web Tokens (RFC 7519), signed by a key of a set (RFC 7517), for this audience, and not for ever.
 * A set that is replaced holds from the next token on. Thread-safe.
 */
final class JwtTokens implements Authenticator.Source {
    private final Vertx vertx;
    private final JwtSettings settings;
    private JWTAuth keys;
    private FileTime modified = FileTime.fromMillis(0);

    /** @throws NodeStartException if the key set cannot be used */
    JwtTokens(Vertx vertx, JwtSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
        keys();
    }

    private synchronized JWTAuth keys() {
        Path file = settings.keys();
        try {
            FileTime now = Files.getLastModifiedTime(file);
            if (!now.equals(modified)) {
                keys = read(Files.readString(file));
                modified = now;
            }
            return keys;
        } catch (IOException unreadable) {
            throw new NodeStartException(
                    "cannot read the key set " + file + ": " + unreadable.getMessage(), unreadable);
        } catch (DecodeException | ClassCastException | IllegalArgumentException wrong) {
            throw new NodeStartException(file + " is no JSON Web Key Set: " + wrong.getMessage(), wrong);
        }
    }

    private JWTAuth read(String text) {
        JWTAuthOptions options = new JWTAuthOptions()
                .setJWTOptions(new JWTOptions().setIssuer(settings.issuer()).addAudience(settings.audience()));
        JsonArray set = new JsonObject(text).getJsonArray("keys", new JsonArray());
        for (int i = 0; i < set.size(); i++) {
            JsonObject key = set.getJsonObject(i);
            // Who can check a signature by a secret key can also make one.
            if ("oct".equals(key.getString("kty"))) {
                throw new IllegalArgumentException("key " + i + " is a secret, give public keys only");
            }
            options.addJwk(key);
        }
        if (set.isEmpty()) {
            throw new IllegalArgumentException("it has no keys");
        }
        return JWTAuth.create(vertx, options);
    }

    @Override
    public Optional<Principal> find(String token) {
        if (token.chars().filter(c -> c == '.').count() != 2) {
            return Optional.empty();
        }
        try {
            JsonObject claims = keys().authenticate(new TokenCredentials(token))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get()
                    .principal();
            JsonObject all = claims.containsKey("exp") ? claims : payload(token);
            return all.getValue("exp") instanceof Number
                    ? role(all.getValue(settings.roleClaim()))
                            .map(role -> new Principal(all.getString("sub", settings.issuer()), role))
                    : Optional.empty();
        } catch (ExecutionException | RuntimeException refused) {
            return Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** What a token says whose signature has been checked. */
    private static JsonObject payload(String token) {
        return new JsonObject(new String(
                java.util.Base64.getUrlDecoder().decode(token.split("\\.")[1]),
                java.nio.charset.StandardCharsets.UTF_8));
    }

    /** The greatest of the roles that a claim names. */
    private static Optional<Role> role(Object claim) {
        List<?> names = switch (claim) {
            case JsonArray array -> array.getList();
            case String text -> List.of(text.split("[\\s,]+"));
            case null, default -> List.of();
        };
        return Stream.of(Role.ADMIN, Role.OPERATE, Role.READ)
                .filter(role -> names.stream().anyMatch(name -> role.name().equalsIgnoreCase(String.valueOf(name))))
                .findFirst();
    }
}
