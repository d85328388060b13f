// SPDX-License-Identifier: BSD-2-Clause
/** Options that users know from several commands, those that measure among them: each is spelt here once. */
package io.ptnetmap.nfv.options;
