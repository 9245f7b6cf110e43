package dev.cleanroom.operator.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.Terminal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The people for whom messages are, each with the rights that the documentation gives them in some namespaces. */
final class People {
    private static final String BINDING = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: %s
            metadata: {name: %s%s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
            """;

    private final Lab lab;
    private final String prefix;
    private final Set<String> typed = new TreeSet<>();

    enum Person {
        TEAM("edit"),
        NAMESPACE_ADMINISTRATOR("admin"),
        RESPONDER("cleanroom-responder"),
        ADMINISTRATOR("");

        /** In its namespaces; empty for all rights everywhere. */
        private final String role;

        Person(String role) {
            this.role = role;
        }
    }

    /** Returns once their rights are known. */
    static People in(Lab lab, String... namespaces) {
        People people = new People(lab);
        for (Person person : Person.values()) {
            if (person != Person.ADMINISTRATOR) {
                List.of(namespaces)
                        .forEach(namespace -> lab.cluster()
                                .apply(BINDING.formatted(
                                        "RoleBinding",
                                        people.name(person),
                                        ", namespace: " + namespace,
                                        person.role,
                                        people.name(person))));
            }
        }
        for (String role : List.of("cleanroom-class-reader", "cleanroom-policy-reader")) {
            String binding = people.name(Person.TEAM) + "-" + role;
            lab.cluster().apply(BINDING.formatted("ClusterRoleBinding", binding, "", role, people.name(Person.TEAM)));
            lab.onClose(() ->
                    lab.admin().rbac().clusterRoleBindings().withName(binding).delete());
        }
        Environments.until(
                "the rights to be known",
                () -> assertThat(people.terminal(Person.TEAM)
                                .type("kubectl get tpol && kubectl get benvclass && kubectl get benv -n "
                                        + namespaces[0])
                                .exitCode())
                        .isZero());
        return people;
    }

    private People(Lab lab) {
        this.lab = lab;
        this.prefix = lab.unique("person");
    }

    Terminal terminal(Person person) {
        Actor actor = Actor.user(name(person));
        return new Terminal(lab.cluster(), person == Person.ADMINISTRATOR ? actor.unbounded() : actor);
    }

    /** Types the commands of a message as they are printed, and each must work. */
    void follow(Person person, String message) {
        follow(person, message, Map.of());
    }

    /** @param blanks what a person fills in, by the word in capitals that stands for it */
    void follow(Person person, String message, Map<String, String> blanks) {
        List<String> commands = Commands.in(message);
        assertThat(commands).as("commands in: %s", message).isNotEmpty();
        for (String command : commands) {
            String filled = command;
            for (Map.Entry<String, String> blank : blanks.entrySet()) {
                filled = filled.replaceAll("\\b" + blank.getKey() + "\\b", blank.getValue());
            }
            Terminal.Typed answer = terminal(person).type(filled);
            assertThat(answer.exitCode())
                    .as("%s types: %s%n%s%nthe message: %s", person, filled, answer.output(), message)
                    .isZero();
            typed.add(Commands.action(command));
        }
    }

    /** Types a command that is refused; returns what is answered. */
    String refused(Person person, String command) {
        Terminal.Typed answer = terminal(person).type(command);
        assertThat(answer.exitCode()).as("%s", answer.output()).isNotZero();
        return answer.output();
    }

    Set<String> typed() {
        return typed;
    }

    private String name(Person person) {
        return prefix + "-" + person.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
