package dev.cleanroom.operator.trust;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.Outcome;
import dev.cleanroom.operator.trust.registry.PullSecrets;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A tenant's pull secrets and those that its class lends, read when they are needed and never watched: the operator has no
 * right to Secrets but where a team gives it one, and to those of its own namespace that the chart names.
 */
public interface PullSecretSource {

    /** What the Secrets came to. */
    sealed interface Read {
        record Readable(Credentials credentials) implements Read {}

        record Unreadable(ImageDecision.Unresolved why) implements Read {}
    }

    Read read(ImageRequest.Tenant tenant);

    /** As the API server has them. */
    record InCluster(Api api, String operatorNamespace) implements PullSecretSource {
        static final String UNREADABLE = "CredentialsUnreadable";
        static final String API_UNAVAILABLE = "ApiUnavailable";

        private static final String KEY = ".dockerconfigjson";
        private static final int FORBIDDEN = 403;
        private static final int NOT_FOUND = 404;
        private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

        /** Names of Secrets, where they are, and the field that names them. */
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
        public Read read(ImageRequest.Tenant tenant) {
            return switch (read(Listed.own(tenant))) {
                case Read.Unreadable why -> why;
                case Read.Readable(Credentials own) ->
                    switch (read(Listed.lent(tenant, operatorNamespace))) {
                        case Read.Unreadable why -> why;
                        case Read.Readable(Credentials lent) -> new Read.Readable(own.and(lent));
                    };
            };
        }

        private Read read(Listed listed) {
            List<Map.Entry<String, byte[]>> secrets = new ArrayList<>();
            for (String name : listed.names()) {
                if (!NAME.matcher(name).matches()) {
                    // It becomes part of a path, and another path is another tenant's.
                    return unreadable(UNREADABLE, listed.field() + "a name in it is no name of a Secret");
                }
                Answer answer;
                try {
                    answer = api.get(new ObjectKey(Resource.SECRET, listed.namespace(), name));
                } catch (ApiUnavailableException e) {
                    return unreadable(API_UNAVAILABLE, "the Secret " + name + " could not be read; asked again");
                }
                if (answer instanceof Answer.Rejected rejected) {
                    return unreadable(UNREADABLE, listed.field() + refused(listed, name, rejected));
                }
                if (!(answer instanceof Answer.Ok(Secret secret))
                        || secret.getData() == null
                        || secret.getData().get(KEY) == null) {
                    return unreadable(
                            UNREADABLE,
                            listed.field() + "the Secret " + name + " has no key " + KEY
                                    + "; make it with: kubectl create secret docker-registry");
                }
                try {
                    secrets.add(Map.entry(
                            name, Base64.getDecoder().decode(secret.getData().get(KEY))));
                } catch (IllegalArgumentException e) {
                    return unreadable(
                            UNREADABLE, listed.field() + "the Secret " + name + " has a key that is not base64");
                }
            }
            return switch (PullSecrets.read(secrets)) {
                case Outcome.Found<Credentials>(Credentials credentials) -> new Read.Readable(credentials);
                case Outcome.Failed<Credentials> failed ->
                    unreadable(failed.code().name(), listed.field() + failed.message());
            };
        }

        private String refused(Listed listed, String name, Answer.Rejected rejected) {
            return switch (rejected.code()) {
                case NOT_FOUND -> "namespace " + listed.namespace() + " has no Secret " + name;
                case FORBIDDEN ->
                    listed.isLent()
                            ? "the operator may not read the Secret " + name + " of its own namespace; an administrator"
                                    + " lists it in the chart's verificationPullSecrets, or lets it: "
                                    + letReadLent(name, operatorNamespace)
                            : "the operator may not read Secrets in namespace " + listed.namespace() + "; let it: "
                                    + letRead(listed.namespace(), operatorNamespace);
                default -> "the API server does not give the Secret " + name + ": HTTP " + rejected.code();
            };
        }

        /** The command that lets the operator read one Secret of its own namespace, and no other. */
        public static String letReadLent(String name, String operatorNamespace) {
            String role = "cleanroom-verification-" + name;
            return "kubectl create role " + role + " -n " + operatorNamespace
                    + " --verb=get --resource=secrets --resource-name=" + name + " && kubectl create rolebinding "
                    + role
                    + " -n " + operatorNamespace + " --role=" + role + " --serviceaccount=" + operatorNamespace
                    + ":cleanroom-operator";
        }

        /** The command by which a namespace lets the operator read its pull secrets. */
        public static String letRead(String namespace, String operatorNamespace) {
            return "kubectl create rolebinding cleanroom-pull-secrets -n " + namespace
                    + " --clusterrole=cleanroom-pull-secrets --serviceaccount=" + operatorNamespace
                    + ":cleanroom-operator";
        }

        private static Read unreadable(String code, String message) {
            return new Read.Unreadable(new ImageDecision.Unresolved(code, message));
        }
    }
}
