// SPDX-License-Identifier: BSD-2-Clause
/** The stateful packet filter: {@link io.ptnetmap.functions.firewall.Firewall}. */
package io.ptnetmap.functions.firewall;
