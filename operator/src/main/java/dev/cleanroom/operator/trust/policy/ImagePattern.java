package dev.cleanroom.operator.trust.policy;

import com.google.re2j.Pattern;
import dev.cleanroom.operator.trust.registry.Repository;
import java.util.ArrayList;
import java.util.List;

/**
 * Which images a policy is about, by registry and path as references are normalized: {@code *} stands for any part of one
 * name, {@code **} for one or more whole ones. RE2 underneath, so that no name takes more than linear time.
 */
public final class ImagePattern {
    private static final String WHOLE = "**";
    private static final String HTTPS = ":443";

    private final String text;
    private final Pattern pattern;

    private ImagePattern(String text, Pattern pattern) {
        this.text = text;
        this.pattern = pattern;
    }

    /** The schema has checked the text; whatever it is, it is read literally but for its stars. */
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

    /** With the port of HTTPS written or not: it is the same registry, and must not be a way around a policy. */
    public boolean matches(Repository repository) {
        return pattern.matches(repository.toString()) || pattern.matches(otherSpelling(repository));
    }

    private static String otherSpelling(Repository repository) {
        String registry = repository.registry();
        String other;
        if (registry.endsWith(HTTPS)) {
            other = registry.substring(0, registry.length() - HTTPS.length());
        } else {
            boolean hasPort = registry.lastIndexOf(':') > registry.lastIndexOf(']');
            other = hasPort ? registry : registry + HTTPS;
        }
        return other + "/" + repository.path();
    }

    @Override
    public String toString() {
        return text;
    }
}
