// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.nfv.api.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the files are that a chain names: captures, reports, functions. Every such name passes {@link #resolve}, so that a
 * descriptor of somebody else's can be kept to certain directories.
 *
 * @param directory where relative names start
 * @param roots directories that files must lie in; none = anywhere
 */
public record ChainFiles(Path directory, List<Path> roots) {
    private static final String SEPARATOR = "\n";

    public ChainFiles {
        directory = directory.toAbsolutePath().normalize();
        roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
    }

    /** Relative names start at a descriptor's directory, and lead anywhere. */
    public static ChainFiles beside(Path descriptor) {
        return in(descriptor.toAbsolutePath().getParent());
    }

    /** Relative names start at a directory, and lead anywhere. */
    public static ChainFiles in(Path directory) {
        return new ChainFiles(directory, List.of());
    }

    /** Files must lie in a directory, where relative names start, or in one of some others. */
    public static ChainFiles confinedTo(Path directory, List<Path> others) {
        return new ChainFiles(
                directory, Stream.concat(Stream.of(directory), others.stream()).toList());
    }

    /** Whether files must lie in certain directories. */
    public boolean confined() {
        return !roots.isEmpty();
    }

    /**
     * The file of a name, in absolute form.
     *
     * @throws ConfigurationException if it is none, or leads, be it by a symbolic link, to where this chain may not go
     */
    public Path resolve(String name) {
        Path path;
        try {
            path = directory.resolve(name).normalize();
        } catch (InvalidPathException noPath) {
            throw new ConfigurationException("", "'" + name + "' is no file name: " + noPath.getReason());
        }
        if (confined() && roots.stream().noneMatch(root -> leadsInto(root, path))) {
            throw new ConfigurationException(
                    "",
                    "'" + name + "' leads out of the directory for files, " + roots.getFirst()
                            + "; name a file in it, or let the node be started with --allow-path");
        }
        return path;
    }

    private static boolean leadsInto(Path root, Path path) {
        if (!path.startsWith(root)) {
            return false;
        }
        try {
            Path realRoot = root.toRealPath();
            Path there = path;
            while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS) && there.getParent() != null) {
                there = there.getParent();
            }
            // A link that dangles has no real path: what it names may come to be.
            return root.startsWith(there) || there.toRealPath().startsWith(realRoot);
        } catch (IOException unreachable) {
            return false;
        }
    }

    /** As one argument of another process, for {@link #of}. */
    public String argument() {
        return Stream.concat(Stream.of(directory), roots.stream())
                .map(Path::toString)
                .collect(Collectors.joining(SEPARATOR));
    }

    /** What {@link #argument} has written. */
    public static ChainFiles of(String argument) {
        List<Path> paths = Stream.of(argument.split(SEPARATOR)).map(Path::of).toList();
        return new ChainFiles(paths.getFirst(), paths.subList(1, paths.size()));
    }
}
