// SPDX-License-Identifier: BSD-2-Clause
/** netmap's user tools: what they do with ports, without their command lines. */
package io.ptnetmap.nfv.tools;
