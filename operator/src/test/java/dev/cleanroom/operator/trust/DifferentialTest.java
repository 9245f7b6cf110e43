package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.trust.sigstore.MutantRules;
import dev.cleanroom.operator.trust.sigstore.Mutants;
import dev.cleanroom.operator.trust.sigstore.Mutants.Mutant;
import dev.cleanroom.operator.trust.sigstore.Oracle;
import dev.cleanroom.operator.trust.sigstore.OurSpecimens;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Specimen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the npm package {@code @sigstore/verify} says of the same bundles: ours, cosign's, their mutants, and those that were
 * signed wrong. docs/verification-compared.md lists each disagreement with its reason, and no other.
 */
@Tag("lab")
class DifferentialTest {
    private static final Pattern ROW =
            Pattern.compile("[|] `([^`]+)` [|] (accepted|refused) [|] (accepted|refused) [|] [^|]{8,} [|]");

    /** Of which every byte of certificate and timestamp is tried too: these take most of the time. */
    private static final List<String> BY_BYTE =
            List.of("ours keyless, Rekor v2, dsse", "COSIGN_2_BUNDLE CERTIFICATE_STAMPED signature");

    private final List<Oracle.Question> questions = new ArrayList<>();
    private final List<List<String>> names = new ArrayList<>();

    @Test
    void everyDisagreementIsListedAndExplained(@TempDir Path home) throws Exception {
        if (!Oracle.isInstalled()) {
            System.out.println(
                    "SKIPPED DifferentialTest: no operator/target/oracle; scripts/oracle makes it, or says what it needs");
            assertThat(System.getenv("CI"))
                    .as("scripts/oracle has not installed it")
                    .isNotEqualTo("true");
        }
        assumeTrue(Oracle.isInstalled(), "scripts/oracle has not installed it");
        var sigstore = new PrivateSigstore();
        List<Specimen> right = new ArrayList<>(OurSpecimens.of(sigstore));
        try (var cosign = new CosignSpecimens(home)) {
            cosign.all().stream().filter(Specimen::isBundle).forEach(right::add);
        }
        right.forEach(this::askWithMutants);
        for (Specimen wrong : OurSpecimens.wrong(sigstore)) {
            ask(wrong, List.of(wrong.json()), List.of(wrong.toString()));
        }
        assertThat(disagreements(Oracle.answers(questions))).isEqualTo(listed());
    }

    private void askWithMutants(Specimen right) {
        List<Mutant> mutants = Stream.concat(
                        Mutants.of(right.json()).stream(),
                        BY_BYTE.contains(right.name()) ? MutantRules.bytes(right, i -> 0) : Stream.of())
                .toList();
        ask(
                right,
                Stream.concat(Stream.of(right.json()), mutants.stream().map(Mutant::json))
                        .toList(),
                Stream.concat(Stream.of(right.toString()), mutants.stream().map(Mutant::path))
                        .toList());
    }

    private void ask(Specimen specimen, List<ObjectNode> bundles, List<String> what) {
        questions.add(new Oracle.Question(specimen, bundles));
        names.add(what);
    }

    /** What is decided in two ways, and how we decide it. Of mutants only where the right one is accepted by both. */
    private Set<String> disagreements(List<List<String>> answers) {
        var found = new TreeSet<String>();
        for (int i = 0; i < questions.size(); i++) {
            Specimen specimen = questions.get(i).specimen();
            List<ObjectNode> bundles = questions.get(i).bundles();
            List<String> theirs = answers.get(i);
            assertThat(theirs).hasSameSizeAs(bundles);
            int compared = theirs.getFirst().isEmpty() ? bundles.size() : 1;
            for (int j = 0; j < compared; j++) {
                boolean accepted = specimen.code(bundles.get(j)).equals("Accepted");
                if (accepted != theirs.get(j).isEmpty()) {
                    found.add(names.get(i).get(j) + (accepted ? " accepted" : " refused"));
                }
            }
        }
        return found;
    }

    private static Set<String> listed() throws IOException {
        var listed = new TreeSet<String>();
        String page = Files.readString(Repository.root().resolve("docs/verification-compared.md"));
        ROW.matcher(page).results().forEach(row -> {
            assertThat(row.group(2)).as(row.group()).isNotEqualTo(row.group(3));
            listed.add(row.group(1) + " " + row.group(2));
        });
        assertThat(page.lines().filter(line -> line.startsWith("| `"))).hasSameSizeAs(listed);
        return listed;
    }
}
