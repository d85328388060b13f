// SPDX-License-Identifier: BSD-2-Clause
/**
 * Ports that lead out of netmap by means of this process's own: capture files, tap devices, nowhere. Their rings are those of
 * a null port, which either driver gives out, in the region of the user's choice; {@link io.ptnetmap.adapter.AdapterPort} moves
 * packets between the rings and the {@link io.ptnetmap.adapter.Device}.
 */
package io.ptnetmap.adapter;
