// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a newcomer may well type: each mistake is answered by a sentence that helps, before any node is asked. */
class RefusalsTest {
    private static final int MOST_LINES = 3;

    @TempDir
    Path directory;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(directory.resolve("c.yaml"), "chain: c\nfunctions:\n  - {type: pass}\n");
        Files.write(directory.resolve("bytes"), new byte[] {(byte) 0xff, 0});
        Files.writeString(directory.resolve("text"), "text");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            frob                                    | 2 | there is no command 'frob'$
            cmplete                                 | 2 | there is no command 'cmplete'$
            chek                                    | 2 | there is no command 'chek'; did you mean 'check'?$
            setup frob                              | 2 | there is no command 'frob'$
            setup chekc                             | 2 | there is no command 'chekc'; did you mean 'check'?$
            check DIR/c.yaml x                      | 2 | 'x' is more than this command takes$
            check DIR/c.yaml --frob                 | 2 | Unknown option: '--frob'$
            get chains --ouput=json                 | 2 | Unknown option: '--ouput=json'; did you mean '--output'?$
            get chains -o xml                       | 2 | '--output': 'xml' is none of table, wide, name, json, yaml
            delete                                  | 2 | Missing required parameter: 'CHAIN'
            plan                                    | 2 | which chain? Name its file: nfv plan -f CHAIN.yaml
            events --since x                        | 2 | 'x' is no whole number
            events --since -3                       | 2 | --since takes the number of an event, not -3
            top -n 99999999999                      | 2 | '99999999999' is too large a number
            top -n 0                                | 2 | --iterations takes a number from 1 on; 0 is less
            top -d 1ms                              | 2 | --interval: write a time from 100ms to 60s
            trace edge -n -1                        | 2 | --count takes a number from 1 on; -1 is less
            tap a..b -s 0 -w DIR/x                  | 2 | --snaplen takes a number from 1 on; 0 is less
            set fw..=3                              | 2 | names no field
            set fw.rules=@DIR/none                  | 2 | DIR/none: cannot be read: no such file or directory
            set fw.rules=@DIR/bytes                 | 2 | DIR/bytes: cannot be read: it is no text in UTF-8
            apply                                   | 2 | which chain? Name its file: nfv apply -f CHAIN.yaml
            apply DIR                               | 3 | DIR: cannot be read: Is a directory
            apply -f DIR/bytes                      | 3 | DIR/bytes: not UTF-8 text; is it a chain descriptor?
            plan DIR/bytes                          | 3 | DIR/bytes: not UTF-8 text; is it a chain descriptor?
            plan DIR                                | 3 | DIR: cannot be read: Is a directory
            new-function good --directory DIR       | 4 | nfv: DIR: it exists already; name another by --directory
            demo --home DIR                         | 4 | nfv: DIR/samples/chains: no such directory; name the checkout
            new-function good --directory DIR/text/x| 4 | nfv: DIR/text/x: Not a directory
            node --state DIR/state --bus 99999      | 2 | --bus takes a port from 1 to 65535, not 99999
            host --socket DIR/text                  | 4 | there is a file, which is no socket
            host --socket DIR/none/x                | 4 | there is no directory DIR/none
            bench pipe --json DIR/none/x            | 4 | cannot write DIR/none/x: no such file or directory
            bench pauses DIR/bytes                  | 3 | DIR/bytes: not UTF-8 text; is it a chain descriptor?
            bench pauses --chain edge               | 2 | Unknown option: '--chain'
            bench start --home DIR                  | 4 | nfv: DIR/nfv: no launcher script there; name the checkout by --home
            bench control --home DIR                | 4 | nfv: DIR/nfv: no launcher script there; name the checkout by --home
            """)
    void isASentence(String line, int exitCode, String words) {
        String home = directory.toString();
        CommandOutcome outcome =
                CommandOutcome.of(line.replace("DIR", home).strip().split(" "));
        assertEquals(exitCode, outcome.exitCode(), outcome::err);
        assertTrue(outcome.err().contains(words.replace("DIR", home).replace("$", "\n")), outcome::err);
        assertTrue(outcome.err().lines().count() <= MOST_LINES, outcome::err);
        assertFalse(outcome.err().contains("internal error"), outcome::err);
        assertEquals("", outcome.out());
        assertTrue(Files.exists(directory.resolve("text")), "whoever is refused has lost a file");
    }
}
