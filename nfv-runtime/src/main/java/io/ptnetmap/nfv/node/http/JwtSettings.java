// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.nio.file.Path;

/**
 * Whose JSON Web Tokens are trusted.
 *
 * @param keys file with the issuer's key set (RFC 7517)
 * @param issuer that tokens must name
 * @param audience that tokens must be for
 * @param roleClaim name of the claim with the role, or a list of roles
 */
public record JwtSettings(Path keys, String issuer, String audience, String roleClaim) {}
