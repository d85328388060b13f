// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/**
 * Who looks at a ring's packets from outside: its monitors (ABI §11). Told of each sync by who carries it out, on that
 * thread, between the look at {@code head} and the store of {@code tail}.
 */
public interface RingWatch {
    /** Of a ring that cannot be watched. */
    RingWatch NOBODY = new RingWatch() {
        @Override
        public boolean watched() {
            return false;
        }

        @Override
        public void before(int hwcur, int hwtail, int head) {}

        @Override
        public void after(int hwtail) {}
    };

    /** Whether there is anybody to tell. */
    boolean watched();

    /**
     * Before the port takes the user's slots.
     *
     * @param hwcur first slot that the port has not taken from the user
     * @param hwtail first slot that is not the user's
     * @param head slot after the last one that the user gives to the port now
     */
    void before(int hwcur, int hwtail, int head);

    /**
     * When the port has done its work, before the user learns of it.
     *
     * @param hwtail first slot that is not the user's now
     */
    void after(int hwtail);
}
