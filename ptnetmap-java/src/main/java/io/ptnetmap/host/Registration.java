// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import java.util.List;

/**
 * What the host tells the process that binds a port, besides the descriptors.
 *
 * @param reply netmap's part
 * @param lanes the ends of lanes that the process runs; none for a null port
 */
record Registration(PortReply reply, List<LaneEnd> lanes) {}
