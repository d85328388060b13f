// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.HopBuilder;

/**
 * api, telemetry, capture ◀ registry ◀ chain ◀ engine ◀ profile ◀ deploy ◀ state ◀ node, bench ◀ cli; the test kit stands beside deploy,
 * machines below it, options that commands share beside bench; tools need the api only.
 */
@AnalyzeClasses(packages = "io.ptnetmap.nfv", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule arrowsPointDown = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("api")
            .definedBy("io.ptnetmap.nfv.api..")
            .layer("telemetry")
            .definedBy("io.ptnetmap.nfv.telemetry")
            .layer("capture")
            .definedBy("io.ptnetmap.nfv.capture")
            .layer("registry")
            .definedBy("io.ptnetmap.nfv.registry")
            .layer("chain")
            .definedBy("io.ptnetmap.nfv.chain")
            .layer("engine")
            .definedBy("io.ptnetmap.nfv.engine")
            .layer("profile")
            .definedBy("io.ptnetmap.nfv.profile")
            .layer("testkit")
            .definedBy("io.ptnetmap.nfv.testkit")
            .layer("vm")
            .definedBy("io.ptnetmap.nfv.vm")
            .layer("deploy")
            .definedBy("io.ptnetmap.nfv.deploy")
            .layer("state")
            .definedBy("io.ptnetmap.nfv.state")
            .layer("node")
            .definedBy("io.ptnetmap.nfv.node..")
            .layer("client")
            .definedBy("io.ptnetmap.nfv.client")
            .layer("options")
            .definedBy("io.ptnetmap.nfv.options")
            .layer("bench")
            .definedBy("io.ptnetmap.nfv.bench")
            .layer("tools")
            .definedBy("io.ptnetmap.nfv.tools..")
            .layer("cli")
            .definedBy("io.ptnetmap.nfv.cli")
            .whereLayer("api")
            .mayNotAccessAnyLayer()
            .whereLayer("telemetry")
            .mayNotAccessAnyLayer()
            .whereLayer("capture")
            .mayOnlyAccessLayers("api")
            .whereLayer("registry")
            .mayOnlyAccessLayers("api")
            .whereLayer("chain")
            .mayOnlyAccessLayers("api", "registry")
            .whereLayer("engine")
            .mayOnlyAccessLayers("api", "registry", "chain", "telemetry", "capture")
            .whereLayer("profile")
            .mayOnlyAccessLayers("engine", "telemetry")
            .whereLayer("testkit")
            .mayOnlyAccessLayers("api", "engine", "telemetry")
            .whereLayer("vm")
            .mayNotAccessAnyLayer()
            .whereLayer("deploy")
            .mayOnlyAccessLayers("api", "registry", "chain", "telemetry", "capture", "engine", "profile", "vm")
            .whereLayer("state")
            .mayOnlyAccessLayers("engine", "deploy")
            .whereLayer("node")
            .mayOnlyAccessLayers("api", "registry", "chain", "telemetry", "capture", "engine", "deploy", "state")
            .whereLayer("client")
            .mayOnlyAccessLayers("node")
            .whereLayer("options")
            .mayOnlyAccessLayers("chain")
            .whereLayer("bench")
            .mayOnlyAccessLayers("api", "registry", "chain", "telemetry", "engine", "deploy", "options")
            .whereLayer("tools")
            .mayOnlyAccessLayers("api")
            .whereLayer("cli")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule functionsNeedNothingButPacketsAndTheirConfiguration = classes()
            .that()
            .resideInAPackage("io.ptnetmap.nfv.api..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.ptnetmap.nfv.api..",
                    "io.ptnetmap.memory",
                    "io.micronaut.context.annotation",
                    "com.fasterxml.jackson.annotation",
                    "java..");

    /** A client is small, starts fast, and may run where no chain does. */
    @ArchTest
    static final ArchRule clientsNeedNoNode = classes()
            .that()
            .resideInAPackage("io.ptnetmap.nfv.client")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.ptnetmap.nfv.client",
                    "io.ptnetmap.nfv.node.model",
                    "io.ptnetmap.linux",
                    "io.vertx..",
                    "tools.jackson..",
                    "javax.net.ssl",
                    "java..");

    /** A node can be had in a program, without its servers. */
    @ArchTest
    static final ArchRule aNodeDoesNotKnowWhoAsks = noClasses()
            .that()
            .resideInAnyPackage("io.ptnetmap.nfv.node", "io.ptnetmap.nfv.node.metrics", "io.ptnetmap.nfv.node.model")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.ptnetmap.nfv.node.http", "io.ptnetmap.nfv.client");

    @ArchTest
    static final ArchRule theWebEndsAtTheEntrances = noClasses()
            .that()
            .resideOutsideOfPackages("io.ptnetmap.nfv.node.http", "io.ptnetmap.nfv.client", "io.ptnetmap.nfv.cli")
            .and()
            .doNotHaveFullyQualifiedName("io.ptnetmap.nfv.bench.NodeApi")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.netty..", "java.net.http..", "com.sun.net.httpserver..");

    /** Another version of Vert.x may have other internals: one class knows them. */
    @ArchTest
    static final ArchRule oneClassKnowsVertxFromInside = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.ptnetmap.nfv.node.http.Channels")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..impl..", "io.vertx..internal..");

    /** Commands ask a node as everybody does; those of these names make one, or its tokens. */
    @ArchTest
    static final ArchRule commandsAreClients = noClasses()
            .that()
            .resideInAPackage("io.ptnetmap.nfv.cli")
            .and()
            .haveNameNotMatching(".*\\.(NodeCommand|NodeRehearsal|TokenCommand|Failures)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.ptnetmap.nfv.node", "io.ptnetmap.nfv.node.http", "io.ptnetmap.nfv.node.metrics");

    /** What goes over the wire depends on words of others, and on nothing that does anything. */
    @ArchTest
    static final ArchRule theModelIsValues = classes()
            .that()
            .resideInAPackage("io.ptnetmap.nfv.node.model")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.ptnetmap.nfv.node.model",
                    "io.ptnetmap.nfv.api..",
                    "io.ptnetmap.nfv.telemetry",
                    "io.ptnetmap.nfv.capture",
                    "io.ptnetmap.nfv.chain",
                    "com.fasterxml.jackson.annotation",
                    "tools.jackson..",
                    "java..");

    @ArchTest
    static final ArchRule storesAreTheNodesAndThatOfStates = noClasses()
            .that()
            .resideOutsideOfPackages("io.ptnetmap.nfv.node", "io.ptnetmap.nfv.state")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.h2..");

    @ArchTest
    static final ArchRule metersStayInMetrics = noClasses()
            .that()
            .resideOutsideOfPackage("io.ptnetmap.nfv.node.metrics")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer..", "io.prometheus..");

    /** All others log by SLF4J, and do not care where to. */
    @ArchTest
    static final ArchRule whereTheLogGoesIsForTwoToSay = noClasses()
            .that()
            .resideOutsideOfPackages("io.ptnetmap.nfv.cli", "io.ptnetmap.nfv.node")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ch.qos.logback..");

    /** Else the arrows above would not hold for it. */
    @ArchTest
    static final ArchRule everyPackageIsInALayer = classes()
            .should()
            .resideInAnyPackage(
                    "io.ptnetmap.nfv.api..",
                    "io.ptnetmap.nfv.telemetry",
                    "io.ptnetmap.nfv.capture",
                    "io.ptnetmap.nfv.registry",
                    "io.ptnetmap.nfv.chain",
                    "io.ptnetmap.nfv.engine",
                    "io.ptnetmap.nfv.profile",
                    "io.ptnetmap.nfv.testkit",
                    "io.ptnetmap.nfv.vm",
                    "io.ptnetmap.nfv.deploy",
                    "io.ptnetmap.nfv.state",
                    "io.ptnetmap.nfv.node..",
                    "io.ptnetmap.nfv.client",
                    "io.ptnetmap.nfv.options",
                    "io.ptnetmap.nfv.bench",
                    "io.ptnetmap.nfv.tools..",
                    "io.ptnetmap.nfv.cli");

    @ArchTest
    static final ArchRule accountsAreAnybodys = classes()
            .that()
            .resideInAPackage("io.ptnetmap.nfv.telemetry")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.ptnetmap.nfv.telemetry", "java..");

    /** Fifteen arguments, most of them alike: each is given by its name. */
    @ArchTest
    static final ArchRule accountsAreMadeFigureByFigure = noClasses()
            .that()
            .doNotBelongToAnyOf(HopBuilder.class)
            .should()
            .callConstructorWhere(JavaCall.Predicates.target(owner(type(ChainSnapshot.Hop.class))));

    @ArchTest
    static final ArchRule theEngineMovesPacketsAndNothingElse = classes()
            .that()
            .resideInAPackage("io.ptnetmap.nfv.engine")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.ptnetmap..", "com.lmax.disruptor..", "org.HdrHistogram", "org.slf4j..", "java..");

    @ArchTest
    static final ArchRule chainsKnowNoPorts = noClasses()
            .that()
            .resideInAnyPackage("io.ptnetmap.nfv.chain", "io.ptnetmap.nfv.registry")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.ptnetmap", "io.ptnetmap.host..", "io.ptnetmap.kernel", "io.ptnetmap.driver");

    @ArchTest
    static final ArchRule onlyCommandsParseTheirLine = noClasses()
            .that()
            .resideOutsideOfPackages("io.ptnetmap.nfv.cli", "io.ptnetmap.nfv.bench", "io.ptnetmap.nfv.options")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    /** Virtual machines have a Java runtime without it. */
    @ArchTest
    static final ArchRule whatRunsInMachinesNeedsNoFlightRecorder = noClasses()
            .that()
            .resideOutsideOfPackages("io.ptnetmap.nfv.profile", "io.ptnetmap.nfv.bench")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jdk.jfr..");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.ptnetmap.nfv.(**)").should().beFreeOfCycles();
}
