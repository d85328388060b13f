// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a region: a memfd of its final size, sealed. One in huge pages has all of them from the start, so that
 * running out of them is a refusal here and never the death of who touches the memory.
 *
 * @param memfd the caller's to close
 * @param pages what it lies in
 */
record RegionFile(int memfd, RegionPages pages) {
    private static final Logger LOG = LoggerFactory.getLogger(RegionFile.class);

    /**
     * Makes one.
     *
     * @throws LinuxException ENOMEM where it must lie in huge pages and there are not enough
     */
    static RegionFile create(String name, RegionConfig config) {
        RegionPages pages = RegionPages.of(config);
        if (pages.refused()) {
            throw new LinuxException("create " + name, Errno.ENOMEM, pages.why());
        }
        if (!pages.huge()) {
            LOG.debug("{}: {}", name, pages);
            return create(name, pages, 0);
        }
        try {
            RegionFile file = create(name, pages, Linux.hugePages(pages.pageSize()));
            LOG.debug("{}: {}", name, pages);
            return file;
        } catch (LinuxException refused) {
            String why =
                    pages.count() + " huge pages of " + pages.pageSize() + " bytes were refused though " + pages.why()
                            + ": another program was faster, or a limit of this one's cgroup (hugetlb.*.max) is in the way";
            if (pages.wanted() == HugePages.ON) {
                throw new LinuxException("create " + name, Errno.ENOMEM, why);
            }
            RegionPages small = RegionPages.small(config, pages.wanted(), why);
            LOG.debug("{}: {}", name, small, refused);
            return create(name, small, 0);
        }
    }

    private static RegionFile create(String name, RegionPages pages, int flags) {
        int memfd = Linux.memfdCreate(name, Linux.MFD_CLOEXEC | Linux.MFD_ALLOW_SEALING | flags);
        try {
            Linux.ftruncate(memfd, pages.bytes());
            if (pages.huge()) {
                Linux.fallocate(memfd, pages.bytes());
            }
            Linux.fcntl(memfd, Linux.F_ADD_SEALS, Linux.F_SEAL_SHRINK | Linux.F_SEAL_GROW | Linux.F_SEAL_SEAL);
            return new RegionFile(memfd, pages);
        } catch (LinuxException refused) {
            Linux.close(memfd);
            throw refused;
        }
    }

    /** Maps all of it; where that is impossible, the file is closed. */
    Mapping map() {
        try {
            return Mapping.of(memfd, pages.bytes());
        } catch (LinuxException refused) {
            Linux.close(memfd);
            throw refused;
        }
    }
}
