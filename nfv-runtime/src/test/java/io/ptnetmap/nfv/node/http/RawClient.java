// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.ptnetmap.nfv.node.http.NodeFixture.Answer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A connection to a node that sends whatever it is given, be it HTTP or not, and reads answers by HTTP/1.1's rules. */
final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private boolean closing;
    private boolean over;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Sends characters as one byte each. */
    void send(String text) throws IOException {
        send(text.getBytes(ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    /** Sends a request and reads the answer. */
    Answer ask(String text, boolean head) throws IOException {
        send(text);
        return answer(head);
    }

    /** Reads an answer; that of a stream without its body, before whose {@link #rest end} nothing more can be asked here. */
    Answer answer(boolean head) throws IOException {
        String[] first = line().split(" ", 3);
        int status = Integer.parseInt(first[1]);
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.putIfAbsent(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).trim());
        }
        closing |= headers.getOrDefault("connection", "").equals("close") || first[0].equals("HTTP/1.0");
        over = closing;
        if (head || status == 204 || status == 304) {
            return new Answer(status, headers, "");
        }
        if (headers.containsKey("transfer-encoding")) {
            over = true;
            return new Answer(status, headers, "");
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Answer(status, headers, new String(body, UTF_8));
    }

    /** Reads what a stream still sends, to its end. */
    String rest() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int length = chunk(); length > 0; length = chunk()) {
            body.write(in.readNBytes(length));
            line();
        }
        line();
        over = closing;
        return body.toString(UTF_8);
    }

    private int chunk() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    /** Whether nothing more can be asked here. */
    boolean isOver() {
        return over;
    }

    /** Whether the node has ended the connection, all that it had sent being thrown away. */
    boolean isCut() throws IOException {
        try {
            while (in.read() >= 0) {
                // What is still to come.
            }
            return true;
        } catch (java.net.SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** How long {@link #isCut} and answers wait. */
    RawClient patience(int millis) throws IOException {
        socket.setSoTimeout(millis);
        return this;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the node has ended the connection after '" + line.toString(ISO_8859_1) + "'");
            }
            line.write(c);
        }
        return line.toString(ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
