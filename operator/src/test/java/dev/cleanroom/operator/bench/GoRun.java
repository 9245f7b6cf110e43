package dev.cleanroom.operator.bench;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A benchmark in Go.
 *
 * @param metrics by the benchmark's name and the metric's
 */
record GoRun(Map<String, Map<String, Double>> metrics) {

    /** One of lab/e2e/node, on a real node of its own. Fails with the last line where this machine can have none. */
    static GoRun onNode(String benchmark, int runs) {
        return of("scripts/bench-node", benchmark, runs);
    }

    /** Those of tools whose names match. */
    static GoRun ofTools(String benchmarks, int runs) {
        return of("scripts/bench-tools", benchmarks, runs);
    }

    private static GoRun of(String script, String benchmark, int runs) {
        ProcessBuilder builder = new ProcessBuilder(
                        Repository.root().resolve(script).toString(), benchmark, String.valueOf(runs))
                .redirectErrorStream(true);
        try {
            Process process = builder.start();
            List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            if (process.waitFor() != 0) {
                lines.forEach(line -> System.err.println("   " + line));
                throw new IllegalStateException(lines.isEmpty() ? "no word of why" : lines.getLast());
            }
            return parse(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Go's lines: the benchmark, how often it ran, then each metric's value and name. */
    static GoRun parse(List<String> lines) {
        Map<String, Map<String, Double>> all = new LinkedHashMap<>();
        for (String line : lines) {
            String[] words = line.split("\\s+");
            if (!line.startsWith("Benchmark") || words.length < 4) {
                continue;
            }
            Map<String, Double> metrics = new HashMap<>();
            for (int i = 2; i + 1 < words.length; i += 2) {
                metrics.put(words[i + 1], Double.valueOf(words[i]));
            }
            all.put(words[0].replaceFirst("-\\d+$", ""), metrics);
        }
        return new GoRun(all);
    }

    double get(String benchmark, String metric) {
        Double value = metrics.getOrDefault(benchmark, Map.of()).get(metric);
        if (value == null) {
            throw new IllegalStateException("no " + metric + " of " + benchmark + " in " + metrics);
        }
        return value;
    }
}
