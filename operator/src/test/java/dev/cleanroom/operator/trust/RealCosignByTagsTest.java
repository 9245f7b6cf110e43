package dev.cleanroom.operator.trust;

/** The same of a registry that lists referrers by tags alone. */
class RealCosignByTagsTest extends RealCosignTest {
    @Override
    boolean hasReferrersApi() {
        return false;
    }
}
