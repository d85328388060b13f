// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Functions know the function API, capture files, and nothing else of the runtime. */
@AnalyzeClasses(
        packages = "io.ptnetmap.functions",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.WrittenByHand.class})
class ArchitectureTest {
    @ArchTest
    static final ArchRule FUNCTIONS_DEPEND_ON_THE_API_ONLY = classes()
            .that()
            .resideInAPackage("io.ptnetmap.functions..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.ptnetmap.functions..",
                    "io.ptnetmap.nfv.api..",
                    "io.ptnetmap.capture",
                    "java..",
                    "jakarta.validation..",
                    "com.fasterxml.jackson.annotation..",
                    "io.micronaut.context.annotation..",
                    "io.micronaut.core.annotation..",
                    "org.HdrHistogram..",
                    "org.slf4j..");

    /** Leaves out what Micronaut generates. */
    static final class WrittenByHand implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("$Definition") && !location.contains("$Introspection");
        }
    }
}
