// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

/**
 * One thing that is wrong with a chain descriptor.
 *
 * @param file the descriptor, as its user named it
 * @param line from 1; 0 where no place can be named
 * @param column from 1
 * @param path of the field, such as {@code functions[1].config.rules[0].action}; empty for the whole file
 * @param message what is wrong and what to do, one line
 */
public record Problem(String file, int line, int column, String path, String message) {
    /** {@code file:line:column: path: message}, the form that editors and terminals make clickable. */
    @Override
    public String toString() {
        String place = line == 0 ? file : file + ":" + line + ":" + column;
        return path.isEmpty() ? place + ": " + message : place + ": " + path + ": " + message;
    }
}
