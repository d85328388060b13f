// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.chain.ChainDescriptor.Form;
import io.ptnetmap.nfv.node.model.DesiredState;
import java.time.Instant;

/**
 * What the store keeps of a chain.
 *
 * @param text the descriptor as it was accepted
 * @param deleting whether it is to be deleted
 * @param ended whether its sources were exhausted: then it does not begin anew with the node
 */
record StoredChain(
        String name,
        long revision,
        DesiredState desired,
        Form form,
        String text,
        Instant created,
        Instant changed,
        boolean deleting,
        boolean ended) {

    /** Whether this is its descriptor, to the letter. */
    boolean says(Form otherForm, String otherText) {
        return form == otherForm && text.equals(otherText);
    }

    static StoredChain first(String name, DesiredState desired, Form form, String text) {
        Instant now = Instant.now();
        return new StoredChain(name, 1, desired, form, text, now, now, false, false);
    }

    StoredChain changed(Form newForm, String newText) {
        return new StoredChain(name, revision + 1, desired, newForm, newText, created, Instant.now(), false, false);
    }

    /** With the descriptor that it had before a change that has failed, whatever has been wanted of it since. */
    StoredChain takenBack(Form formBefore, String textBefore) {
        return new StoredChain(
                name, revision + 1, desired, formBefore, textBefore, created, Instant.now(), deleting, ended);
    }

    StoredChain desired(DesiredState newState) {
        return new StoredChain(name, revision, newState, form, text, created, changed, false, false);
    }

    StoredChain toBeDeleted() {
        return new StoredChain(name, revision, desired, form, text, created, changed, true, ended);
    }

    StoredChain atItsEnd() {
        return new StoredChain(name, revision, desired, form, text, created, changed, deleting, true);
    }

    /** Whether nothing is missing of what was read. */
    boolean isWhole() {
        return name != null && desired != null && form != null && text != null && created != null && changed != null;
    }

    boolean isToRun() {
        return desired == DesiredState.RUNNING && !deleting;
    }
}
