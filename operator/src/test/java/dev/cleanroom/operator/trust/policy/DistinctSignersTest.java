package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DistinctSignersTest {
    /** Each authority with the signers that it was met by, in that order. */
    private static int count(String... authorities) {
        Map<String, Set<String>> signed = new LinkedHashMap<>();
        for (String authority : authorities) {
            String[] parts = authority.split(":", 2);
            signed.put(parts[0], parts[1].isEmpty() ? Set.of() : new LinkedHashSet<>(List.of(parts[1].split(","))));
        }
        return DistinctSigners.count(signed);
    }

    @Test
    void nobodyIsNone() {
        assertThat(count()).isZero();
        assertThat(count("a:")).isZero();
    }

    @Test
    void eachWithASignerOfItsOwnCounts() {
        assertThat(count("a:alice", "b:bob", "c:carol")).isEqualTo(3);
    }

    @Test
    void oneSignerOfManyAuthoritiesIsOne() {
        assertThat(count("a:alice", "b:alice", "c:alice")).isEqualTo(1);
        assertThat(count("a:alice", "b:alice", "c:bob")).isEqualTo(2);
    }

    @Test
    void manySignersOfOneAuthorityAreOne() {
        assertThat(count("a:alice,bob,carol")).isEqualTo(1);
    }

    /** Whoever takes the first that fits counts one: the first authority must give its signer up to the second. */
    @Test
    void aSignerIsGivenUpToWhoHasNoOther() {
        assertThat(count("a:alice,bob", "b:alice")).isEqualTo(2);
        assertThat(count("a:alice,bob", "b:bob,carol", "c:alice")).isEqualTo(3);
        assertThat(count("a:1,2", "b:1,3", "c:2,3", "d:1", "e:4")).isEqualTo(4);
    }

    /** Against all ways to assign signers, for every bipartite graph of three authorities and three signers. */
    @Test
    void itIsTheMostThereCanBe() {
        for (int graph = 0; graph < 1 << 9; graph++) {
            Map<Integer, Set<Integer>> signed = new LinkedHashMap<>();
            for (int authority = 0; authority < 3; authority++) {
                Set<Integer> signers = new LinkedHashSet<>();
                for (int signer = 0; signer < 3; signer++) {
                    if ((graph >> (authority * 3 + signer) & 1) == 1) {
                        signers.add(signer);
                    }
                }
                signed.put(authority, signers);
            }
            assertThat(DistinctSigners.count(signed)).as("%s", signed).isEqualTo(most(signed, 0, Set.of()));
        }
    }

    private static int most(Map<Integer, Set<Integer>> signed, int authority, Set<Integer> taken) {
        if (authority == signed.size()) {
            return taken.size();
        }
        int without = most(signed, authority + 1, taken);
        return Math.max(
                without,
                signed.get(authority).stream()
                        .filter(signer -> !taken.contains(signer))
                        .mapToInt(signer -> {
                            Set<Integer> more = new LinkedHashSet<>(taken);
                            more.add(signer);
                            return most(signed, authority + 1, more);
                        })
                        .max()
                        .orElse(0));
    }

    /** Sixteen authorities with a hundred signers each, all the same. */
    @Test
    void theWorstCaseIsSmall() {
        Set<Integer> all = new LinkedHashSet<>(IntStream.range(0, 100).boxed().toList());
        Map<Integer, Set<Integer>> signed = new LinkedHashMap<>();
        IntStream.range(0, 16).forEach(authority -> signed.put(authority, all));
        assertThat(DistinctSigners.count(signed)).isEqualTo(16);
    }
}
