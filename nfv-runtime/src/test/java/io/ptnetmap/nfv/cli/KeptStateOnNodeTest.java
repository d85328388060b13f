// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.ChainStates;
import io.ptnetmap.nfv.deploy.KeptState;
import io.ptnetmap.nfv.engine.StateTaken;
import io.ptnetmap.nfv.state.FunctionStates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node that keeps what a function knows is killed: what API and commands tell of that state afterwards, whole or damaged. */
@Timeout(120)
class KeptStateOnNodeTest {
    private static final String FUNCTION = "/v1/chains/kept/functions/ledger";
    private static final long SOME = 100;
    private static final Duration MOST = Duration.ofSeconds(30);

    /** What a state begins with. */
    private static final byte[] MAGIC = "nfvS".getBytes(StandardCharsets.US_ASCII);

    private static final int VERSION = 4 + 2 + "ledger".length();
    /** Behind what says when it was taken down, and how many numbers follow. */
    private static final int CONTENT = VERSION + 4 + 8 + 4;

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private NodeProcess node;

    @BeforeEach
    void start() throws IOException {
        node = NodeProcess.start(state());
    }

    @AfterEach
    void end() throws InterruptedException {
        node.end();
    }

    private Path state() {
        return directory.resolve("state");
    }

    private Path store() {
        return state().resolve(FunctionStates.FILE);
    }

    private String send(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create(node.address() + path))
                        .timeout(MOST)
                        .header(
                                "Authorization",
                                "Bearer " + Files.readString(node.token()).strip())
                        .header("Content-Type", "application/yaml")
                        .header("Prefer", "wait=20")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertTrue(response.statusCode() < 300, () -> response.statusCode() + " " + response.body());
        return response.body();
    }

    private void apply() throws IOException, InterruptedException {
        apply("");
    }

    /** @param persist of the ledger that forgets */
    private void apply(String persist) throws IOException, InterruptedException {
        JsonNode operation = JsonMapper.shared().readTree(send("PUT", "/v1/chains/kept", """
                chain: kept
                functions:
                  - {type: trickle, config: {per-tick: 10}}
                  - {type: ledger, persist: 200ms}
                  - {name: forgetful, type: ledger%s}
                  - {type: hole}
                """.formatted(persist)));
        assertEquals("succeeded", operation.get("state").asString(), operation::toString);
    }

    /** The function is asked for its report after it is known what became of its state. */
    private static boolean isBack(JsonNode function) {
        return function.at("/persisted/restored").isObject() && function.has("report");
    }

    /** The function as the API tells of it, as soon as it is so. */
    private JsonNode await(String what, Predicate<JsonNode> condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + MOST.toNanos();
        JsonNode function = JsonMapper.shared().readTree(send("GET", FUNCTION, ""));
        while (!condition.test(function)) {
            JsonNode last = function;
            assertTrue(System.nanoTime() < deadline, () -> "not in time: " + what + ": " + last);
            TimeUnit.MILLISECONDS.sleep(20);
            function = JsonMapper.shared().readTree(send("GET", FUNCTION, ""));
        }
        return function;
    }

    /** The node makes events of what it finds when it looks at the chain next. Returns the line. */
    private String awaitEvent(String type, String text) throws Exception {
        long deadline = System.nanoTime() + MOST.toNanos();
        while (true) {
            String events = node.nfv("events", "kept").out();
            Optional<String> line = events.lines()
                    .filter(one -> one.contains(type) && one.contains(text))
                    .findFirst();
            if (line.isPresent()) {
                return line.get();
            }
            assertTrue(System.nanoTime() < deadline, () -> "not in time: " + type + ": " + events);
        }
    }

    private static long packets(JsonNode function) {
        return function.at("/report/packets").asLong();
    }

    /** Has the node keep a state with some packets counted, and kills it. Returns how many there were at least. */
    private long killWithState() throws IOException, InterruptedException {
        apply();
        long counted = packets(await("packets", function -> packets(function) > SOME));
        String then = Instant.now().toString();
        await(
                "a state",
                function -> function.at("/persisted/taken").asString("").compareTo(then) > 0);
        node.kill();
        return counted;
    }

    @Test
    void aKilledNodeGoesOnFromWhatItsChainKeeps() throws Exception {
        long counted = killWithState();
        start();
        JsonNode function = await("the function", KeptStateOnNodeTest::isBack);
        assertTrue(function.at("/report/before").asLong() >= counted, function::toString);
        assertEquals("", function.at("/persisted/restored/refusal").asString(""), function::toString);
        assertTrue(function.at("/persisted/restored/taken/packets").asLong() >= counted, function::toString);
        awaitEvent("state-restored", "");
    }

    /** What is done to the state while the node is dead, and what is said of it. */
    enum Damage {
        ALTERED("it is damaged: its checksum is another one") {
            @Override
            void doTo(Path store) throws IOException {
                byte[] file = Files.readAllBytes(store);
                int states = 0;
                for (int at = 0; at + CONTENT < file.length; at++) {
                    if (isState(file, at)) {
                        file[at + CONTENT] ^= 1;
                        states++;
                    }
                }
                assertTrue(states > 0, "a state is in the file as it is");
                Files.write(store, file);
            }
        },
        OF_ITS_STORE("the store that it was in is damaged, and put aside as ") {
            @Override
            void doTo(Path store) throws IOException {
                byte[] file = Files.readAllBytes(store);
                Arrays.fill(file, (byte) 0x5a);
                Files.write(store, file);
            }
        },
        OF_ANOTHER_VERSION("a ledger's state in form 2 instead of 1") {
            @Override
            void doTo(Path store) throws IOException {
                try (FunctionStates states = FunctionStates.open(store)) {
                    ChainStates ofChain = states.of("kept");
                    byte[] content = ofChain.open("ledger").orElseThrow().readAllBytes();
                    ByteBuffer.wrap(content).putInt(VERSION, 2);
                    CRC32C checksum = new CRC32C();
                    checksum.update(content, 0, content.length - 4);
                    ByteBuffer.wrap(content).putInt(content.length - 4, (int) checksum.getValue());
                    KeptState kept = ofChain.kept().get("ledger");
                    try (ChainStates.Draft draft = ofChain.begin("ledger")) {
                        draft.out().write(content);
                        draft.commit(new StateTaken(kept.at(), kept.entries(), kept.bytes()));
                    }
                }
            }
        };

        private final String refusal;

        Damage(String refusal) {
            this.refusal = refusal;
        }

        abstract void doTo(Path store) throws IOException;
    }

    private static boolean isState(byte[] file, int at) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (file[at + i] != MAGIC[i]) {
                return false;
            }
        }
        return true;
    }

    /** The store that is damaged never had one of it. */
    @Test
    void whatIsKeptFromNowOnWasNotLost() throws Exception {
        killWithState();
        Damage.OF_ITS_STORE.doTo(store());
        start();
        awaitEvent("state-refused", "kept/ledger");
        send("POST", "/v1/chains/kept/stop", "");
        apply(", persist: 200ms");
        send("POST", "/v1/chains/kept/start", "");
        await("packets", function -> packets(function) > 0);
        JsonNode forgetful = JsonMapper.shared().readTree(send("GET", "/v1/chains/kept/functions/forgetful", ""));
        assertTrue(forgetful.at("/persisted/bound-nanos").asLong() > 0, forgetful::toString);
        assertFalse(forgetful.at("/persisted").has("restored"), forgetful::toString);
        String events = node.nfv("events", "kept").out();
        assertFalse(events.contains("kept/forgetful"), events);
    }

    @ParameterizedTest
    @EnumSource
    void aStateThatCannotBeUsedIsToldOfAndTheFunctionKnowsNothing(Damage damage) throws Exception {
        killWithState();
        damage.doTo(store());
        start();
        JsonNode function = await("the function", KeptStateOnNodeTest::isBack);
        assertEquals(0, function.at("/report/before").asLong(), function::toString);
        String refusal = function.at("/persisted/restored/refusal").asString("");
        assertTrue(refusal.contains(damage.refusal), function::toString);
        assertEquals("running", function.get("state").asString(), function::toString);

        String event = awaitEvent("state-refused", damage.refusal);
        assertTrue(event.contains("kept/ledger  begins with nothing"), event);
        String described = node.nfv("describe", "function", "kept/ledger").out();
        assertTrue(described.contains("with nothing: " + refusal), described);

        // What it knows from now on is kept in place of that.
        long counted = packets(await("packets", found -> packets(found) > SOME));
        killWithState();
        start();
        JsonNode again = await("the function", KeptStateOnNodeTest::isBack);
        assertTrue(again.at("/report/before").asLong() >= counted, again::toString);
    }
}
