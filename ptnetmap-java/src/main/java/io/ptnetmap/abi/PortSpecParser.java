// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import io.ptnetmap.abi.PortSpec.Conf;
import io.ptnetmap.abi.PortSpec.Extmem;
import io.ptnetmap.abi.PortSpec.Offset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a port specification from left to right, one method per part of the grammar. For one use. */
final class PortSpecParser {
    private static final String NAME_ENDS = "-*^/@\0";
    private static final Set<String> CONF_KEYS = Set.of(
            "rings",
            "tx-rings",
            "rx-rings",
            "host-rings",
            "host-tx-rings",
            "host-rx-rings",
            "slots",
            "tx-slots",
            "rx-slots");
    private static final Set<String> EXTMEM_KEYS =
            Set.of("file", "if-num", "if-size", "ring-num", "ring-size", "buf-num", "buf-size");
    private static final Set<String> OFFSET_KEYS = Set.of("initial", "bits");

    private final String text;
    /** Index of the next character to read. */
    private int position;

    private int mode = NmreqRegister.NR_REG_ALL_NIC;
    private int ringId;
    private int flags;
    private int memId;
    private Conf conf = Conf.DEFAULT;
    private Optional<String> share = Optional.empty();
    private Optional<Extmem> extmem = Optional.empty();
    private Optional<Offset> offset = Optional.empty();

    PortSpecParser(String text) {
        this.text = text;
    }

    PortSpec parse() {
        prefix();
        String name = name();
        mode();
        while (peek() == '/' || peek() == '@' && isDigit(peekAfter())) {
            if (next() == '/') {
                flags();
            } else {
                memId();
            }
        }
        while (position < text.length()) {
            option();
        }
        return new PortSpec(name, mode, ringId, flags, memId, conf, share, extmem, offset);
    }

    /** {@code netmap:} is skipped, {@code vale...:} is part of the name. */
    private void prefix() {
        if (text.startsWith("netmap:")) {
            position = "netmap:".length();
            return;
        }
        String vale = NetmapApi.NM_BDG_NAME;
        int end = vale.length();
        while (end < text.length() && isIdentifier(text.charAt(end))) {
            end++;
        }
        if (!text.startsWith(vale) || end >= text.length() || text.charAt(end) != ':') {
            throw expected("'netmap:' or 'vale', letters, digits or '_', and ':'");
        }
    }

    private String name() {
        int start = position;
        while (position < text.length() && NAME_ENDS.indexOf(peek()) < 0) {
            if (isBrace(next())) {
                pipeId();
            }
        }
        String name = text.substring(start, position);
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length == 0 || length >= NetmapApi.NETMAP_REQ_IFNAMSIZ) {
            position = start;
            throw expected("a name of 1 to " + (NetmapApi.NETMAP_REQ_IFNAMSIZ - 1) + " bytes");
        }
        return name;
    }

    /** What follows the brace up to the end of the name. */
    private void pipeId() {
        int start = position;
        while (position < text.length() && isIdentifier(peek())) {
            position++;
        }
        boolean ends = position == text.length() || NAME_ENDS.indexOf(peek()) >= 0;
        if (position == start || !ends) {
            throw expected("a pipe's id of letters, digits and '_'");
        }
    }

    private void mode() {
        switch (peek()) {
            case '^' -> {
                position++;
                mode = isDigit(peek()) ? NmreqRegister.NR_REG_ONE_SW : NmreqRegister.NR_REG_SW;
                ringId = isDigit(peek()) ? ringNumber() : 0;
            }
            case '*' -> {
                position++;
                mode = NmreqRegister.NR_REG_NIC_SW;
            }
            case '-' -> {
                position++;
                mode = NmreqRegister.NR_REG_ONE_NIC;
                ringId = ringNumber();
            }
            default -> {}
        }
    }

    private int ringNumber() {
        return number("a ring number, 0 to " + PortSpec.MAX_RING, 0, PortSpec.MAX_RING);
    }

    private void flags() {
        int start = position;
        while (position < text.length() && peek() != '@') {
            int flag = PortSpecFlag.bit(peek());
            if (flag == 0) {
                throw expected("a flag, one of " + PortSpecFlag.letters(PortSpecFlag.ALL));
            }
            flags |= flag;
            position++;
        }
        if (position == start) {
            throw expected("a flag, one of " + PortSpecFlag.letters(PortSpecFlag.ALL));
        }
    }

    private void memId() {
        int start = position;
        int id = number("a memory id, 1 to " + PortSpec.MAX_MEM_ID, 1, PortSpec.MAX_MEM_ID);
        if (memId != 0 && memId != id) {
            position = start;
            throw expected("memory id " + memId + " as before, or only one");
        }
        memId = id;
    }

    /** A decimal number here, up to the first character that is no digit. */
    private int number(String what, int min, int max) {
        int start = position;
        while (isDigit(peek())) {
            position++;
        }
        Optional<Integer> value = within(text.substring(start, position), min, max);
        if (value.isEmpty()) {
            position = start;
            throw expected(what);
        }
        return value.get();
    }

    private static Optional<Integer> within(String digits, int min, int max) {
        boolean plain =
                !digits.isEmpty() && digits.length() <= 10 && digits.chars().allMatch(PortSpecParser::isDigit);
        long value = plain ? Long.parseLong(digits) : -1;
        return plain && value >= min && value <= max ? Optional.of((int) value) : Optional.empty();
    }

    /** {@code @name}, {@code @name=value} or {@code @name:key=value,...}. */
    private void option() {
        if (peek() != '@') {
            throw expected("'/', '@' or the end");
        }
        position++;
        int start = position;
        String name = upTo(":=@");
        switch (name) {
            case "share" -> {
                requireFirst(share, start);
                share = Optional.of(keys(name, Set.of("port"), "port").required("port"));
            }
            case "conf" -> conf = conf(keys(name, CONF_KEYS, ""));
            case "extmem" -> {
                requireFirst(extmem, start);
                extmem = Optional.of(extmem(keys(name, EXTMEM_KEYS, "file")));
            }
            case "offset" -> {
                requireFirst(offset, start);
                offset = Optional.of(offset(keys(name, OFFSET_KEYS, "initial")));
            }
            default -> {
                position = start;
                throw expected("a memory id, or an option: share, conf, extmem, offset");
            }
        }
    }

    private void requireFirst(Optional<?> earlier, int start) {
        if (earlier.isPresent()) {
            position = start;
            throw expected("this option only once");
        }
    }

    /** The keys of the option whose name has just been read; {@code defaultKey} is the one that {@code =} gives. */
    private Keys keys(String option, Set<String> allowed, String defaultKey) {
        Keys keys = new Keys(option, position);
        if (peek() == '=' && !defaultKey.isEmpty()) {
            keys.put(defaultKey, position, value());
        } else if (peek() == ':') {
            do {
                position++;
                int start = position;
                String key = upTo("=,@").replace('_', '-');
                if (!allowed.contains(key)) {
                    position = start;
                    throw expected("a key of " + option + ": "
                            + String.join(", ", allowed.stream().sorted().toList()));
                }
                keys.put(key, start, value());
            } while (peek() == ',');
        } else {
            throw expected(
                    "':' and keys of " + option + (defaultKey.isEmpty() ? "" : ", or '=' and its " + defaultKey));
        }
        return keys;
    }

    /** {@code =value} up to the next key or option. */
    private String value() {
        if (peek() != '=') {
            throw expected("'=' and a value");
        }
        position++;
        String value = upTo(",@");
        if (value.isEmpty()) {
            throw expected("a value");
        }
        return value;
    }

    private String upTo(String ends) {
        int start = position;
        while (position < text.length() && ends.indexOf(peek()) < 0) {
            position++;
        }
        return text.substring(start, position);
    }

    /** General keys count for all directions that have no key of their own; keys not given stay as they were. */
    private Conf conf(Keys keys) {
        int rings = PortSpec.MAX_RINGS;
        int slots = Integer.MAX_VALUE;
        return new Conf(
                keys.number("tx-slots", keys.number("slots", conf.txSlots(), slots), slots),
                keys.number("rx-slots", keys.number("slots", conf.rxSlots(), slots), slots),
                keys.number("tx-rings", keys.number("rings", conf.txRings(), rings), rings),
                keys.number("rx-rings", keys.number("rings", conf.rxRings(), rings), rings),
                keys.number("host-tx-rings", keys.number("host-rings", conf.hostTxRings(), rings), rings),
                keys.number("host-rx-rings", keys.number("host-rings", conf.hostRxRings(), rings), rings));
    }

    private static Extmem extmem(Keys keys) {
        int max = Integer.MAX_VALUE;
        return new Extmem(
                keys.required("file"),
                keys.number("if-num", 0, max),
                keys.number("if-size", 0, max),
                keys.number("ring-num", 0, max),
                keys.number("ring-size", 0, max),
                keys.number("buf-num", 0, max),
                keys.number("buf-size", 0, max));
    }

    private static Offset offset(Keys keys) {
        keys.required("initial");
        return new Offset(keys.number("initial", 0, Integer.MAX_VALUE), keys.number("bits", 0, Long.SIZE));
    }

    /** The keys and values of one option, with the places to point at in complaints. */
    private final class Keys {
        private final String option;
        private final int end;
        private final Map<String, String> values = new HashMap<>();
        private final Map<String, Integer> starts = new HashMap<>();

        Keys(String option, int end) {
            this.option = option;
            this.end = end;
        }

        void put(String key, int start, String value) {
            starts.put(key, start);
            if (values.put(key, value) != null) {
                position = start;
                throw expected("key " + key + " only once");
            }
        }

        String required(String key) {
            if (!values.containsKey(key)) {
                position = end;
                throw expected("key " + key + " among those of " + option);
            }
            return values.get(key);
        }

        int number(String key, int otherwise, int max) {
            if (!values.containsKey(key)) {
                return otherwise;
            }
            return within(values.get(key), 0, max).orElseThrow(() -> {
                position = starts.get(key);
                return expected("a number for " + key + ", 0 to " + max);
            });
        }
    }

    private char peek() {
        return position < text.length() ? text.charAt(position) : '\0';
    }

    private char peekAfter() {
        return position + 1 < text.length() ? text.charAt(position + 1) : '\0';
    }

    private char next() {
        return text.charAt(position++);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isIdentifier(char c) {
        return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static boolean isBrace(char c) {
        return c == '{' || c == '}';
    }

    /** What stands at {@link #position} is not what the grammar has there. Positions are told from 1. */
    private IllegalArgumentException expected(String what) {
        String found = position < text.length() ? "'" + text.substring(position) + "'" : "the end";
        return new IllegalArgumentException(
                "port " + text + ", character " + (position + 1) + ": expected " + what + ", found " + found);
    }
}
