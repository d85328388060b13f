// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import io.ptnetmap.nfv.node.Installed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A Chromium without a window, driven by Playwright; {@code nfv setup tests} installs both. */
final class Browser implements AutoCloseable {
    private static final List<String> CHROMIUM =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser browser;
    private final List<String> complaints = new ArrayList<>();

    private Browser(Playwright playwright, com.microsoft.playwright.Browser browser) {
        this.playwright = playwright;
        this.browser = browser;
    }

    /** Starts one, or skips the test and says what is missing. */
    static Browser open(String... arguments) {
        Optional<String> chromium = CHROMIUM.stream()
                .filter(file -> Files.isExecutable(Path.of(file)))
                .findFirst();
        assumeTrue(chromium.isPresent(), "no Chromium here; 'nfv setup tests' installs one");
        Path driver = Installed.data().resolve("playwright/driver/linux");
        assumeTrue(Files.isExecutable(driver.resolve("node")), "no " + driver + "; 'nfv setup tests' makes it");
        System.setProperty("playwright.cli.dir", driver.toString());
        Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        return new Browser(
                playwright,
                playwright
                        .chromium()
                        .launch(new BrowserType.LaunchOptions()
                                .setExecutablePath(Path.of(chromium.get()))
                                .setArgs(Stream.concat(Stream.of("--no-sandbox"), Stream.of(arguments))
                                        .toList())));
    }

    /** A page of a window of its own, with nothing of the others' sessions. */
    Page page(com.microsoft.playwright.Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        context.setDefaultTimeout(20_000);
        Page page = context.newPage();
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            // What the node refuses is no error of the page's.
            if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
                complaints.add(message.text());
            }
        });
        return page;
    }

    /** What pages have complained of so far: uncaught errors, and what their policy forbids. */
    void assertNoComplaints() {
        assertEquals(List.of(), complaints);
    }

    /** Judges a page by the rules of axe-core; what it finds, one line each. */
    static List<String> accessibilityFaults(Page page) {
        Object faults = page.evaluate(
                "async source => { if (!window.axe) (0, eval)(source);"
                        + " const result = await axe.run(document, {resultTypes: ['violations']});"
                        + " return result.violations.map(one => one.id + ': ' + one.nodes.map(node => node.target.join(' ')"
                        + " + ' ' + node.failureSummary).join(' | ')); }",
                axe());
        return ((List<?>) faults).stream().map(String::valueOf).toList();
    }

    private static String axe() {
        try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
