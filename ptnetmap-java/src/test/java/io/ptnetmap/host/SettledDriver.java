// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Mapping;

/**
 * A driver whose host serves the ports on a thread of its own, and whose syncs here wait until that thread has done what
 * there was to do: for tests that look at the other side right after a sync.
 */
public final class SettledDriver implements NetmapDriver {
    private final EmbeddedHost host;
    private final NetmapDriver driver;

    /** @param host that the driver has its ports from */
    public SettledDriver(EmbeddedHost host, NetmapDriver driver) {
        this.host = host;
        this.driver = driver;
    }

    private RingSync settled(RingSync sync) {
        return () -> {
            int first = sync.sync();
            // Between two commands the loop goes round once; a packet needs one round to its queue and one to be seen.
            for (int i = 0; i < 3; i++) {
                host.kloop().run(() -> {});
            }
            int second = sync.sync();
            return first == RingSync.LOOK ? first : second;
        };
    }

    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public PortBinding register(PortRequest request) {
        return new SettledBinding(driver.register(request));
    }

    @Override
    public PortReply portInfo(String name, int memId) {
        return driver.portInfo(name, memId);
    }

    @Override
    public PoolsInfo poolsInfo(String name, int memId) {
        return driver.poolsInfo(name, memId);
    }

    @Override
    public void close() {
        driver.close();
    }

    private final class SettledBinding implements PortBinding {
        private final PortBinding binding;

        SettledBinding(PortBinding binding) {
            this.binding = binding;
        }

        @Override
        public PortReply reply() {
            return binding.reply();
        }

        @Override
        public RingTable rings() {
            return binding.rings();
        }

        @Override
        public Mapping memory() {
            return binding.memory();
        }

        @Override
        public RingSync txSync(int ring) {
            RingSync sync = binding.txSync(ring);
            return sync == null ? null : settled(sync);
        }

        @Override
        public RingSync rxSync(int ring) {
            RingSync sync = binding.rxSync(ring);
            return sync == null ? null : settled(sync);
        }

        @Override
        public int arm(int events) {
            return binding.arm(events);
        }

        @Override
        public int descriptor() {
            return binding.descriptor();
        }

        @Override
        public int descriptorEvents(int events) {
            return binding.descriptorEvents(events);
        }

        @Override
        public int disarm(int events, int revents) {
            return binding.disarm(events, revents);
        }

        @Override
        public void close() {
            binding.close();
        }
    }
}
