import java.math.BigDecimal;
import java.util.List;

/** What a customer owes: the sum of the lines, and the tax on it. */
record Invoice(List<BigDecimal> lines, BigDecimal taxRate) {

    BigDecimal net() {
        return Rounding.toCents(lines.stream().reduce(BigDecimal.ZERO, BigDecimal::add));
    }

    BigDecimal tax() {
        return Rounding.toCents(net().multiply(taxRate));
    }

    BigDecimal total() {
        return net().add(tax());
    }
}
