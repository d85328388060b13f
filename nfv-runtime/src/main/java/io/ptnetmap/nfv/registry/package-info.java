// SPDX-License-Identifier: BSD-2-Clause
/** Finds the functions on the class path and in jars of the user's own, and makes instances of them. */
package io.ptnetmap.nfv.registry;
