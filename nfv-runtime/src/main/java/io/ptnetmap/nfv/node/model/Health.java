// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Optional;

/** Whether all is well. */
public record Health(Status status, List<Check> checks) {
    /** It is, or is not. Written in capitals. */
    public enum Status {
        @JsonProperty("UP")
        UP,
        @JsonProperty("DOWN")
        DOWN;

        /** Up where it holds. */
        public static Status of(boolean holds) {
            return holds ? UP : DOWN;
        }
    }

    /** One thing that was looked at. */
    public record Check(String name, Status status, Optional<String> detail) {}

    /** All checks together. */
    public static Health of(List<Check> checks) {
        return new Health(Status.of(checks.stream().allMatch(check -> check.status() == Status.UP)), checks);
    }
}
