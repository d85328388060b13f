// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.node.model.FunctionDetails;
import io.ptnetmap.nfv.node.model.Operation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "set",
        mixinStandardHelpOptions = true,
        description = {
            "Changes the configuration of functions while packets flow.",
            "",
            "VALUE is YAML, or @FILE with a file of it; null removes a field. Fields within fields are written a.b=VALUE. What"
                    + " functions know of flows, they keep. CHAIN/ may be left out if only one chain has such a function.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv set edge/fw.rules=@rules.yaml",
            "  nfv set edge/fw default=drop stateful=true",
            "  nfv set fw.idle-timeout=null"
        })
final class SetCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "[CHAIN/]FUNCTION.FIELD=VALUE | [CHAIN/]FUNCTION FIELD=VALUE",
            arity = "1..*",
            hideParamSyntax = true,
            description = "What to set; several at once for one function.")
    private List<String> words;

    @Option(
            names = {"-c", "--chain"},
            paramLabel = "CHAIN",
            description = "The chain that the functions belong to.")
    private Optional<String> chain;

    @Mixin
    private WaitOption waiting;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        Map<String, Map<String, Object>> patches = patches();
        PrintWriter out = spec.commandLine().getOut();
        try (NodeSession session = node.connect()) {
            for (Map.Entry<String, Map<String, Object>> patch : patches.entrySet()) {
                FunctionDetails function = ResourceQuery.one(session, Resource.FUNCTIONS, chain, patch.getKey());
                ChangeText.of(configure(session, function, patch.getValue())).forEach(out::println);
                out.flush();
            }
        }
        return ExitCodes.OK;
    }

    private Operation configure(NodeSession session, FunctionDetails function, Map<String, Object> patch)
            throws InterruptedException {
        Operation begun =
                session.get(client -> client.configure(function.chain(), function.name(), patch, waiting.options()));
        return waiting.end(session, begun);
    }

    /** What to change, by function. */
    private Map<String, Map<String, Object>> patches() {
        Map<String, Map<String, Object>> patches = new LinkedHashMap<>();
        boolean functionAlone = !words.getFirst().contains("=");
        if (functionAlone && words.size() == 1) {
            throw wrong("'" + words.getFirst() + "' is no assignment; write " + words.getFirst() + " FIELD=VALUE");
        }
        for (String assignment : functionAlone ? words.subList(1, words.size()) : words) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw wrong("'" + assignment + "' is no assignment; write FIELD=VALUE");
            }
            String left = assignment.substring(0, equals);
            int dot = functionAlone ? -1 : left.indexOf('.', left.indexOf('/') + 1);
            if (!functionAlone && dot < 1) {
                throw wrong("'" + assignment + "' names no field; write FUNCTION.FIELD=VALUE");
            }
            String function = functionAlone ? words.getFirst() : left.substring(0, dot);
            List<String> path = List.of(left.substring(dot + 1).split("\\.", -1));
            if (path.stream().anyMatch(String::isEmpty)) {
                throw wrong("'" + left + "' names no field: between two dots there is nothing");
            }
            put(
                    patches.computeIfAbsent(function, _ -> new LinkedHashMap<>()),
                    path,
                    value(assignment.substring(equals + 1)));
        }
        return patches;
    }

    @SuppressWarnings("unchecked")
    private static void put(Map<String, Object> patch, List<String> path, Object value) {
        Map<String, Object> at = patch;
        for (String key : path.subList(0, path.size() - 1)) {
            at = (Map<String, Object>) at.compute(key, (_, old) -> old instanceof Map ? old : new LinkedHashMap<>());
        }
        at.put(path.getLast(), value);
    }

    private Object value(String text) {
        try {
            return new Load(LoadSettings.builder().build())
                    .loadFromString(text.startsWith("@") ? Files.readString(Path.of(text.substring(1))) : text);
        } catch (IOException unreadable) {
            throw wrong(text.substring(1) + ": cannot be read: " + FileErrors.why(unreadable));
        } catch (YamlEngineException noYaml) {
            throw wrong("'" + text + "' is no YAML: "
                    + noYaml.getMessage().lines().findFirst().orElse(""));
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
