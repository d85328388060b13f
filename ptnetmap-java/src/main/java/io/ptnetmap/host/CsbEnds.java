// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import java.util.List;

/** What is behind the rings of a port that the {@link Kloop} serves. For the loop's thread, but for {@link #close}. */
sealed interface CsbEnds permits CsbInterfaceEnds, DoorbellEnds {
    /** How many rings the port has. */
    default int rings() {
        return begin().size();
    }

    /** The ends of the rings, transmit rings first, as predecessors have left them. */
    List<RingEnd> begin();

    /** Has an epoll instance tell of whatever may happen to these ends between {@link #arm} and {@link #disarm}. */
    void watch(int epoll);

    void unwatch(int epoll);

    /**
     * Asks for wake-ups. The caller passes a barrier and looks at the rings once more before it sleeps.
     *
     * @return whether the caller's own barrier is enough, because all peers fence too
     */
    boolean arm();

    void disarm();

    void close();

    /** What is behind the rings of a port that has been granted; the grant remains the caller's to release. */
    static CsbEnds of(PortRequest request, Grant grant) {
        Registration registration = grant.registration();
        PortReply reply = registration.reply();
        int rings = registration.kind() == Registration.Kind.INTERFACE
                ? reply.txRings() + reply.rxRings()
                : grant.rings().size();
        if (rings > CsbPort.MAX_RINGS) {
            throw Wishes.refuse(
                    request,
                    Errno.EINVAL,
                    "the port has " + rings + " rings, a CSB has room for " + CsbPort.MAX_RINGS + ": ask for fewer");
        }
        return switch (registration.kind()) {
            case INTERFACE -> new CsbInterfaceEnds(request.name(), grant);
            case LANES -> {
                if (rings == 0) {
                    throw Wishes.refuse(
                            request,
                            Errno.EOPNOTSUPP,
                            "a port without rings that move has nothing to be served: REGISTER it");
                }
                yield new CsbPipeEnds(grant);
            }
            case SWITCH -> new CsbValeEnds(grant, (ValeRings) grant.owner());
            case MONITOR ->
                throw Wishes.refuse(
                        request,
                        Errno.EOPNOTSUPP,
                        "a monitor's rings are run by who opens it: REGISTER it, which a guest cannot");
        };
    }
}
