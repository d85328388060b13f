// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.time.Instant;
import java.util.Optional;

/** A line of the log. */
public record LogLine(Instant time, String level, String logger, Optional<String> chain, String message) {}
