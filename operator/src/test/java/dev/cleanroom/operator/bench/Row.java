package dev.cleanroom.operator.bench;

/**
 * One line of the table: what was claimed and what was seen.
 *
 * @param spread how far single measurements lie apart, and how many there were
 * @param beside what the figure is compared with in the same run, or must be read with
 */
record Row(String claim, String target, String figure, String spread, String beside) {
    static Row notMeasured(String claim, String why) {
        return new Row(claim, "", "not measured", "", why);
    }
}
