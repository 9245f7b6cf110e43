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
 * A tenant's pull secrets, read when they are needed and never watched: the operator has no right to Secrets but where a
 * team gives it one.
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

        @Override
        public Read read(ImageRequest.Tenant tenant) {
            List<Map.Entry<String, byte[]>> secrets = new ArrayList<>();
            for (String name : tenant.pullSecrets()) {
                if (!NAME.matcher(name).matches()) {
                    // It becomes part of a path, and another path is another tenant's.
                    return unreadable(UNREADABLE, "spec.imagePullSecrets: a name in it is no name of a Secret");
                }
                Answer answer;
                try {
                    answer = api.get(new ObjectKey(Resource.SECRET, tenant.namespace(), name));
                } catch (ApiUnavailableException e) {
                    return unreadable(API_UNAVAILABLE, "the Secret " + name + " could not be read; asked again");
                }
                if (answer instanceof Answer.Rejected rejected) {
                    return unreadable(UNREADABLE, refused(tenant.namespace(), name, rejected));
                }
                if (!(answer instanceof Answer.Ok(Secret secret))
                        || secret.getData() == null
                        || secret.getData().get(KEY) == null) {
                    return unreadable(
                            UNREADABLE,
                            "spec.imagePullSecrets: the Secret " + name + " has no key " + KEY
                                    + "; make it with: kubectl create secret docker-registry");
                }
                try {
                    secrets.add(Map.entry(
                            name, Base64.getDecoder().decode(secret.getData().get(KEY))));
                } catch (IllegalArgumentException e) {
                    return unreadable(
                            UNREADABLE, "spec.imagePullSecrets: the Secret " + name + " has a key that is not base64");
                }
            }
            return switch (PullSecrets.read(secrets)) {
                case Outcome.Found<Credentials>(Credentials credentials) -> new Read.Readable(credentials);
                case Outcome.Failed<Credentials> failed ->
                    unreadable(failed.code().name(), "spec.imagePullSecrets: " + failed.message());
            };
        }

        private String refused(String namespace, String name, Answer.Rejected rejected) {
            return switch (rejected.code()) {
                case NOT_FOUND -> "spec.imagePullSecrets: namespace " + namespace + " has no Secret " + name;
                case FORBIDDEN ->
                    "spec.imagePullSecrets: the operator may not read Secrets in namespace " + namespace + "; let it: "
                            + letRead(namespace, operatorNamespace);
                default ->
                    "spec.imagePullSecrets: the API server does not give the Secret " + name + ": HTTP "
                            + rejected.code();
            };
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
