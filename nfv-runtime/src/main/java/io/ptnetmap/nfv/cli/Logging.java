// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/** Sends warnings to standard error. In code, because reading a file, or a pattern, would cost time at each start. */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        Line line = new Line();
        line.setContext(context);
        line.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setLayout(line);
        encoder.start();
        ConsoleAppender<ILoggingEvent> standardError = new ConsoleAppender<>();
        standardError.setContext(context);
        standardError.setTarget("System.err");
        standardError.setEncoder(encoder);
        standardError.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(standardError);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** {@code 12:34:56.789 WARN [thread] Class: message}, and the stack trace, if there is one. */
    static final class Line extends LayoutBase<ILoggingEvent> {
        @Override
        public String doLayout(ILoggingEvent event) {
            String logger = event.getLoggerName();
            LocalTime time = LocalTime.ofInstant(event.getInstant(), ZoneId.systemDefault());
            return String.format(
                    Locale.ROOT,
                    "%tT.%<tL %-5s [%s] %s: %s%n%s",
                    time,
                    event.getLevel(),
                    event.getThreadName(),
                    logger.substring(logger.lastIndexOf('.') + 1),
                    printable(event.getFormattedMessage()),
                    ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
    }

    /** What strangers have written may not look like another line, nor tell a terminal anything. */
    static String printable(String text) {
        StringBuilder printed = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                printed.append("\n    ");
            } else {
                printed.append(Character.isISOControl(c) && c != '\t' ? '?' : c);
            }
        }
        return printed.toString();
    }

    /** Shows this project's own messages from a level on. */
    static void level(Level level) {
        ((LoggerContext) LoggerFactory.getILoggerFactory())
                .getLogger("io.ptnetmap")
                .setLevel(level);
    }
}
