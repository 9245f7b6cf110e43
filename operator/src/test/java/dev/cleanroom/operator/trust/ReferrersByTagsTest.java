package dev.cleanroom.operator.trust;

/** The same decisions where a registry lists referrers by tags alone. */
class ReferrersByTagsTest extends ImageVerifierTest {
    @Override
    boolean hasReferrersApi() {
        return false;
    }
}
