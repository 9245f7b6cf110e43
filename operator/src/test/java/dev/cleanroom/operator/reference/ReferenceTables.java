package dev.cleanroom.operator.reference;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The tables of conditions and states in the reference page, as people read them. */
final class ReferenceTables {
    static final List<String> KINDS =
            List.of("BuildEnvironment", "BuildEnvironmentClass", "TrustPolicy", "BuildIncident");

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final String NOT_SET = "not set";

    private ReferenceTables() {}

    /**
     * A row about one reason of one condition.
     *
     * @param reason empty where it comes from elsewhere: another condition, or the kubelet
     */
    record ConditionRow(String kind, String condition, String status, Optional<String> reason) {}

    /** A status and a reason. */
    record Told(String status, String reason) {
        static Optional<Told> of(String cell) {
            return cell.equals(NOT_SET)
                    ? Optional.empty()
                    : Optional.of(new Told(
                            cell.substring(0, cell.indexOf(' ')), code(cell).orElseThrow()));
        }
    }

    /** One state of a resource, and what Argo CD makes of it. */
    record StateRow(
            String kind,
            String state,
            Optional<Told> ready,
            Optional<Told> reconciling,
            Optional<Told> stalled,
            String health) {

        @Override
        public String toString() {
            return kind + ", " + state;
        }
    }

    static List<ConditionRow> conditions() {
        return KINDS.stream()
                .flatMap(kind -> rows("### Conditions of a " + kind).stream()
                        .map(cells -> new ConditionRow(
                                kind, code(cells.get(0)).orElseThrow(), cells.get(1), code(cells.get(2)))))
                .toList();
    }

    static List<StateRow> states() {
        return KINDS.stream()
                .flatMap(kind -> rows("### States of a " + kind).stream()
                        .map(cells -> new StateRow(
                                kind,
                                cells.get(0),
                                Told.of(cells.get(1)),
                                Told.of(cells.get(2)),
                                Told.of(cells.get(3)),
                                cells.get(5))))
                .toList();
    }

    /** The cells of the table below a heading, without the table's head. */
    private static List<List<String>> rows(String heading) {
        List<List<String>> rows = new ArrayList<>();
        boolean below = false;
        for (String line : page()) {
            if (line.startsWith("#")) {
                below = line.equals(heading);
            } else if (below && line.startsWith("| ")) {
                rows.add(Arrays.stream(line.substring(1, line.length() - 1).split("[|]"))
                        .map(String::strip)
                        .toList());
            }
        }
        if (rows.size() < 2) {
            throw new IllegalStateException("no table below '" + heading + "' in docs/reference/api.md");
        }
        return rows.subList(1, rows.size());
    }

    private static List<String> page() {
        try {
            return Files.readAllLines(Repository.root().resolve("docs/reference/api.md"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> code(String cell) {
        return CODE.matcher(cell).results().map(found -> found.group(1)).findFirst();
    }
}
