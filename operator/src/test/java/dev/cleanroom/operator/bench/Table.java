package dev.cleanroom.operator.bench;

import java.util.List;
import java.util.function.Function;

/** Prints rows under the columns of the house, as wide as they are. */
final class Table {
    private static final List<Function<Row, String>> COLUMNS =
            List.of(Row::claim, Row::target, Row::figure, Row::spread, Row::beside);
    private static final Row HEAD = new Row("what", "target", "figure", "spread", "beside it");

    private Table() {}

    static String of(List<Row> rows) {
        StringBuilder text = new StringBuilder();
        line(text, HEAD, rows);
        text.append("|");
        COLUMNS.forEach(column ->
                text.append("-".repeat(width(column, rows) + 2)).append("|"));
        text.append("\n");
        rows.forEach(row -> line(text, row, rows));
        return text.toString();
    }

    private static void line(StringBuilder text, Row row, List<Row> rows) {
        text.append("|");
        for (Function<Row, String> column : COLUMNS) {
            String cell = column.apply(row);
            text.append(" ")
                    .append(cell)
                    .append(" ".repeat(width(column, rows) - cell.length()))
                    .append(" |");
        }
        text.append("\n");
    }

    private static int width(Function<Row, String> column, List<Row> rows) {
        return Math.max(
                column.apply(HEAD).length(),
                rows.stream().mapToInt(row -> column.apply(row).length()).max().orElse(0));
    }
}
