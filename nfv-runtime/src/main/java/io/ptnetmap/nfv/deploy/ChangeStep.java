// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

/**
 * One thing that a change does to a running chain.
 *
 * @param kind what is done
 * @param subject name of the function, or of the link: {@code firewall - nat44}
 * @param words the step as a sentence without a full stop
 */
public record ChangeStep(Kind kind, String subject, String words) {
    /** What can be done. */
    public enum Kind {
        /** A function or port comes into the chain. */
        ADD_FUNCTION,
        /** A function or port leaves the chain. */
        REMOVE_FUNCTION,
        /** A function of another type takes the place of one of the same name. */
        REPLACE_FUNCTION,
        /** A function gets another configuration. */
        RECONFIGURE_FUNCTION,
        /** A function goes on on another worker or in another process. */
        MOVE_FUNCTION,
        /** Two neighbours get a queue or a pipe between them. */
        ADD_LINK,
        /** A queue or pipe goes, once it is empty. */
        REMOVE_LINK,
        /** A link stays and treats packets differently. */
        CHANGE_LINK
    }

    @Override
    public String toString() {
        return words;
    }
}
