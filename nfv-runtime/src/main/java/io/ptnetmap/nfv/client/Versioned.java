// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

/**
 * A value with what tells whether it is still the same.
 *
 * @param value what the node has answered
 * @param version of it, an entity tag (RFC 9110 §8.8.3), for {@link ChangeOptions#onlyIf}
 * @param <T> what it is
 */
public record Versioned<T>(T value, String version) {}
