// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "new-function",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a Maven project for a network function of your own, outside this checkout: the function, its"
                    + " configuration, a test and a chain that uses it.",
            ""
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  nfv new-function ttl-guard --package com.example.vnf",
            "  cd ttl-guard && mvn package",
            "  nfv run chain.yaml --pcap IN.pcap",
            "",
            "'nfv install' must have put this version's libraries into Maven's repository once."
        })
final class NewFunctionCommand implements Callable<Integer> {
    /** Templates, in the order in which they are told of; the value is the file that each becomes. */
    private static final Map<String, String> TEMPLATES = new LinkedHashMap<>();

    static {
        TEMPLATES.put("pom.xml", "pom.xml");
        TEMPLATES.put("Function.java", "src/main/java/@path@/@Class@.java");
        TEMPLATES.put("FunctionConfig.java", "src/main/java/@path@/@Class@Config.java");
        TEMPLATES.put("FunctionTest.java", "src/test/java/@path@/@Class@Test.java");
        TEMPLATES.put("chain.yaml", "chain.yaml");
        TEMPLATES.put("README.md", "README.md");
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "The function's name in chains: lower case with dashes.")
    private String name;

    @Option(
            names = "--package",
            paramLabel = "PACKAGE",
            defaultValue = "vnf",
            description = "Java package. Default: ${DEFAULT-VALUE}.")
    private String javaPackage;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where to write it. Default: a directory of that name.")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        refuse(
                !name.matches("[a-z][a-z0-9]*(-[a-z0-9]+)*"),
                "a function's name is lower case with dashes, such as ttl-guard");
        refuse(
                !javaPackage.matches("[a-z_][a-z0-9_]*(\\.[a-z_][a-z0-9_]*)*"),
                "'" + javaPackage + "' is no Java package");
        Path target = directory == null ? Path.of(name) : directory;
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, "it exists already; name another by --directory");
        }
        for (Map.Entry<String, String> template : TEMPLATES.entrySet()) {
            Path file = target.resolve(fill(template.getValue()));
            Files.createDirectories(file.getParent());
            Files.writeString(file, fill(template(template.getKey())));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + target + ": read " + target.resolve("README.md") + ", then");
        out.println("  cd " + target + " && mvn package");
        out.println("  nfv run chain.yaml --pcap IN.pcap");
        return ExitCodes.OK;
    }

    private void refuse(boolean wrong, String message) {
        if (wrong) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    private String fill(String template) {
        String className = Arrays.stream(name.split("-"))
                .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining());
        return template.replace("@name@", name)
                .replace("@package@", javaPackage)
                .replace("@path@", javaPackage.replace('.', '/'))
                .replace("@Class@", className);
    }

    private static String template(String file) throws IOException {
        try (InputStream in = NewFunctionCommand.class.getResourceAsStream("new-function/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
