// SPDX-License-Identifier: BSD-2-Clause
/** For authors of network functions: tests without a chain, see {@link io.ptnetmap.nfv.testkit.FunctionTester}. */
package io.ptnetmap.nfv.testkit;
