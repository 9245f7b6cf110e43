package dev.cleanroom.operator.english;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Splits a file into the passages that a person reads, each as one line of text. */
final class Passages {
    private static final Pattern FENCED_BLOCK = Pattern.compile("(?ms)^ *```.*?^ *```");
    private static final Pattern INLINE_CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern HTML_COMMENT = Pattern.compile("(?s)<!--.*?-->");
    private static final Pattern PARAGRAPH = Pattern.compile("(?:[^\n]*\\S[^\n]*(?:\n|\\z))+");

    /** A row of a table and an item of a list end a sentence, so each is a passage of its own. */
    private static final Pattern ROW_OR_ITEM = Pattern.compile("\n(?= *(?:\\||- |[0-9]+\\. ))");

    /** Comments and literals, in the order in which they begin: a quote in a comment begins no literal. */
    private static final Pattern SOURCE = Pattern.compile(
            "(?s)(?<block>/\\*.*?\\*/)|(?<line>(?m:(?:^ *//[^\n]*\n?)+|//[^\n]*$))"
                    + "|(?<text>\"\"\".*?\"\"\")|(?<raw>`[^`]*`)|(?<string>\"(?:[^\"\\\\\n]|\\\\.)*\")|'(?:[^'\\\\\n]|\\\\.)+'");

    private static final Pattern YAML_COMMENT = Pattern.compile("(?m)(?:^ *#[^\n]*\n?)+|(?<= )#[^\n]*$");
    private static final Pattern YAML_TEXT =
            Pattern.compile("(?m)^ *[-A-Za-z]+: *(?<text>[^#\n]{20,}(?:\n +[^-:\n]+$)*)");

    private Passages() {}

    /**
     * A passage.
     *
     * @param line where it begins, from 1
     */
    record Passage(int line, String text) {}

    static List<Passage> markdown(String page) {
        String prose = blank(HTML_COMMENT, blank(FENCED_BLOCK, page));
        List<Passage> passages = new ArrayList<>();
        for (MatchResult paragraph : PARAGRAPH.matcher(prose).results().toList()) {
            int line = lineOf(prose, paragraph.start());
            for (String part : ROW_OR_ITEM.split(paragraph.group())) {
                passages.add(new Passage(line, oneLine(INLINE_CODE.matcher(part).replaceAll("`"))));
                line += (int) part.chars().filter(c -> c == '\n').count() + 1;
            }
        }
        return passages;
    }

    /** Comments and literals of Java or Go. Neighbouring literals of one expression are one passage. */
    static List<Passage> source(String file) {
        List<Passage> passages = new ArrayList<>();
        int end = -1;
        for (MatchResult found : SOURCE.matcher(file).results().toList()) {
            boolean literal = found.group().startsWith("\"");
            String text = literal
                    ? found.group().replace("\"", "")
                    : found.group().replaceAll("(?m)^ *(?:\\*(?!/)|//)", " ").replaceAll("^//|\\*/$", "");
            if (literal && end >= 0 && file.substring(end, found.start()).matches("\\s*\\+\\s*")) {
                Passage before = passages.removeLast();
                passages.add(new Passage(before.line(), before.text() + oneLine(text, false)));
            } else {
                passages.add(new Passage(lineOf(file, found.start()), oneLine(text, false)));
            }
            end = literal ? found.end() : -1;
        }
        return passages;
    }

    /** Comments and long values of YAML, templates of the chart included. */
    static List<Passage> yaml(String file) {
        List<Passage> passages = new ArrayList<>();
        YAML_COMMENT
                .matcher(file)
                .results()
                .forEach(found -> passages.add(new Passage(
                        lineOf(file, found.start()), oneLine(found.group().replaceAll("(?m)^ *#", " ")))));
        YAML_TEXT
                .matcher(file)
                .results()
                .forEach(found -> passages.add(new Passage(lineOf(file, found.start()), oneLine(found.group(1)))));
        Pattern.compile("(?s)\\{\\{- */\\*.*?\\*/")
                .matcher(file)
                .results()
                .forEach(found -> passages.add(new Passage(lineOf(file, found.start()), oneLine(found.group()))));
        return passages;
    }

    private static String blank(Pattern what, String text) {
        return what.matcher(text)
                .replaceAll(found -> found.group().lines().map(line -> "").collect(Collectors.joining("\n")));
    }

    private static int lineOf(String text, int at) {
        return (int) text.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
    }

    private static String oneLine(String text) {
        return oneLine(text, true);
    }

    private static String oneLine(String text, boolean strip) {
        String line = text.replaceAll("\\s+", " ");
        return strip ? line.strip() : line;
    }
}
