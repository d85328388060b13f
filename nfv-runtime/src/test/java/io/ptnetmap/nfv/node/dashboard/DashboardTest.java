// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import io.ptnetmap.nfv.node.http.Role;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard as its users have it: a real node, a real browser. */
class DashboardTest {
    private static final String CHAIN = """
            chain: edge
            functions:
              - {name: source, type: dashboard-trickle, config: {rate: 2000}}
              - type: sieve
                config:
                  rules:
                    - {action: pass-on, source: 192.0.2.0/24, port: 7}
                    - {action: let-fall, source: 198.51.100.0/24}
                  limits: {flows: 1Ki, rate: 1M}
                  weights: {first: 1}
                  share: 0.25
                  labels: [one, two]
                  idle-timeout: 1m
              - parallel:
                  - {type: watch, worker: 1}
                  - {name: second, type: watch, worker: 2}
              - {name: odd, type: dashboard-hostile}
              - {name: sink, type: dashboard-take}
            """;
    private static final LocatorAssertions.IsVisibleOptions SOON =
            new LocatorAssertions.IsVisibleOptions().setTimeout(20_000);

    private static Browser browser;
    private static TestNode node;

    @TempDir
    private static Path directory;

    private Page page;

    @BeforeAll
    static void start() {
        browser = Browser.open();
        node = TestNode.open(directory);
        node.apply("edge", CHAIN);
    }

    @AfterAll
    static void end() {
        if (node != null) {
            node.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void openPage() {
        page = browser.page(new NewContextOptions().setViewportSize(1360, 900));
    }

    @AfterEach
    void nothingWentWrong() {
        page.context().close();
        browser.assertNoComplaints();
    }

    private void signIn(Role role) {
        page.navigate(node.at("/") + "#token=" + node.token(role));
        assertThat(page.locator(".chain-row").first()).isVisible(SOON);
    }

    private void go(String hash) {
        page.evaluate("hash => { location.hash = hash; }", hash);
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private Locator field(String pointer) {
        return page.locator(".field[data-pointer='" + pointer + "']");
    }

    private void openConfiguration() {
        go("#/chains/edge/functions/sieve");
        page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Configuration"))
                .click();
        assertThat(button("Apply")).isVisible(SOON);
    }

    private static String configuration() {
        return node.ask("GET", "/v1/chains/edge/functions/sieve/config", "").body();
    }

    @Test
    void theTokenLeavesTheAddressAndStaysInTheTab() {
        signIn(Role.ADMIN);
        assertFalse(page.url().contains("token"), page.url());
        page.reload();
        assertThat(page.locator(".chain-row").first()).isVisible(SOON);
        assertEquals(
                "0", page.evaluate("String(Object.keys(localStorage).filter(key => key.includes('token')).length)"));
        page.getByLabel("Sign out").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).isVisible();
        assertEquals(0, page.evaluate("sessionStorage.length"));
    }

    @Test
    void aTokenThatTheNodeDoesNotKnowIsAskedForAgain() {
        page.navigate(node.at("/").toString());
        page.getByLabel("Token").fill("no-such-token");
        button("Sign in").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("does not know this token");
        page.getByLabel("Token").fill(node.token(Role.READ));
        page.keyboard().press("Enter");
        assertThat(page.locator(".chain-row").first()).isVisible(SOON);
    }

    @Test
    void anotherTokenIsAskedForAsSoonAsThisOneIsRemoved() {
        page.navigate(node.at("/") + "#token=" + node.give("guest", Role.READ));
        assertThat(page.locator("#connection")).containsText("live");
        node.take("guest");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("does not know this token");
        page.getByLabel("Token").fill(node.token(Role.READ));
        page.keyboard().press("Enter");
        assertThat(page.locator("#connection")).containsText("live");
    }

    @Test
    void theListShowsWhatChainsDoNow() {
        signIn(Role.READ);
        Locator row = page.locator(".chain-row", new Page.LocatorOptions().setHasText("edge"));
        assertThat(row.locator(".badge")).containsText("running");
        assertThat(row.locator(".chain-figures b")).containsText(Pattern.compile("[12]\\.\\d+ kpps|2 kpps"));
        page.getByRole(AriaRole.SEARCHBOX).fill("no such chain");
        assertThat(row).isHidden();
        page.getByRole(AriaRole.SEARCHBOX).fill("SIEVE");
        assertThat(row).isVisible();
    }

    @Test
    void theGraphHasTheFunctionsInTheirOrderAndTheLinksBetweenThem() {
        signIn(Role.READ);
        go("#/chains/edge");
        assertThat(page.locator("a.box")).hasCount(6);
        List<?> names =
                (List<?>) page.evaluate("[...document.querySelectorAll('a.box')].map(box => box.dataset.function)");
        assertEquals(List.of("source", "sieve", "watch", "second", "odd", "sink"), names);
        // Parallel functions stand one below the other, behind what is before them.
        double[] left = places("x");
        double[] top = places("y");
        assertTrue(left[0] < left[1] && left[1] < left[2] && left[2] == left[3] && left[3] < left[4], "columns");
        assertTrue(top[2] < top[3], "rows");
        HttpResponse<String> links = node.ask("GET", "/v1/chains/edge/links", "");
        int count = links.body().split("\"from\"", -1).length - 1;
        assertThat(page.locator("a.link")).hasCount(count);
        // One link stands for all functions in parallel, and has a line to each.
        assertThat(page.locator("a.link .wire")).hasCount(6);
        assertThat(page.locator("a.link[data-link='source..sieve'] .figure"))
                .containsText(Pattern.compile("→ [12][.\\d]* kpps"));
        assertThat(page.locator("a.box[data-function=odd] .figure")).containsText("kpps");
        assertThat(page.locator("a.box[data-function=odd] .below")).containsText("drops");
    }

    private double[] places(String axis) {
        return ((List<?>) page.evaluate(
                        "axis => [...document.querySelectorAll('a.box')].map(box => box.getBoundingClientRect()[axis])",
                        axis))
                .stream().mapToDouble(place -> ((Number) place).doubleValue()).toArray();
    }

    @Test
    void aFunctionTellsItsDropsByCauseWithTheSameNumbersAsTheNode() {
        signIn(Role.READ);
        go("#/chains/edge");
        page.locator("a.box[data-function=odd]").press("Enter");
        Locator row = page.getByRole(AriaRole.ROW, new Page.GetByRoleOptions().setName(Pattern.compile("^tenth")));
        assertThat(row).isVisible(SOON);
        assertThat(row.locator("td").nth(2)).containsText("pps");
        long shown = Long.parseLong(row.locator("td").nth(1).textContent().replace(",", ""));
        String now = node.ask("GET", "/v1/chains/edge/functions/odd", "").body();
        long told = Long.parseLong(now.replaceAll("(?s).*\"tenth\":(\\d+).*", "$1"));
        assertTrue(shown > 0 && shown <= told && told - shown < 1500, shown + " shown, " + told + " told");
    }

    @Test
    void latencyIsShownOfChainLinksAndFunctions() {
        signIn(Role.READ);
        Map<String, String> places = Map.of(
                "#/chains/edge", "through the chain",
                "#/chains/edge/links/watch..odd", "on the link, to odd",
                "#/chains/edge/functions/odd", "its own, for a batch");
        places.forEach((hash, what) -> {
            go(hash);
            Locator row = page.locator(".latency")
                    .getByRole(AriaRole.ROW, new Locator.GetByRoleOptions().setName(Pattern.compile("^" + what)));
            assertThat(row.first()).isVisible(SOON);
            assertThat(row.first().locator("td")).hasCount(5);
            assertThat(row.first().locator("td").first()).hasText(Pattern.compile("^[\\d.]+ (ns|µs|ms|s)$"));
        });
        String statistics = node.ask("GET", "/v1/chains/edge/statistics", "").body();
        assertTrue(statistics.contains("\"latency-nanos\":{\"samples\":"), statistics);
    }

    @Test
    void whatFunctionsSayIsTextAndNeverPartOfThePage() {
        signIn(Role.ADMIN);
        go("#/chains/edge/functions/odd");
        page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Report"))
                .click();
        assertThat(page.getByRole(AriaRole.TABPANEL)).containsText(DashboardFunctions.MARKUP);
        go("#/node");
        assertThat(page.locator("main")).containsText("Reports " + DashboardFunctions.MARKUP);
        go("#/chains/" + "%3Cimg%20src%3Dx%20onerror%3D'window.taken%3D1'%3E");
        assertThat(page.getByRole(AriaRole.ALERT)).isVisible(SOON);
        assertEquals(0, page.locator("img, main script, iframe").count());
        assertEquals(false, page.evaluate("'taken' in window"));
    }

    @Test
    void theFormHasAFieldOfItsOwnKindForEachPartOfTheSchema() {
        signIn(Role.OPERATE);
        openConfiguration();
        assertThat(field("/otherwise").locator("select")).hasValue("");
        assertThat(field("/otherwise").locator("option").first()).hasText("default: pass-on");
        assertThat(field("/otherwise").locator(".hint")).containsText("What happens to packets");
        assertThat(field("/log").getByRole(AriaRole.SWITCH)).not().isChecked();
        assertThat(field("/share").locator("input")).hasValue("0.25");
        assertThat(field("/limits/flows").locator("input")).hasValue("1Ki");
        assertThat(field("/labels/1").locator("input")).hasValue("two");
        assertThat(field("/weights").locator("input").first()).hasValue("first");
        assertThat(field("/rules").locator("details")).hasCount(2);
        assertThat(button("Apply")).isDisabled();
    }

    @Test
    void whatIsChangedInTheFormAndNothingElseIsPatched() {
        signIn(Role.OPERATE);
        openConfiguration();
        String before = configuration();
        field("/comment").locator("input").fill("from the form");
        field("/limits/rate").locator("input").fill("2M");
        field("/rules").getByLabel("Move down rule 1").click();
        button("Apply").click();
        assertThat(page.locator(".change-report, .config .note.good")).isVisible(SOON);
        String after = configuration();
        assertTrue(after.contains("\"comment\":\"from the form\"") && after.contains("\"rate\":\"2M\""), after);
        assertTrue(after.indexOf("let-fall") < after.indexOf("pass-on"), after);
        assertTrue(before.contains("\"flows\":\"1Ki\"") && after.contains("\"flows\":\"1Ki\""), after);
        field("/comment").locator("input").fill("");
        button("Apply").click();
        assertThat(button("Apply")).isDisabled();
        assertThat(page.locator(".change-report, .config .note.good")).isVisible(SOON);
        assertFalse(configuration().contains("comment"), configuration());
    }

    @Test
    void recordsAreAddedAndRemoved() {
        signIn(Role.OPERATE);
        openConfiguration();
        button("Add rule").click();
        field("/rules/2/action").locator("select").selectOption("let-fall");
        field("/rules/2/source").locator("input").fill("203.0.113.0/24");
        field("/rules").getByLabel("Remove rule 1").click();
        assertThat(field("/rules").locator("details")).hasCount(2);
        assertThat(field("/rules/1/source").locator("input")).hasValue("203.0.113.0/24");
        button("Reset").click();
        assertThat(field("/rules").locator("details")).hasCount(2);
        assertThat(field("/rules/2/source")).hasCount(0);
    }

    @Test
    void whatTheNodeObjectsToIsSaidAtTheField() {
        signIn(Role.OPERATE);
        openConfiguration();
        Locator rule = field("/rules").locator("details").first();
        rule.locator("summary").click();
        field("/rules/0/source").locator("input").fill("nowhere");
        button("Apply").click();
        assertThat(field("/rules/0/source").locator(".field-error")).containsText("is no network");
        assertThat(field("/rules/0/source").locator("input")).hasAttribute("aria-invalid", "true");
        assertThat(field("/rules/0/source").locator("input")).isFocused();
        assertFalse(configuration().contains("nowhere"), configuration());
    }

    @Test
    void aConfigurationThatSomebodyElseHasChangedIsNotOverwritten() {
        signIn(Role.OPERATE);
        openConfiguration();
        HttpResponse<String> other = node.ask(
                "PATCH",
                "/v1/chains/edge/functions/sieve/config",
                "{\"seed\": 7}",
                "content-type",
                "application/merge-patch+json",
                "prefer",
                "wait=30");
        assertEquals(200, other.statusCode(), other.body());
        field("/seed").locator("input").fill("8");
        button("Apply").click();
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("Somebody else");
        assertTrue(configuration().contains("\"seed\":7"), configuration());
    }

    @Test
    void aChainIsPlannedCreatedStoppedStartedAndDeleted() {
        signIn(Role.ADMIN);
        button("New chain").click();
        Locator text = page.getByLabel("Descriptor", new Page.GetByLabelOptions().setExact(true));
        text.fill("chain: made-here\nfunctions:\n  - {type: no-such-type}\n  - {type: dashboard-take}\n");
        button("Show plan").click();
        assertThat(page.locator(".problems")).containsText("no-such-type");
        assertThat(button("Create")).isDisabled();
        text.fill(
                "chain: made-here\nfunctions:\n  - {type: dashboard-trickle, config: {rate: 100}}\n  - {type: dashboard-take}\n");
        button("Show plan").click();
        assertThat(page.locator(".plan")).containsText("A new chain, made-here");
        button("Create").click();
        assertThat(page.locator("h1")).hasText("made-here");
        assertThat(page.locator(".meta .badge")).hasText("running");
        button("Stop").click();
        page.getByRole(AriaRole.DIALOG).getByText("Cancel").click();
        assertThat(page.locator(".meta .badge")).hasText("running");
        button("Stop").click();
        page.getByRole(AriaRole.DIALOG).locator("button.danger").click();
        assertThat(page.locator(".meta .badge")).hasText("stopped");
        button("Start").click();
        assertThat(page.locator(".meta .badge")).hasText("running");
        button("Delete").click();
        page.getByRole(AriaRole.DIALOG).locator("button.danger").click();
        assertThat(page.locator("h1")).hasText("Chains");
        assertThat(page.locator(".chain-row", new Page.LocatorOptions().setHasText("made-here")))
                .hasCount(0);
        assertEquals(404, node.ask("GET", "/v1/chains/made-here", "").statusCode());
        go("#/events");
        assertThat(page.getByRole(AriaRole.LOG)).containsText("chain-deleted");
    }

    @Test
    void thoseWhoOnlyLookSeeNoButtonsThatChangeAnything() {
        signIn(Role.READ);
        assertThat(button("New chain")).hasCount(0);
        go("#/chains/edge");
        assertThat(button("Descriptor")).isVisible(SOON);
        for (String name : List.of("Stop", "Start", "Delete", "Edit")) {
            assertThat(button(name)).hasCount(0);
        }
        go("#/chains/edge/functions/sieve");
        page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Configuration"))
                .click();
        assertThat(field("/share").locator("input")).isDisabled();
        assertThat(button("Apply")).hasCount(0);
        go("#/chains/edge/descriptor");
        assertThat(page.getByLabel("Descriptor", new Page.GetByLabelOptions().setExact(true)))
                .not()
                .isEditable();
        assertThat(button("Show plan")).hasCount(0);
        page.context().close();
        page = browser.page(new NewContextOptions());
        signIn(Role.OPERATE);
        assertThat(button("New chain")).hasCount(0);
        go("#/chains/edge");
        assertThat(button("Stop")).isVisible(SOON);
        assertThat(button("Delete")).hasCount(0);
    }

    @Test
    void aConnectionThatBreaksIsShownAndComesBack() {
        signIn(Role.READ);
        Locator state = page.locator("#connection");
        assertThat(state).containsText("live");
        node.hush();
        try {
            assertThat(state).containsText("reconnecting");
            assertThat(page.locator("#interruption")).containsText("cannot be reached");
        } finally {
            node.serve();
        }
        assertThat(state).containsText("live");
        assertThat(page.locator("#interruption")).isHidden();
        go("#/chains/edge");
        assertThat(page.locator("a.box[data-function=odd] .figure")).containsText("kpps");
    }

    @Test
    void whatIsKeptOfAStateIsShownAndWhyItWasRefused() {
        String chain = """
                chain: kept
                functions:
                  - {type: dashboard-trickle, config: {rate: 100}}
                  - {type: ledger, persist: 500ms, config: {form: %d}}
                  - {type: dashboard-take}
                """;
        node.apply("kept", chain.formatted(1));
        signIn(Role.READ);
        go("#/chains/kept/functions/ledger");
        Locator kept = page.locator(".kept");
        assertThat(kept).containsText(Pattern.compile("state[\\d.]+ (ns|µs|ms) old · at most 500 ms"));
        assertThat(kept).containsText(Pattern.compile("size[\\d.]+ B"));
        assertThat(kept.locator(".note")).hasCount(0);
        assertEquals(
                200,
                node.ask("POST", "/v1/chains/kept/stop", "", "prefer", "wait=30")
                        .statusCode());
        node.apply("kept", chain.formatted(2));
        assertEquals(
                200,
                node.ask("POST", "/v1/chains/kept/start", "", "prefer", "wait=30")
                        .statusCode());
        assertThat(kept.locator(".note")).containsText("could not be used, and it began with nothing");
        go("#/chains/kept");
        assertThat(page.locator(".events [data-grave]")).containsText("state-refused");
        go("#/chains/edge/functions/odd");
        assertThat(page.locator(".panel-head h2")).hasText("odd");
        assertThat(kept).isHidden();
        node.ask("DELETE", "/v1/chains/kept", "", "prefer", "wait=30");
    }

    @Test
    void aFunctionInQuarantineIsSeenInTheListAndSaysWhy() {
        node.apply(
                "sick",
                "chain: sick\nfunctions: [{type: dashboard-trickle, config: {rate: 500}}, {type: dashboard-broken}, {type: dashboard-take}]\n");
        signIn(Role.OPERATE);
        Locator row = page.locator(".chain-row", new Page.LocatorOptions().setHasText("sick"));
        assertThat(row.locator(".row-trouble")).hasText("dashboard-broken: quarantined");
        go("#/chains/sick/functions/dashboard-broken");
        assertThat(page.locator("a.box[data-function=dashboard-broken] .below")).hasText("quarantined");
        assertThat(page.locator(".path")).hasText("Chains");
        assertThat(page.locator(".note.bad")).containsText("broken on purpose");
        assertThat(button("Restore")).isVisible(SOON);
        node.ask("DELETE", "/v1/chains/sick", "", "prefer", "wait=30");
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("The node has no chain “sick”");
        assertThat(page.locator("a.box")).hasCount(0);
    }

    @Test
    void whatAChangeHasDoneIsReportedMishapsIncluded() {
        String operation = """
                {"id": "%d", "action": "apply", "chain": "edge", "state": "%s", "created": "2026-01-02T03:04:05Z", "revision": 7, %s}""";
        String report = """
                "report": {"steps": [{"action": "remove", "subject": "fw", "detail": "remove function 'fw'"}], "live": true,
                 "pause-nanos": 310000, "lost": -3, "reordered": 1234, "switch-drops": 5678,
                 "mishaps": ["the process of function 'nat' has died"],
                 "drained": [{"link": "in..fw", "direction": "forward", "sent": 12, "read": 12},
                             {"link": "in..fw", "direction": "backward", "sent": 5, "read": 4},
                             {"link": "fw..out", "direction": "backward", "sent": 0, "read": 0}]}""";
        String problem = """
                "problem": {"title": "Conflict", "status": 409, "detail": "there is no room for it"}""";
        String withoutSwitches = """
                "report": {"steps": [{"action": "reconfigure", "subject": "fw", "detail": ""}], "live": true, "lost": 0, "reordered": 0}""";
        String nothing = """
                "report": {"steps": [], "untouched": ["fw"], "live": true, "lost": 0, "reordered": 0}""";
        page.route(
                "**/v1/operations?*",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody("{\"items\": [" + operation.formatted(1, "succeeded", report) + ","
                                + operation.formatted(2, "failed", problem) + ","
                                + operation.formatted(3, "succeeded", withoutSwitches) + ","
                                + operation.formatted(4, "succeeded", nothing) + "]}")));
        signIn(Role.READ);
        go("#/chains/edge");
        button("Report").first().click();
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        for (String text : List.of(
                "pause310 µs",
                "doubled3",
                "reordered1,234",
                "dropped by switches5,678",
                "donewhile packets flowed",
                "Links drained: in → fw: 12 sent, all read; fw → in: 5 sent, 4 read",
                "In spite of this: the process of function 'nat' has died")) {
            assertThat(dialog).containsText(text);
        }
        page.keyboard().press("Escape");
        assertThat(dialog).hasCount(0);
        button("Report").nth(1).click();
        assertThat(dialog).containsText("Conflict there is no room for it");
        page.keyboard().press("Escape");
        button("Report").nth(2).click();
        assertThat(dialog).containsText("reordered0");
        assertThat(dialog).not().containsText("switches");
        page.keyboard().press("Escape");
        button("Report").last().click();
        assertThat(dialog).containsText("Nothing was to be changed.");
        assertThat(dialog).not().containsText("lost");
    }

    @Test
    void aFormThatWasOnlyLookedAtChangesNothing() {
        node.apply("other-order", """
                chain: other-order
                functions:
                  - {type: dashboard-trickle, config: {rate: 10}}
                  - {type: sieve, config: {rules: [{port: 7, source: 192.0.2.0/24, action: pass-on}], labels: [one, two]}}
                  - {type: dashboard-take}
                """);
        signIn(Role.OPERATE);
        go("#/chains/other-order/functions/sieve");
        page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("Configuration"))
                .click();
        field("/rules").locator("summary").first().click();
        assertThat(page.locator(".form-actions")).containsText("Nothing changed.");
        assertThat(button("Apply")).isDisabled();
        node.ask("DELETE", "/v1/chains/other-order", "", "prefer", "wait=30");
    }

    @Test
    void eventsTellWhatHasHappenedAndTakeNobodysFocus() {
        signIn(Role.OPERATE);
        go("#/chains/edge");
        button("Stop").focus();
        assertThat(button("Stop")).isFocused();
        node.ask(
                "PATCH",
                "/v1/chains/edge/functions/sieve/config",
                "{\"seed\": " + System.nanoTime() % 1000 + "}",
                "content-type",
                "application/merge-patch+json",
                "prefer",
                "wait=30");
        assertThat(page.locator(".events-card"))
                .containsText(Pattern.compile("action configure, live true, operation \\d+, state succeeded"));
        page.waitForTimeout(1000);
        assertThat(button("Stop")).isFocused();
    }

    @Test
    void eventsBeginWithWhatHappenedBeforeThePageWasOpened() {
        signIn(Role.READ);
        go("#/chains/edge");
        assertThat(page.locator(".events-card .event-type")
                        .filter(new Locator.FilterOptions().setHasText("chain-accepted"))
                        .first())
                .isVisible();
        go("#/events");
        assertThat(page.locator(".events li").last()).containsText("node-started");
        assertThat(page.locator(".events")).not().containsText("no longer known");
    }

    @Test
    void everythingIsReachedByTheKeyboardAndFocusIsSeen() {
        signIn(Role.ADMIN);
        go("#/chains/edge");
        assertThat(page.locator("a.box")).hasCount(6);
        page.evaluate("document.activeElement.blur()");
        Set<String> reached = new LinkedHashSet<>();
        for (int i = 0; i < 40; i++) {
            page.keyboard().press("Tab");
            reached.add((String) page.evaluate("(() => { const one = document.activeElement;"
                    + " return one.dataset.function ?? one.dataset.link ?? one.textContent.trim() ?? ''; })()"));
            assertTrue(
                    (Boolean) page.evaluate("(() => { const one = document.activeElement;"
                            + " return one === document.body || getComputedStyle(one).outlineStyle !== 'none'; })()"),
                    () -> "no focus to be seen at the last of " + reached);
        }
        assertTrue(
                reached.containsAll(
                        List.of("Skip to content", "Stop", "Edit", "Delete", "source", "sieve", "odd", "sink")),
                reached::toString);
    }

    @Test
    void allPagesFollowTheRulesOfAccessibilityInLightAndDark() {
        for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.context().close();
            page = browser.page(new NewContextOptions()
                    .setViewportSize(1360, 900)
                    .setColorScheme(colours)
                    .setReducedMotion(ReducedMotion.REDUCE)
                    .setBypassCSP(true));
            signIn(Role.ADMIN);
            for (String hash : List.of(
                    "#/chains",
                    "#/chains/edge",
                    "#/chains/edge/functions/odd",
                    "#/chains/edge/links/watch..odd",
                    "#/chains/edge/descriptor",
                    "#/new",
                    "#/events",
                    "#/node")) {
                go(hash);
                assertThat(page.locator("#connection")).containsText("live");
                page.waitForTimeout(700);
                assertEquals(List.of(), Browser.accessibilityFaults(page), hash + " in " + colours);
            }
            openConfiguration();
            field("/rules").locator("summary").first().click();
            assertEquals(List.of(), Browser.accessibilityFaults(page), "form in " + colours);
        }
    }

    @Test
    void aPhoneScrollsOnlyDownwards() {
        page.context().close();
        page = browser.page(new NewContextOptions()
                .setViewportSize(360, 740)
                .setIsMobile(true)
                .setHasTouch(true)
                .setDeviceScaleFactor(2));
        signIn(Role.ADMIN);
        for (String hash : List.of(
                "#/chains",
                "#/chains/edge",
                "#/chains/edge/functions/odd",
                "#/chains/edge/links/watch..odd",
                "#/chains/edge/descriptor",
                "#/events",
                "#/node")) {
            go(hash);
            page.waitForTimeout(700);
            assertEquals(360, page.evaluate("document.documentElement.scrollWidth"), hash);
        }
        openConfiguration();
        for (Locator details : field("/rules").locator("summary").all()) {
            details.click();
        }
        assertEquals(360, page.evaluate("document.documentElement.scrollWidth"), "form");
    }

    @Test
    void noScriptOfThePageParsesMarkup() {
        Object sources = page.navigate(node.at("/").toString()).ok()
                ? page.evaluate(
                        "Promise.all(['api','chain','chart','config','dom','editor','events','form','format','function',"
                                + "'graph','kept','latency','link','live','main','node','overview','ui'].map(async name =>"
                                + " (await (await fetch(`/dashboard/js/${name}.js`)).text())))")
                : List.of();
        assertEquals(19, ((List<?>) sources).size());
        for (Object source : (List<?>) sources) {
            assertFalse(Pattern.compile(
                            "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|\\beval\\(|new Function\\(")
                    .matcher((String) source)
                    .find());
        }
    }
}
