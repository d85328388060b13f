// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/**
 * How packets pass between a port and the network interface that it is, which differs from driver to driver and from kernel to
 * kernel.
 *
 * @param copied whether the kernel copies each packet; else the hardware works on the region's buffers
 * @param description which kernel interface is in use, in which mode, and why not a better one: words for people
 */
public record InterfacePath(boolean copied, String description) {}
