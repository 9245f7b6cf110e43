import java.math.BigDecimal;
import java.util.List;

/** Tests without a framework: the builder's image holds a JDK and nothing else. A difference ends the build. */
final class InvoiceTest {
    private InvoiceTest() {}

    static void main() {
        check("the lines are summed", "30.00", invoice("0.19", "10.005", "19.99").net());
        check("tax is rounded half to even", "0.12", invoice("0.25", "0.50").tax());
        check("the total is with tax", "119.00", invoice("0.19", "100").total());
        check("nothing costs nothing", "0.00", invoice("0.19").total());
        IO.println("4 tests passed");
    }

    private static Invoice invoice(String taxRate, String... lines) {
        return new Invoice(List.of(lines).stream().map(BigDecimal::new).toList(), new BigDecimal(taxRate));
    }

    private static void check(String what, String expected, BigDecimal found) {
        if (!found.equals(new BigDecimal(expected))) {
            throw new AssertionError(what + ": " + found + " instead of " + expected);
        }
        IO.println("ok: " + what);
    }
}
