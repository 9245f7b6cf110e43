package dev.cleanroom.operator.record;

import dev.cleanroom.operator.record.NamedCase.Found;
import dev.cleanroom.operator.record.NamedCase.When;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What {@code docs/detected-cases.md} has of the list of cases, between two comments. */
final class CasesPage {
    private static final String BEGIN = "<!-- NamedCasesTest writes what follows. -->\n";
    private static final String END = "<!-- NamedCasesTest wrote this. -->\n";

    private static final Map<Integer, String> INDICATORS = Map.of(
            1, "dependency from a new source",
            3, "new install code",
            4, "denied connection",
            8, "input changed by the build",
            9, "new file for agents, editors or CI",
            10, "file that the repository does not have",
            13, "obfuscated text");

    private static final Map<When, String> WHEN = Map.of(
            When.BeforeHostileCode, "before any hostile code",
            When.BeforeBuild, "before the build",
            When.After, "after",
            When.NotAtAll, "not at all");

    private static final Map<Found, String> FOUND =
            Map.of(Found.Today, "found", Found.Planned, "not yet", Found.Missed, "missed");

    private CasesPage() {}

    static String with(String page, List<NamedCase> cases) {
        int from = page.indexOf(BEGIN) + BEGIN.length();
        int to = page.indexOf(END, from);
        return page.substring(0, from) + totals(cases) + "\n" + table(cases) + "\n" + updates(cases)
                + page.substring(to);
    }

    private static String totals(List<NamedCase> cases) {
        return """
                | of %d cases | |
                |---|---|
                | found today | %d |
                | of these before any hostile code runs | %d |
                | of these before the build's first instruction, when a `prepare` step may have run some | %d |
                | not found yet: an indicator for it is planned | %d |
                | missed | %d |

                If `prepare` steps install with `npm ci --ignore-scripts`, %d more are found before any hostile code runs.
                """.formatted(
                        cases.size(),
                        count(cases, each -> each.found() == Found.Today),
                        count(cases, each -> each.found() == Found.Today && each.when() == When.BeforeHostileCode),
                        count(cases, each -> each.found() == Found.Today && each.when() == When.BeforeBuild),
                        count(cases, each -> each.found() == Found.Planned),
                        count(cases, each -> each.found() == Found.Missed),
                        count(cases, NamedCase::beforeAnyWithoutScripts));
    }

    private static long count(List<NamedCase> cases, Predicate<NamedCase> wanted) {
        return cases.stream().filter(wanted).count();
    }

    private static String table(List<NamedCase> cases) {
        return "| case | what changed | | indicator | stage, severity | when | why not, or not earlier |\n"
                + "|---|---|---|---|---|---|---|\n"
                + cases.stream().map(CasesPage::row).collect(Collectors.joining());
    }

    private static String row(NamedCase each) {
        boolean none = each.indicator() == null;
        return "| %s (%d) | %s | %s | %s | %s | %s | %s |\n"
                .formatted(
                        each.incident(),
                        each.year(),
                        each.changed(),
                        FOUND.get(each.found()),
                        none ? "" : each.indicator() + " " + INDICATORS.get(each.indicator()),
                        none ? "" : each.stage() + ", " + each.severity(),
                        WHEN.get(each.when()),
                        each.reason());
    }

    private static String updates(List<NamedCase> cases) {
        List<NamedCase> updates =
                cases.stream().filter(each -> each.update() != null).toList();
        return """
                %d of these projects also have an ordinary update, such as patch releases or a new development dependency.
                None of these updates has a finding of severity High or Critical.
                """.formatted(updates.size());
    }
}
