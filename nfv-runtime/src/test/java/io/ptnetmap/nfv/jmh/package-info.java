// SPDX-License-Identifier: BSD-2-Clause
/** Benchmarks of the parts that packets pass: {@code nfv bench jmh} runs them by JMH. */
package io.ptnetmap.nfv.jmh;
