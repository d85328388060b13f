// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A hundred chains of ten functions, whose accounts come each second, leave the page time for its user. */
@Tag("alone")
class DashboardLoadTest {
    private static final int SECONDS = 5;

    @Test
    void aHundredChainsLeaveThePageIdleMostOfTheTime() throws IOException {
        try (Browser browser = Browser.open();
                ManyChains node = new ManyChains(100, 10)) {
            Page page = browser.page(new NewContextOptions().setViewportSize(1360, 900));
            page.navigate(node.address() + "#token=any");
            assertThat(page.locator(".chain-row")).hasCount(100);
            assertThat(page.locator(".chain-figures b").first()).not().hasText("–");
            CDPSession session = page.context().newCDPSession(page);
            session.send("Performance.enable");
            assertIdle(session, page, "list");
            page.evaluate("location.hash = '#/chains/chain-42/functions/function-7'");
            assertThat(page.locator("a.box")).hasCount(10);
            assertThat(page.locator("a.box .figure").last()).containsText("1.23 Mpps");
            assertThat(page.locator("a.link .figure").first()).containsText("→ 1.23 Mpps");
            assertThat(page.locator("a.link text").nth(2)).containsText("← 617 kpps");
            assertIdle(session, page, "chain");
            browser.assertNoComplaints();
        }
    }

    /** The main thread's work of some seconds. */
    private static void assertIdle(CDPSession session, Page page, String view) {
        double before = busySeconds(session);
        page.waitForTimeout(SECONDS * 1000);
        double busy = (busySeconds(session) - before) / SECONDS;
        assertTrue(busy < 0.5, view + ": busy for " + busy + " of the time");
    }

    private static double busySeconds(CDPSession session) {
        JsonArray metrics = session.send("Performance.getMetrics").getAsJsonArray("metrics");
        for (JsonElement metric : metrics) {
            if (metric.getAsJsonObject().get("name").getAsString().equals("TaskDuration")) {
                return metric.getAsJsonObject().get("value").getAsDouble();
            }
        }
        throw new AssertionError("no TaskDuration in " + metrics);
    }
}
