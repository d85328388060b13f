// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** memory ◀ abi ◀ linux ◀ driver ◀ kernel, host, adapter ◀ io.ptnetmap; memory, linux ◀ capture ◀ adapter. Each may use all to its left. */
@AnalyzeClasses(packages = "io.ptnetmap", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule arrowsPointDown = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("memory")
            .definedBy("io.ptnetmap.memory")
            .layer("capture")
            .definedBy("io.ptnetmap.capture")
            .layer("abi")
            .definedBy("io.ptnetmap.abi")
            .layer("linux")
            .definedBy("io.ptnetmap.linux")
            .layer("driver")
            .definedBy("io.ptnetmap.driver")
            .layer("kernel")
            .definedBy("io.ptnetmap.kernel")
            .layer("adapter")
            .definedBy("io.ptnetmap.adapter")
            .optionalLayer("host")
            .definedBy("io.ptnetmap.host..")
            .layer("ports")
            .definedBy("io.ptnetmap")
            .whereLayer("abi")
            .mayOnlyAccessLayers("memory")
            .whereLayer("capture")
            .mayOnlyAccessLayers("memory", "linux")
            .whereLayer("memory")
            .mayNotAccessAnyLayer()
            .whereLayer("linux")
            .mayOnlyAccessLayers("memory", "abi")
            .whereLayer("driver")
            .mayOnlyAccessLayers("memory", "abi", "linux")
            .whereLayer("adapter")
            .mayOnlyAccessLayers("memory", "abi", "linux", "driver", "capture")
            .whereLayer("kernel")
            .mayOnlyAccessLayers("memory", "abi", "linux", "driver")
            .whereLayer("host")
            .mayOnlyAccessLayers("memory", "abi", "linux", "driver");

    @ArchTest
    static final ArchRule nothingButTheJdkAndTheLoggingApi = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.ptnetmap..", "java..", "jdk..", "org.slf4j..");
}
