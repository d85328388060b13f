// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import io.ptnetmap.nfv.node.model.LogLine;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last {@value #KEPT} lines of this process's log, for who may read it through the API. Thread-safe. */
public final class NodeLog implements AutoCloseable {
    static final int KEPT = 10_000;

    private final History<Numbered> history = new History<>(KEPT, 0);
    private final Follower follower = new Follower();

    /** A line and its number. */
    public record Numbered(long number, LogLine line) {}

    private final class Follower extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            IThrowableProxy thrown = event.getThrowableProxy();
            String message = event.getFormattedMessage()
                    + (thrown == null ? "" : " (" + thrown.getClassName() + ": " + thrown.getMessage() + ")");
            LogLine line = new LogLine(
                    event.getInstant(),
                    event.getLevel().toString(),
                    event.getLoggerName(),
                    Optional.ofNullable(event.getMDCPropertyMap().get(Serial.CHAIN)),
                    message);
            history.add(number -> new Numbered(number, line));
        }
    }

    private NodeLog() {}

    /** Follows the log from now on. */
    public static NodeLog follow() {
        NodeLog log = new NodeLog();
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        log.follower.setContext(context);
        log.follower.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(log.follower);
        return log;
    }

    /** The lines. */
    public History<Numbered> history() {
        return history;
    }

    @Override
    public void close() {
        ((LoggerContext) LoggerFactory.getILoggerFactory())
                .getLogger(Logger.ROOT_LOGGER_NAME)
                .detachAppender(follower);
    }
}
