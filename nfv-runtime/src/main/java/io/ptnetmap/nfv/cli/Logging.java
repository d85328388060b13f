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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Locale;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** Sends warnings to standard error. In code, because reading a file, or a pattern, would cost time at each start. */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");
    // Of syslog(3).
    private static final int ERROR = 3;
    private static final int WARNING = 4;
    private static final int INFO = 6;
    private static final int DEBUG = 7;

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        Layout line = isJournal() ? new JournalLine() : new Line();
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

    /** Whether standard error is systemd's journal, as the environment says that it was when this process was started. */
    private static boolean isJournal() {
        String journal = System.getenv().getOrDefault("JOURNAL_STREAM", "");
        try {
            return !journal.isEmpty()
                    && journal.equals(Files.getAttribute(STANDARD_ERROR, "unix:dev") + ":"
                            + Files.getAttribute(STANDARD_ERROR, "unix:ino"));
        } catch (IOException | UnsupportedOperationException noSuchFile) {
            return false;
        }
    }

    /** A line in one form or another. */
    private abstract static class Layout extends LayoutBase<ILoggingEvent> {
        /** {@code [thread] Class: message}, and the stack trace, if there is one, in lines of its own. */
        static String message(ILoggingEvent event) {
            String logger = event.getLoggerName();
            return String.format(
                    Locale.ROOT,
                    "[%s] %s: %s%n%s",
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

    /** {@code 12:34:56.789 WARN} before the message. */
    static final class Line extends Layout {
        @Override
        public String doLayout(ILoggingEvent event) {
            LocalTime time = LocalTime.ofInstant(event.getInstant(), ZoneId.systemDefault());
            return String.format(Locale.ROOT, "%tT.%<tL %-5s ", time, event.getLevel()) + message(event);
        }
    }

    /** Each line begins with the level in the journal's way (sd-daemon(3)), which has clocks of its own. */
    static final class JournalLine extends Layout {
        @Override
        public String doLayout(ILoggingEvent event) {
            int level = event.getLevel().isGreaterOrEqual(Level.ERROR)
                    ? ERROR
                    : event.getLevel().isGreaterOrEqual(Level.WARN)
                            ? WARNING
                            : event.getLevel().isGreaterOrEqual(Level.INFO) ? INFO : DEBUG;
            return message(event)
                    .lines()
                    .map(line -> "<" + level + ">" + line + "\n")
                    .collect(Collectors.joining());
        }
    }

    /** Shows this project's own messages from a level on. */
    static void level(Level level) {
        ((LoggerContext) LoggerFactory.getILoggerFactory())
                .getLogger("io.ptnetmap")
                .setLevel(level);
    }
}
