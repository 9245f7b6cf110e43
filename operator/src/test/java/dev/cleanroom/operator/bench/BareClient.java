package dev.cleanroom.operator.bench;

import java.util.function.IntFunction;

/**
 * The least that can be done: the same objects, written by the same two accounts, as many requests of each in flight,
 * with nothing watched, decided or checked.
 */
final class BareClient {
    private static final String UID = "\"uid\":\"";

    private final Account team;
    private final Account operator;
    private final Template template;
    private final String namespace;

    BareClient(Account team, Account operator, String namespace, Template template) {
        this.team = team;
        this.operator = operator;
        this.namespace = namespace;
        this.template = template;
    }

    void write(int count, IntFunction<String> name) {
        try (InFlight objects = new InFlight()) {
            InFlight.each(count, i -> {
                String stored = team.post(Paths.environments(namespace), template.environment(name.apply(i)));
                objects.start(() -> objects(name.apply(i), uid(stored)));
            });
            objects.join();
        }
    }

    private void objects(String name, String uid) {
        operator.post(Paths.policies(namespace), template.policy(name, uid));
        operator.post(Paths.pods(namespace), template.pod(name, uid));
    }

    private static String uid(String stored) {
        int start = stored.indexOf(UID) + UID.length();
        return stored.substring(start, stored.indexOf('"', start));
    }
}
