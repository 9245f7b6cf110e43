package dev.cleanroom.operator.record.findings;

import dev.cleanroom.operator.record.facts.Coordinates;
import dev.cleanroom.operator.record.facts.DetailEntry;
import java.util.Locale;

/**
 * A package in any version, under one name: some registries take several spellings for the same package. PyPI does not
 * distinguish case, nor {@code -}, {@code _} and {@code .} (PEP 503); crates.io neither case, nor {@code -} and {@code _}.
 * npm has packages whose names differ in case alone.
 */
record Identity(String ecosystem, String name) {
    static Identity of(DetailEntry.Dependency each) {
        return of(Coordinates.of(each));
    }

    static Identity of(DetailEntry.Package each) {
        return of(Coordinates.of(each));
    }

    private static Identity of(Coordinates each) {
        String lower = each.name().toLowerCase(Locale.ROOT);
        return new Identity(
                each.ecosystem(),
                switch (each.ecosystem()) {
                    case "pypi" -> lower.replaceAll("[-_.]+", "-");
                    case "cargo" -> lower.replace('_', '-');
                    default -> each.name();
                });
    }

    Release release(String version) {
        return new Release(this, version);
    }

    /** One version of a package. Registries do not change what they published under it. */
    record Release(Identity identity, String version) {
        static Release of(DetailEntry.Dependency each) {
            return Identity.of(each).release(Coordinates.of(each).version());
        }

        static Release of(DetailEntry.Package each) {
            return Identity.of(each).release(Coordinates.of(each).version());
        }

        @Override
        public String toString() {
            return version.isEmpty() ? identity.name : identity.name + "@" + version;
        }
    }
}
