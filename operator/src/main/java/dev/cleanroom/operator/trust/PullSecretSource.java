package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.PullSecrets;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a tenant's pull secrets and those that its class lends. They are read when they are needed and never watched:
 * the operator may read Secrets only where a team grants it, and those in its own namespace that the chart names.
 */
public interface PullSecretSource {

    /** The credentials in the Secrets, or why they cannot be used. */
    sealed interface PullCredentials {
        record Readable(Credentials credentials) implements PullCredentials {}

        record Unreadable(ImageDecision.Unresolved why) implements PullCredentials {}
    }

    PullCredentials read(ImageRequest.Tenant tenant);

    /** Reads the Secrets from the API server. */
    record InCluster(Api api, String operatorNamespace) implements PullSecretSource {
        static final String UNREADABLE = "CredentialsUnreadable";
        static final String API_UNAVAILABLE = "ApiUnavailable";

        private static final int FORBIDDEN = 403;
        private static final int NOT_FOUND = 404;
        private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

        /** The names of Secrets, their namespace, and the field that lists them. */
        private record Listed(String field, String namespace, List<String> names) {
            private static final String OF_CLASS = "verificationPullSecrets of the class: ";

            static Listed own(ImageRequest.Tenant tenant) {
                return new Listed("spec.imagePullSecrets: ", tenant.namespace(), tenant.pullSecrets());
            }

            static Listed lent(ImageRequest.Tenant tenant, String operatorNamespace) {
                return new Listed(OF_CLASS, operatorNamespace, tenant.lentSecrets());
            }

            boolean isLent() {
                return field.equals(OF_CLASS);
            }
        }

        @Override
        public PullCredentials read(ImageRequest.Tenant tenant) {
            return switch (read(Listed.own(tenant))) {
                case PullCredentials.Unreadable why -> why;
                case PullCredentials.Readable(Credentials own) ->
                    switch (read(Listed.lent(tenant, operatorNamespace))) {
                        case PullCredentials.Unreadable why -> why;
                        case PullCredentials.Readable(Credentials lent) -> new PullCredentials.Readable(own.and(lent));
                    };
            };
        }

        private PullCredentials read(Listed listed) {
            List<PullSecrets.Source> secrets = new ArrayList<>();
            List<Credentials.Unused> unused = new ArrayList<>();
            for (String name : listed.names()) {
                if (!NAME.matcher(name).matches()) {
                    // The name becomes part of a URL path, and another path could be another tenant's Secret.
                    return unreadable(UNREADABLE, listed.field() + "it lists a name that is not valid for a Secret");
                }
                Answer answer;
                try {
                    answer = api.get(new ObjectKey(Resource.SECRET, listed.namespace(), name));
                } catch (ApiUnavailableException e) {
                    return unreadable(
                            API_UNAVAILABLE,
                            "the Secret " + name
                                    + " could not be read because the API server did not answer; it is tried again");
                }
                if (answer instanceof Answer.Rejected rejected) {
                    return unreadable(UNREADABLE, listed.field() + refused(listed, name, rejected));
                }
                if (!(answer instanceof Answer.Ok(Secret secret))) {
                    return unreadable(
                            UNREADABLE, listed.field() + "the API server's answer about " + name + " is not a Secret");
                }
                try {
                    source(name, secret)
                            .ifPresentOrElse(
                                    secrets::add,
                                    () -> unused.add(new Credentials.Unused(
                                            name, Optional.empty(), notReadByKubelets(name, listed.namespace()))));
                } catch (IllegalArgumentException e) {
                    return unreadable(
                            UNREADABLE, listed.field() + "the value in the Secret " + name + " is not base64");
                }
            }
            return switch (PullSecrets.read(secrets)) {
                case RegistryAnswer.Found<Credentials>(Credentials credentials) ->
                    new PullCredentials.Readable(credentials.and(new Credentials(List.of(), unused)));
                case RegistryAnswer.Failed<Credentials> failed ->
                    unreadable(failed.code().name(), listed.field() + failed.message());
            };
        }

        /** Empty for a Secret that a kubelet ignores: its type is another, or it has no value under the type's key. */
        private static Optional<PullSecrets.Source> source(String name, Secret secret) {
            if (secret.getType() == null || secret.getData() == null) {
                return Optional.empty();
            }
            return PullSecrets.Form.ofType(secret.getType())
                    .flatMap(form -> Optional.ofNullable(secret.getData().get(form.key()))
                            .filter(value -> !value.isEmpty())
                            .map(value -> new PullSecrets.Source(
                                    name, form, Base64.getDecoder().decode(value))));
        }

        private static String notReadByKubelets(String name, String namespace) {
            return "it is not used, because kubelets read only Secrets of the types "
                    + Stream.of(PullSecrets.Form.values())
                            .map(form -> form.type() + " with the key " + form.key())
                            .collect(Collectors.joining(" and "))
                    + "; create it again: " + createAgain(name, namespace);
        }

        private String refused(Listed listed, String name, Answer.Rejected rejected) {
            return switch (rejected.code()) {
                case NOT_FOUND -> "namespace " + listed.namespace() + " has no Secret " + name;
                case FORBIDDEN ->
                    listed.isLent()
                            ? "the operator may not read the Secret " + name + " in its own namespace; an administrator"
                                    + " can list it in the chart's verificationPullSecrets, or allow it: "
                                    + letReadLent(name, operatorNamespace)
                            : "the operator may not read Secrets in namespace " + listed.namespace() + "; allow it: "
                                    + letRead(listed.namespace(), operatorNamespace);
                default -> "the API server refused to return the Secret " + name + ": HTTP " + rejected.code();
            };
        }

        /** The command that replaces a Secret of another type; a person fills in the words in capitals. */
        public static String createAgain(String name, String namespace) {
            String secret = name + " -n " + namespace;
            return "kubectl delete secret " + secret + " && kubectl create secret docker-registry " + secret
                    + " --docker-server=REGISTRY --docker-username=USER --docker-password=PASSWORD";
        }

        /** The command that allows the operator to read one Secret in its own namespace, and no other. */
        public static String letReadLent(String name, String operatorNamespace) {
            String role = "cleanroom-verification-" + name;
            return "kubectl create role " + role + " -n " + operatorNamespace
                    + " --verb=get --resource=secrets --resource-name=" + name + " && kubectl create rolebinding "
                    + role
                    + " -n " + operatorNamespace + " --role=" + role + " --serviceaccount=" + operatorNamespace
                    + ":cleanroom-operator";
        }

        /** The command that allows the operator to read the pull secrets of a namespace. */
        public static String letRead(String namespace, String operatorNamespace) {
            return "kubectl create rolebinding cleanroom-pull-secrets -n " + namespace
                    + " --clusterrole=cleanroom-pull-secrets --serviceaccount=" + operatorNamespace
                    + ":cleanroom-operator";
        }

        private static PullCredentials unreadable(String code, String message) {
            return new PullCredentials.Unreadable(new ImageDecision.Unresolved(code, message));
        }
    }
}
