// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Setting;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Whether a region is to lie in huge pages: what its {@link RegionConfig} says, else the system property or environment variable
 * {@value #VARIABLE}, in lower case, else {@link #OFF}. Huge pages are the machine's, set aside by its administrator ({@code
 * vm.nr_hugepages}), often for others than this program; so it takes none without being told to.
 */
public enum HugePages {
    /** Where enough of them have been set aside and are free; else small pages. */
    AUTO,
    /** Huge pages, or the region is refused: {@link Errno#ENOMEM}. */
    ON,
    /** Small pages, taken from the system as they are touched. */
    OFF;

    /** The name of the property and of the variable; the property counts first. */
    public static final String VARIABLE = "PTNETMAP_HUGE_PAGES";

    /**
     * What is said of regions whose configuration says nothing.
     *
     * @throws LinuxException EINVAL where that makes no sense
     */
    static HugePages general() {
        return Setting.of(VARIABLE).map(HugePages::parse).orElse(OFF);
    }

    private static HugePages parse(String said) {
        return Arrays.stream(values())
                .filter(choice -> choice.toString().equals(said))
                .findFirst()
                .orElseThrow(() -> new LinuxException(
                        VARIABLE + "=" + said,
                        Errno.EINVAL,
                        "expected one of "
                                + Arrays.stream(values())
                                        .map(HugePages::toString)
                                        .collect(Collectors.joining(", "))));
    }

    /** As it is written in {@value #VARIABLE}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
