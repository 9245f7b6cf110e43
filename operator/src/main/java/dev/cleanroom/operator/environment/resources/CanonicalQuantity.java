package dev.cleanroom.operator.environment.resources;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A quantity as the API server stores it: no fraction, and the greatest suffix that leaves none ({@code 0.5} becomes
 * {@code 500m}, {@code 1024Mi} becomes {@code 1Gi}). See the comment on {@code Quantity} in {@code
 * k8s.io/apimachinery/pkg/api/resource}.
 */
final class CanonicalQuantity {
    private static final Pattern QUANTITY = Pattern.compile(
            "([+-]?[0-9.]+)((?<binary>[KMGTPE]i)|(?<decimal>[numkMGTPE]?)|[eE](?<exponent>[+-]?[0-9]+))");

    private static final List<String> BINARY = List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final List<String> DECIMAL = List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");
    private static final int FIRST_DECIMAL = -9;
    private static final int LAST_DECIMAL = 18;
    private static final BigInteger KIBI = BigInteger.valueOf(1_024);

    private CanonicalQuantity() {}

    /** The text itself if it is no quantity: the API server then refuses it. */
    static String of(String text) {
        Matcher quantity = QUANTITY.matcher(text);
        if (!quantity.matches()) {
            return text;
        }
        BigDecimal number = new BigDecimal(quantity.group(1));
        if (quantity.group("binary") != null) {
            BigDecimal bytes = number.multiply(new BigDecimal(KIBI.pow(BINARY.indexOf(quantity.group("binary")))));
            return binary(rounded(bytes));
        }
        if (quantity.group("exponent") != null) {
            return decimal(rounded(number.scaleByPowerOfTen(Integer.parseInt(quantity.group("exponent")))), true);
        }
        int exponent = FIRST_DECIMAL + 3 * DECIMAL.indexOf(quantity.group("decimal"));
        return decimal(rounded(number.scaleByPowerOfTen(exponent)), false);
    }

    /** Nothing is smaller than a billionth. */
    private static BigDecimal rounded(BigDecimal number) {
        return number.scale() > -FIRST_DECIMAL ? number.setScale(-FIRST_DECIMAL, RoundingMode.UP) : number;
    }

    private static String binary(BigDecimal bytes) {
        boolean whole = bytes.stripTrailingZeros().scale() <= 0;
        if (!whole || bytes.abs().compareTo(new BigDecimal(KIBI)) < 0) {
            return decimal(bytes, false);
        }
        BigInteger left = bytes.toBigIntegerExact();
        int suffix = 0;
        while (suffix < BINARY.size() - 1 && left.mod(KIBI).signum() == 0) {
            left = left.divide(KIBI);
            suffix++;
        }
        return left + BINARY.get(suffix);
    }

    private static String decimal(BigDecimal number, boolean withExponent) {
        if (number.signum() == 0) {
            return "0";
        }
        int exponent = Math.floorDiv(-number.stripTrailingZeros().scale(), 3) * 3;
        if (!withExponent) {
            exponent = Math.min(exponent, LAST_DECIMAL);
        }
        BigInteger left = number.scaleByPowerOfTen(-exponent).toBigIntegerExact();
        if (!withExponent) {
            return left + DECIMAL.get((exponent - FIRST_DECIMAL) / 3);
        }
        return exponent == 0 ? left.toString() : left + "e" + exponent;
    }
}
