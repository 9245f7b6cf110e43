package dev.cleanroom.operator;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import dev.cleanroom.operator.lab.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The list of imports in docs/architecture.md is true of the code, and classes stay small. */
@AnalyzeClasses(packages = "dev.cleanroom", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT_PACKAGE = "dev.cleanroom.operator";
    private static final String BLOCK = "```imports\n";
    private static final int MOST_LINES = 300;
    private static final int MOST_PARAMETERS = 5;

    /** The code imports what is listed, no more and no less. */
    @ArchTest
    static void packagesImportWhatIsListed(JavaClasses all) throws IOException {
        Map<String, Set<String>> listed = listedImports();
        Map<String, Set<String>> found = new TreeMap<>();
        listed.keySet().forEach(name -> found.put(name, new TreeSet<>()));
        for (JavaClass from : all.that(resideInAPackage(ROOT_PACKAGE + ".."))) {
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                JavaClass to = dependency.getTargetClass();
                if (resideInAPackage(ROOT_PACKAGE + "..").test(to)) {
                    String importing = listedPackage(from, listed.keySet());
                    String imported = listedPackage(to, listed.keySet());
                    if (!importing.equals(imported)) {
                        found.get(importing).add(imported);
                    }
                }
            }
        }
        assertThat(found).isEqualTo(listed);
    }

    /** A package imports only packages that are listed before it, so there is no circle either. */
    @ArchTest
    static void nothingImportsUpwards(JavaClasses unused) throws IOException {
        Set<String> below = new TreeSet<>();
        listedImports().forEach((importing, imported) -> {
            assertThat(below).as("listed before " + importing).containsAll(imported);
            below.add(importing);
        });
        assertThat(below).hasSizeGreaterThan(10);
    }

    @ArchTest
    static void noClassIsTooLong(JavaClasses unused) throws IOException {
        for (String sources : List.of(
                "crds/src/main/java", "crds/src/test/java", "operator/src/main/java", "operator/src/test/java")) {
            try (Stream<Path> files = Files.walk(Repository.root().resolve(sources))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(MOST_LINES);
                }
            }
        }
    }

    /** Records apart: their parameters are their parts. */
    @ArchTest
    static void noConstructorTakesTooMuch(JavaClasses all) {
        assertThat(all.that(resideInAPackage(ROOT_PACKAGE + "..")).stream()
                        .filter(type -> !type.isRecord() && !type.isEnum())
                        .flatMap(type -> type.getConstructors().stream())
                        .filter(constructor ->
                                constructor.getRawParameterTypes().size() > MOST_PARAMETERS))
                .isEmpty();
    }

    /** Lines of the block {@code imports}, in their order: {@code package -> package, package}. */
    private static Map<String, Set<String>> listedImports() throws IOException {
        String page = Files.readString(Repository.root().resolve("docs/architecture.md"));
        String block = page.substring(page.indexOf(BLOCK) + BLOCK.length());
        Map<String, Set<String>> listed = new LinkedHashMap<>();
        block.substring(0, block.indexOf("```")).lines().forEach(line -> {
            String[] sides = line.split(" ->", 2);
            listed.put(
                    sides[0],
                    Arrays.stream(sides[1].split(","))
                            .map(String::strip)
                            .filter(name -> !name.isEmpty())
                            .collect(Collectors.toCollection(TreeSet::new)));
        });
        return listed;
    }

    /** The longest listed package that holds the class. */
    private static String listedPackage(JavaClass type, Set<String> listed) {
        return listed.stream()
                .filter(name -> (type.getPackageName() + ".").startsWith(ROOT_PACKAGE + "." + name + "."))
                .max(Comparator.comparingInt(String::length))
                .orElseThrow(() -> new AssertionError("docs/architecture.md lists no package of " + type.getName()));
    }
}
