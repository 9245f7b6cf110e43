package dev.cleanroom.operator.commands;

import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The kubectl commands in messages. */
final class Commands {
    private static final String KUBECTL = "kubectl ";

    /** A word that ends a command, or a quoted part of a word. */
    private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");

    /** Literals that are joined make one text; what is computed between two of them is a word of its own. */
    private static final Pattern JOINED = Pattern.compile("\"\\s*\\+\\s*\"|'\\s*\\+\\s*'");

    private static final Pattern COMPUTED = Pattern.compile("[\"']\\s*\\+\\s*[^\"';]+?\\s*\\+\\s*[\"']");

    private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*(?:/?\\*|//|#).*$");

    private Commands() {}

    /** The commands that a person would copy: a command ends with its line, or before what ends a sentence or clause. */
    static List<String> in(String message) {
        List<String> commands = new ArrayList<>();
        for (int at = message.indexOf(KUBECTL); at >= 0; at = message.indexOf(KUBECTL, at + 1)) {
            commands.add(commandAt(message, at));
        }
        // The second of two that are joined by && was found with the first.
        return commands.stream()
                .filter(command ->
                        commands.stream().noneMatch(other -> !other.equals(command) && other.endsWith("&& " + command)))
                .toList();
    }

    private static String commandAt(String message, int start) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(message);
        word.region(start, message.length());
        while (word.find()) {
            String next = word.group();
            String bare = next.replaceAll("[.,;:)]+$", "");
            if (next.startsWith("(")) {
                break;
            }
            words.add(bare);
            if (!bare.equals(next)) {
                break;
            }
        }
        return String.join(" ", words);
    }

    /** What a command does and to which kind of object, as {@code get pods}. */
    static String action(String command) {
        List<String> words = new ArrayList<>();
        for (String word : command.split("&&")[0].strip().split("\\s+")) {
            if (!word.startsWith("-") && !word.equals("kubectl")) {
                words.add(word.replaceAll("[^a-z,].*", ""));
            }
        }
        return words.size() < 2 ? String.join(" ", words) : words.get(0) + " " + words.get(1);
    }

    /** The actions of all commands that the operator and its guard rails can print. */
    static Set<String> printed() {
        Set<String> actions = new TreeSet<>();
        for (Path source : sources()) {
            String text = COMPUTED.matcher(JOINED.matcher(read(source)).replaceAll(""))
                    .replaceAll(" X ");
            in(COMMENT.matcher(text).replaceAll("").replaceAll("\\s+", " ")).stream()
                    .map(Commands::action)
                    .forEach(actions::add);
        }
        return actions;
    }

    private static List<Path> sources() {
        Path root = Repository.root();
        try (Stream<Path> java = Files.walk(root.resolve("operator/src/main/java"));
                Stream<Path> rails = Files.walk(root.resolve("helm/cleanroom/templates/rails"))) {
            return Stream.concat(java, rails)
                    .filter(Files::isRegularFile)
                    // What the command line prints, it prints to whoever called it.
                    .filter(file -> !file.toString().matches(".*/operator/(check|cli)/.*"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
