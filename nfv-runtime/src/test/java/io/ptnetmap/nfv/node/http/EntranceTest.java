// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeLog;
import io.ptnetmap.nfv.node.NodeStartException;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Other ways in than by a node's own tokens and by HTTP. */
class EntranceTest {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    @TempDir
    Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private KeyPair issuer;
    private KeyPair stranger;
    private Path keys;
    private Node node;
    private NodeLog log;
    private NodeServer server;
    private String token;
    private int bus;

    @BeforeEach
    void start() throws IOException, GeneralSecurityException, InterruptedException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        issuer = generator.generateKeyPair();
        stranger = generator.generateKeyPair();
        keys = directory.resolve("keys.json");
        writeKeys(issuer);
        log = NodeLog.follow();
        node = Node.open(NodeFixture.settings(directory.resolve("state")), new Launcher());
        TokenFile tokens = new TokenFile(directory.resolve("state"));
        token = tokens.add("admin", Role.ADMIN, Optional.empty());
        try (ServerSocket free = new ServerSocket(0)) {
            bus = free.getLocalPort();
        }
        server = NodeServer.start(
                node,
                tokens,
                log,
                ServerSettings.of(
                        new InetSocketAddress("127.0.0.1", 0),
                        Optional.empty(),
                        Optional.of(new JwtSettings(keys, "https://issuer", "node", "roles")),
                        OptionalInt.of(bus)));
    }

    @AfterEach
    void stop() {
        server.close();
        node.close();
        log.close();
    }

    // --- JSON Web Tokens -----------------------------------------------------------------------------------

    private void writeKeys(KeyPair pair) throws IOException {
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        Files.writeString(keys, """
                {"keys": [{"kty": "RSA", "kid": "k1", "alg": "RS256", "use": "sig", "n": "%s", "e": "%s"}]}
                """.formatted(unsigned(key.getModulus()), unsigned(key.getPublicExponent())));
    }

    private static String unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int from = bytes[0] == 0 ? 1 : 0;
        return BASE64.encodeToString(java.util.Arrays.copyOfRange(bytes, from, bytes.length));
    }

    private static String encode(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String claims(String changes) {
        long now = Instant.now().getEpochSecond();
        String usual = "\"iss\":\"https://issuer\",\"aud\":\"node\",\"sub\":\"kim\",\"iat\":" + now + ",";
        return "{" + usual
                + changes.replace("LATER", String.valueOf(now + 600)).replace("BEFORE", String.valueOf(now - 600))
                + "}";
    }

    private static String signed(KeyPair by, String claims) throws GeneralSecurityException {
        String content = encode("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}") + "." + encode(claims);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(by.getPrivate());
        signature.update(content.getBytes(StandardCharsets.US_ASCII));
        return content + "." + BASE64.encodeToString(signature.sign());
    }

    private int status(String bearer, String method) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/chains"))
                                .header("Authorization", "Bearer " + bearer)
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void tokensOfAnotherIssuerAreWorthWhatTheySay() throws Exception {
        assertEquals(200, status(signed(issuer, claims("\"exp\":LATER,\"roles\":[\"x\",\"read\"]")), "GET"));
        assertEquals(403, status(signed(issuer, claims("\"exp\":LATER,\"roles\":[\"read\"]")), "POST"));
        assertEquals(415, status(signed(issuer, claims("\"exp\":LATER,\"roles\":\"read admin\"")), "POST"));
    }

    @Test
    void tokensThatAreNotForThisNodeAreWorthNothing() throws Exception {
        String good = claims("\"exp\":LATER,\"roles\":[\"admin\"]");
        assertEquals(200, status(signed(issuer, good), "GET"));
        for (String bad : List.of(
                signed(stranger, good),
                signed(issuer, claims("\"exp\":BEFORE,\"roles\":[\"admin\"]")),
                signed(issuer, claims("\"roles\":[\"admin\"]")),
                signed(issuer, claims("\"exp\":LATER")),
                signed(issuer, claims("\"exp\":LATER,\"roles\":[\"root\"]")),
                signed(issuer, good.replace("https://issuer", "https://other")),
                signed(issuer, good.replace("\"node\"", "\"mill\"")),
                encode("{\"alg\":\"none\"}") + "." + encode(good) + ".",
                signedByPublicKey(good),
                signed(issuer, good).replaceFirst("\\.[^.]*\\.", "." + encode(good.replace("kim", "eve")) + "."))) {
            assertEquals(401, status(bad, "GET"), bad);
        }
    }

    /** The old trick: the public key taken as the secret of a symmetric signature. */
    private String signedByPublicKey(String claims) throws GeneralSecurityException {
        String content = encode("{\"alg\":\"HS256\",\"kid\":\"k1\"}") + "." + encode(claims);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(issuer.getPublic().getEncoded(), "HmacSHA256"));
        return content + "." + BASE64.encodeToString(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void aKeySetThatIsReplacedHolds() throws Exception {
        String claims = claims("\"exp\":LATER,\"roles\":[\"read\"]");
        assertEquals(401, status(signed(stranger, claims), "GET"));
        Thread.sleep(20);
        writeKeys(stranger);
        assertEquals(200, status(signed(stranger, claims), "GET"));
        assertEquals(401, status(signed(issuer, claims), "GET"));
        Path secrets = Files.writeString(
                directory.resolve("secret.json"), "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}");
        JwtSettings wrong = new JwtSettings(secrets, "i", "a", "roles");
        assertThrows(NodeStartException.class, () -> new JwtTokens(io.vertx.core.Vertx.vertx(), wrong));
    }

    // --- Event bus -----------------------------------------------------------------------------------------

    @Test
    void programsAskAndListenOnTheEventBus() throws IOException {
        try (BusProgram member = new BusProgram(bus)) {
            assertEquals(
                    401, member.call("{\"path\":\"/v1/node\"}").get("status").asInt());
            JsonNode answer = member.call("{\"path\":\"/v1/node\",\"token\":\"" + token + "\"}");
            assertEquals(200, answer.get("status").asInt());
            assertEquals("test", answer.at("/body/name").asString());
            assertEquals(400, member.call("\"nonsense\"").get("status").asInt());
            assertEquals(
                    406,
                    member.call("{\"path\":\"/v1/events\",\"token\":\"" + token + "\"}")
                            .get("status")
                            .asInt());

            member.send("{\"type\":\"register\",\"address\":\"nfv.events\",\"headers\":{\"token\":\"" + token + "\"}}");
            JsonNode applied = member.call("""
                    {"method": "PUT", "path": "/v1/chains/edge", "token": "%s", "headers": {"Content-Type": "application/yaml"},
                     "body": "chain: edge\\nfunctions: [{type: trickle}, {type: hole}]\\n"}
                    """.formatted(token));
            boolean accepted = false;
            while (!accepted) {
                JsonNode message = applied;
                accepted = message.path("type").asString("").equals("chain-accepted")
                        || message.at("/body/type").asString("").equals("chain-accepted");
                applied = accepted ? applied : member.receive();
            }
            assertTrue(accepted);
        }
    }

    private static String register(String shown) {
        return "{\"type\":\"register\",\"address\":\"nfv.events\",\"headers\":{\"token\":\"" + shown + "\"}}";
    }

    @Test
    void whoListensDoesSoAsLongAsTheTokenHolds() throws Exception {
        TokenFile tokens = new TokenFile(directory.resolve("state"));
        String removed = tokens.add("guest", Role.READ, Optional.empty());
        String expiring =
                signed(issuer, claims("\"exp\":" + (Instant.now().getEpochSecond() + 4) + ",\"roles\":[\"read\"]"));
        try (BusProgram one = new BusProgram(bus);
                BusProgram other = new BusProgram(bus)) {
            // Until the node has looked at the file.
            Thread.sleep(600);
            one.send(register(removed));
            one.assertWorks();
            other.send(register(expiring));
            other.assertWorks();
            assertTrue(tokens.remove("guest"));
            one.assertRefused("access_denied");
            other.assertRefused("access_denied");
            JsonNode applied = one.call("""
                    {"method": "PUT", "path": "/v1/chains/late", "token": "%s", "headers": {"Content-Type": "application/yaml",
                     "Prefer": "wait=10"}, "body": "chain: late\\nfunctions: [{type: trickle}, {type: hole}]\\n"}
                    """.formatted(token));
            assertEquals(200, applied.path("status").asInt(), applied::toString);
            for (BusProgram program : List.of(one, other)) {
                program.send("{\"type\":\"ping\"}");
                assertEquals("pong", program.receive().get("type").asString(), "nothing of what has happened");
                program.send(register(token));
                program.assertWorks();
            }
        }
    }

    @Test
    void nobodyListensWithoutATokenOrElsewhere() throws IOException {
        try (BusProgram member = new BusProgram(bus)) {
            member.send("{\"type\":\"register\",\"address\":\"nfv.events\",\"headers\":{\"token\":\"wrong\"}}");
            assertEquals("err", member.receive().get("type").asString());
            member.send("{\"type\":\"register\",\"address\":\"nfv.events\"}");
            assertEquals("err", member.receive().get("type").asString());
            member.send("{\"type\":\"publish\",\"address\":\"nfv.events\",\"body\":{\"type\":\"lie\"}}");
            assertEquals("err", member.receive().get("type").asString());
            member.send("{\"type\":\"send\",\"address\":\"elsewhere\",\"body\":{}}");
            assertEquals("err", member.receive().get("type").asString());
        }
    }
}
