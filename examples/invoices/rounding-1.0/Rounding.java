import java.math.BigDecimal;
import java.math.RoundingMode;

/** A dependency of the project, version 1.0. */
final class Rounding {
    private Rounding() {}

    static BigDecimal toCents(BigDecimal amount) {
        return amount.setScale(2, RoundingMode.HALF_EVEN);
    }
}
