// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.launcher.EngineFilter.includeEngines;

import java.io.PrintWriter;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the test kit over {@code /dev/netmap} where there is no Maven, such as in a virtual machine: pipes, and two ports
 * that are joined outside if {@value KernelNicTest#LEFT} and {@value KernelNicTest#RIGHT} name them.
 *
 * <pre>
 * mvn -pl ptnetmap-java test-compile dependency:copy-dependencies -DincludeScope=test
 * java --enable-native-access=ALL-UNNAMED -cp 'ptnetmap-java/target/classes:ptnetmap-java/target/test-classes:ptnetmap-java/target/dependency/*' \
 *     -Dtck.left=netmap:eth0 -Dtck.right=netmap:eth1 -Dtck.rounds=2000 io.ptnetmap.PortTckMain
 * </pre>
 *
 * {@code tck.rounds} is for emulated processors. Prints what fails and a summary. Status 0 = all passed, 1 = some failed, 2 = none ran.
 */
public final class PortTckMain {
    private PortTckMain() {}

    public static void main(String[] none) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .filters(includeEngines("junit-jupiter"))
                .selectors(List.of(selectClass(KernelPortTest.class), selectClass(KernelNicTest.class)))
                .build();
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request, listener, new Progress());
        TestExecutionSummary summary = listener.getSummary();
        PrintWriter out = new PrintWriter(System.out, true);
        summary.printFailuresTo(out, 8);
        out.printf(
                "%d passed, %d failed, %d skipped in %.1f s%n",
                summary.getTestsSucceededCount(),
                summary.getTotalFailureCount(),
                summary.getTestsSkippedCount() + summary.getTestsAbortedCount(),
                (summary.getTimeFinished() - summary.getTimeStarted()) / 1e3);
        System.exit(summary.getTotalFailureCount() > 0 ? 1 : summary.getTestsSucceededCount() == 0 ? 2 : 0);
    }

    /** A line for each test, so that one that hangs is known. */
    private static final class Progress implements TestExecutionListener {
        @Override
        public void executionStarted(TestIdentifier test) {
            if (test.isTest()) {
                System.out.print(test.getDisplayName() + " ");
                System.out.flush();
            }
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest() || result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
                System.out.println(result.getStatus()
                        + result.getThrowable().map(cause -> ": " + cause).orElse(""));
            }
        }
    }
}
