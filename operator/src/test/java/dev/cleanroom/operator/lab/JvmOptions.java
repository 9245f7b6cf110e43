package dev.cleanroom.operator.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the operator's jar is started.
 *
 * @param options of the virtual machine
 * @param aotCache whether the cache beside the jar is used, if it is there
 */
public record JvmOptions(List<String> options, boolean aotCache) {
    /** What users run: the options of {@code operator/jvm.options}. */
    public static JvmOptions asShipped() {
        return new JvmOptions(List.of("@" + Repository.root().resolve("operator/jvm.options")), true);
    }

    public JvmOptions withoutAotCache() {
        return new JvmOptions(options, false);
    }

    /** These and more: for a profile, say. */
    public JvmOptions and(List<String> more) {
        List<String> all = new ArrayList<>(options);
        all.addAll(more);
        return new JvmOptions(all, aotCache);
    }

    /** As a person reads them: the content of a file of options, not its name. */
    public String text() {
        List<String> words = new ArrayList<>();
        for (String option : options) {
            words.addAll(option.startsWith("@") ? lines(Path.of(option.substring(1))) : List.of(option));
        }
        return String.join(" ", words);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Empty when nobody made one. */
    public static Optional<Path> aotCacheFile() {
        return Optional.of(Repository.operatorJar().resolveSibling("cleanroom.aot"))
                .filter(Files::exists);
    }

    List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        if (aotCache) {
            aotCacheFile().ifPresent(cache -> command.add("-XX:AOTCache=" + cache));
        }
        command.addAll(List.of("-jar", Repository.operatorJar().toString()));
        return command;
    }
}
