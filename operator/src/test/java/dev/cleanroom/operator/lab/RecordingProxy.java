package dev.cleanroom.operator.lab;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A reverse proxy in front of the API server, for one instance of the operator: records every request, and can cut the
 * instance off at its n-th write, hold requests, or answer in the API server's place. Plain HTTP in front, the
 * kubeconfig's TLS behind; watches are streamed, WebSockets tunnelled.
 *
 * <p>Faults are tried in the order they were asked for, the first that fits wins; a request is counted by every fault
 * that it matches and that is not used up. Once killed, nothing more is forwarded and new connections are refused.
 */
public final class RecordingProxy implements AutoCloseable {
    record Forward() implements Verdict {}

    record Refuse() implements Verdict {}

    sealed interface Verdict permits Forward, Refuse, Fault {}

    private final Config behind;
    private final Upstream upstream;
    private final ServerSocket listener;
    private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
    private final CountDownLatch killed = new CountDownLatch(1);
    private final Object lock = new Object();
    private final List<RecordedRequest> requests = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private boolean refusing;
    private RecordedRequest lastOfKilled;

    /** What is left to do of a fault: let `skip` matching requests pass, then hit `times` of them. */
    private static final class Rule {
        private final Predicate<RecordedRequest> matcher;
        private final Fault fault;
        private int skip;
        private int times;

        Rule(Predicate<RecordedRequest> matcher, int skip, int times, Fault fault) {
            this.matcher = matcher;
            this.skip = skip;
            this.times = times;
            this.fault = fault;
        }

        boolean hits(RecordedRequest request) {
            if (times == 0 || !matcher.test(request)) {
                return false;
            }
            if (skip > 0) {
                skip--;
                return false;
            }
            times--;
            return true;
        }
    }

    private RecordingProxy(Config behind) throws IOException {
        this.behind = behind;
        this.upstream = new Upstream(behind);
        this.listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    }

    /** Listens on a free port, in front of the API server that the configuration names. */
    public static RecordingProxy inFrontOf(Config config) {
        try {
            RecordingProxy proxy = new RecordingProxy(config);
            Thread.ofVirtual().name("recording-proxy").start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return "http://" + listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();
    }

    /** A kubeconfig that leads through this proxy, with the bearer token, if any, of the configuration behind it. */
    public Path writeKubeconfig(Path file) {
        return Kubeconfig.write(file, url(), "", Kubeconfig.token(behind));
    }

    /** Cuts the instance off at its n-th matching request from now on, which the API server never hears of. */
    public void cutBefore(Predicate<RecordedRequest> matcher, int nth) {
        add(new Rule(matcher, nth - 1, 1, new Fault.CutBefore()));
    }

    /** Cuts the instance off at its n-th matching request from now on, once the API server has answered it. */
    public void cutAfter(Predicate<RecordedRequest> matcher, int nth) {
        add(new Rule(matcher, nth - 1, 1, new Fault.CutAfter()));
    }

    /** Lets every matching request wait until the hold is released. */
    public Fault.Hold hold(Predicate<RecordedRequest> matcher) {
        Fault.Hold hold = new Fault.Hold();
        add(new Rule(matcher, 0, Integer.MAX_VALUE, hold));
        return hold;
    }

    /** Answers the next matching requests in the API server's place. */
    public void answer(Predicate<RecordedRequest> matcher, int times, Fault.Answer answer) {
        add(new Rule(matcher, 0, times, answer));
    }

    /** Forgets all faults asked for so far; requests already held stay held. */
    public void clearFaults() {
        synchronized (lock) {
            rules.clear();
        }
    }

    /** Every request so far, in order of arrival. */
    public List<RecordedRequest> requests() {
        synchronized (lock) {
            return List.copyOf(requests);
        }
    }

    public List<RecordedRequest> requests(Predicate<RecordedRequest> matcher) {
        return requests().stream().filter(matcher).toList();
    }

    /** Whether the instance was cut off within the time. */
    public boolean awaitKilled(long timeout, TimeUnit unit) throws InterruptedException {
        return killed.await(timeout, unit);
    }

    /** Waits until the instance is cut off, however long that takes. */
    public void awaitKilled() throws InterruptedException {
        killed.await();
    }

    public boolean isKilled() {
        return killed.getCount() == 0;
    }

    /** Cuts the instance off now: open connections end, new ones are refused, nothing more is forwarded. */
    public void kill() {
        synchronized (lock) {
            refusing = true;
        }
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections.forEach(ProxyConnection::close);
        killed.countDown();
    }

    @Override
    public void close() {
        synchronized (lock) {
            rules.forEach(rule -> {
                if (rule.fault instanceof Fault.Hold hold) {
                    hold.release();
                }
            });
        }
        kill();
    }

    int connectionsSoFar() {
        return accepted.get();
    }

    Verdict judge(RecordedRequest request) {
        synchronized (lock) {
            requests.add(request);
            if (refusing) {
                return new Refuse();
            }
            Fault hit = null;
            for (Rule rule : rules) {
                if (rule.hits(request) && hit == null) {
                    hit = rule.fault;
                }
            }
            if (hit instanceof Fault.CutBefore || hit instanceof Fault.CutAfter) {
                // From here on: a write that arrives while this one is being answered belongs to a dead process.
                refusing = true;
                lastOfKilled = request;
            }
            return hit == null ? new Forward() : hit;
        }
    }

    boolean sendUnlessKilled(RecordedRequest request, Upstream.Connection connection, HttpHead head, byte[] body)
            throws IOException {
        synchronized (lock) {
            if (refusing && request != lastOfKilled) {
                return false;
            }
            request.markForwarded();
            connection.send(head, body);
            return true;
        }
    }

    void ended(ProxyConnection connection) {
        connections.remove(connection);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                ProxyConnection connection = new ProxyConnection(this, upstream, client);
                connections.add(connection);
                accepted.incrementAndGet();
                Thread.ofVirtual().name("recording-proxy-connection").start(connection);
            } catch (IOException e) {
                // The listener was closed: the loop ends.
            }
        }
    }

    private void add(Rule rule) {
        synchronized (lock) {
            rules.add(rule);
        }
    }
}
