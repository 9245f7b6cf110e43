import java.math.BigDecimal;
import java.math.RoundingMode;

/** The same dependency, version 1.2: its makers have their account back. */
final class Rounding {
    private Rounding() {}

    static BigDecimal toCents(BigDecimal amount) {
        return amount.setScale(2, RoundingMode.HALF_EVEN);
    }
}
