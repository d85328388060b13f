// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a component of a configuration record, a {@code String} or an {@code Optional} of one: it names a file, that {@link
 * FunctionContext#resolve} finds.
 *
 * <p>A chain that came over the network may name files in certain directories only. With this, a name that leads elsewhere is
 * refused when the chain is checked, with its place in the descriptor; without it, when the function is started.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.RECORD_COMPONENT, ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
public @interface FileName {}
