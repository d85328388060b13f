// SPDX-License-Identifier: BSD-2-Clause
/**
 * Recordings of JDK Flight Recorder that show what a chain's functions do with their time.
 *
 * <p>Nothing else needs the module {@code jdk.jfr}: where it is missing, as in virtual machines, chains run all the same.
 */
package io.ptnetmap.nfv.profile;
