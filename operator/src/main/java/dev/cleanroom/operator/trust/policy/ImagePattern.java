package dev.cleanroom.operator.trust.policy;

import com.google.re2j.Pattern;
import dev.cleanroom.operator.trust.registry.Repository;
import java.util.ArrayList;
import java.util.List;

/**
 * A pattern for the images that a policy matches, compared with registry and path: {@code *} stands for
 * any part of one component, {@code **} for one or more whole components. It uses RE2, so that matching takes linear
 * time.
 */
public final class ImagePattern {
    /** The most characters, as in the schema. */
    static final int MOST_CHARACTERS = 256;

    private static final String WHOLE = "**";

    private final String text;
    private final Pattern pattern;

    private ImagePattern(String text, Pattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    /** The schema has validated the text. Everything in it except {@code *} is literal. */
    public static ImagePattern of(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split("/", -1)) {
            parts.add(part.equals(WHOLE) ? "[^/]+(?:/[^/]+)*" : part(part));
        }
        return new ImagePattern(text, Pattern.compile(String.join("/", parts)));
    }

    private static String part(String part) {
        List<String> literals = new ArrayList<>();
        for (String literal : part.split("\\*", -1)) {
            literals.add(Pattern.quote(literal));
        }
        return String.join("[^/]*", literals);
    }

    /** Matches if it matches one of the repository's names: how an image is written must not avoid a policy. */
    public boolean matches(Repository repository) {
        return repository.names().stream().anyMatch(pattern::matches);
    }

    @Override
    public String toString() {
        return text;
    }
}
