package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.trust.PullSecretSource.PullCredentials;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.Setting;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PullSecretSourceTest {
    private static final String FIELD = "spec.imagePullSecrets: ";

    private final Map<ObjectKey, Answer> answers = new HashMap<>();
    private final List<ObjectKey> asked = new ArrayList<>();

    /** An API server that can be read and nothing else. */
    private final Api api = (Api) Proxy.newProxyInstance(
            Api.class.getClassLoader(), new Class<?>[] {Api.class}, (proxy, method, arguments) -> {
                if (!method.getName().equals("get")) {
                    throw new AssertionError("pull secrets are read one by one, and nothing else is done: " + method);
                }
                ObjectKey key = (ObjectKey) arguments[0];
                asked.add(key);
                if (!answers.containsKey(key)) {
                    throw new ApiUnavailableException("down", null);
                }
                return answers.get(key);
            });

    private static ObjectKey key(String namespace, String name) {
        return new ObjectKey(Resource.SECRET, namespace, name);
    }

    private static Answer.Ok secret(String value) {
        return secret("kubernetes.io/dockerconfigjson", ".dockerconfigjson", value);
    }

    private static Answer.Ok secret(String type, String key, String value) {
        return new Answer.Ok(new SecretBuilder()
                .withType(type)
                .addToData(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)))
                .build());
    }

    private static Answer.Ok login(String host, String user) {
        return secret(
                "{\"auths\":{\"%s\":{\"username\":\"%s\",\"password\":\"secret-of-%s\"}}}".formatted(host, user, user));
    }

    private PullCredentials read(String... names) {
        return new PullSecretSource.InCluster(api, "cleanroom-system")
                .read(new ImageRequest.Tenant("team", List.of(names), List.of()));
    }

    private PullCredentials readLent(List<String> own, String... lent) {
        return new PullSecretSource.InCluster(api, "cleanroom-system")
                .read(new ImageRequest.Tenant("team", own, List.of(lent)));
    }

    private ImageDecision.Unresolved unreadable(String... names) {
        assertThat(read(names)).isInstanceOf(PullCredentials.Unreadable.class);
        return ((PullCredentials.Unreadable) read(names)).why();
    }

    private ImageDecision.Unresolved answered(Answer answer) {
        answers.put(key("team", "pull"), answer);
        return unreadable("pull");
    }

    @Test
    void whatTheTenantNamesIsReadInItsNamespaceInThatOrder() {
        answers.put(key("team", "one"), login("registry.example.com", "alice"));
        answers.put(key("team", "two"), login("registry.example.com", "bob"));
        answers.put(key("other", "one"), login("registry.example.com", "mallory"));
        assertThat(read("one", "two"))
                .isInstanceOfSatisfying(
                        PullCredentials.Readable.class,
                        readable -> assertThat(readable.credentials().entries())
                                .hasSize(2)
                                .startsWith(Setting.credentials("registry.example.com", "alice")
                                        .entries()
                                        .getFirst()));
        assertThat(asked).containsExactly(key("team", "one"), key("team", "two"));
    }

    @Test
    void whoNamesNoneAsksAsNobody() {
        assertThat(read())
                .isInstanceOfSatisfying(
                        PullCredentials.Readable.class,
                        readable -> assertThat(readable.credentials().entries()).isEmpty());
        assertThat(asked).isEmpty();
    }

    @Test
    void aMissingRightIsToldWithTheCommandThatGivesIt() {
        ImageDecision.Unresolved why = answered(new Answer.Rejected(403, "Forbidden", "secrets is forbidden"));
        assertThat(why.code()).isEqualTo("CredentialsUnreadable");
        assertThat(why.message())
                .startsWith(FIELD)
                .contains(
                        "may not read Secrets in namespace team",
                        "kubectl create rolebinding cleanroom-pull-secrets -n team --clusterrole=cleanroom-pull-secrets");
    }

    @Test
    void aMissingSecretIsTold() {
        ImageDecision.Unresolved why = answered(new Answer.Rejected(404, "NotFound", "not found"));
        assertThat(why.code()).isEqualTo("CredentialsUnreadable");
        assertThat(why.message()).isEqualTo(FIELD + "namespace team has no Secret pull");
    }

    @Test
    void anotherRefusalIsNotTakenForAMissingRight() {
        ImageDecision.Unresolved why = answered(new Answer.Rejected(400, "BadRequest", "bad"));
        assertThat(why.code()).isEqualTo("CredentialsUnreadable");
        assertThat(why.message()).contains("HTTP 400").doesNotContain("rolebinding");
    }

    @Test
    void anApiServerThatDoesNotAnswerIsNobodysMistake() {
        ImageDecision.Unresolved why = unreadable("pull");
        assertThat(why.code()).isEqualTo("ApiUnavailable");
        assertThat(why.message()).contains("Secret pull");
    }

    @Test
    void whatIsNoSecretIsReported() {
        assertThat(answered(new Answer.Ok(null)).code()).isEqualTo("CredentialsUnreadable");
    }

    private static String written(String user) {
        return "{\"registry.example.com\":{\"username\":\"%s\",\"password\":\"secret-of-%s\"}}".formatted(user, user);
    }

    /** A kubelet looks at the type and takes the value from the key of that type. */
    @Test
    void bothTypesOfPullSecretsAreReadEachWithItsKey() {
        answers.put(key("team", "now"), login("registry.example.com", "alice"));
        answers.put(key("team", "before"), secret("kubernetes.io/dockercfg", ".dockercfg", written("bob")));

        assertThat(read("now", "before"))
                .isEqualTo(new PullCredentials.Readable(Setting.credentials("registry.example.com", "alice")
                        .and(Setting.credentials("registry.example.com", "bob"))));
    }

    /** A kubelet ignores them, too. */
    @Test
    void aSecretOfAnotherTypeIsNotUsedAndDoesNotAffectTheOthers() {
        String config = "{\"auths\":" + written("mallory") + "}";
        List<Answer.Ok> others = List.of(
                new Answer.Ok(new Secret()),
                new Answer.Ok(
                        new SecretBuilder().withType("kubernetes.io/dockercfg").build()),
                secret("Opaque", ".dockerconfigjson", config),
                secret("kubernetes.io/dockercfg", ".dockerconfigjson", config),
                secret("kubernetes.io/dockerconfigjson", ".dockercfg", written("mallory")),
                secret("kubernetes.io/basic-auth", "password", "hunter2"),
                secret(""));
        answers.put(key("team", "good"), login("registry.example.com", "alice"));
        for (Answer.Ok other : others) {
            answers.put(key("team", "pull"), other);

            Credentials credentials = ((PullCredentials.Readable) read("pull", "good")).credentials();

            assertThat(credentials.entries())
                    .isEqualTo(
                            Setting.credentials("registry.example.com", "alice").entries());
            assertThat(credentials.unused())
                    .singleElement()
                    .asString()
                    .contains(
                            "Secret pull: it is not used, because kubelets read only Secrets of the types",
                            "kubernetes.io/dockerconfigjson with the key .dockerconfigjson",
                            "kubectl delete secret pull -n team && kubectl create secret docker-registry pull -n team");
        }
    }

    @Test
    void anEntryThatCannotBeUsedDoesNotAffectTheOthers() {
        answers.put(
                key("team", "pull"),
                secret(
                        "{\"auths\":{\"https://index.docker.io/v1/\":{},\"registry.example.com\":{\"username\":\"alice\","
                                + "\"password\":\"secret-of-alice\"}},\"credsStore\":\"desktop\"}"));

        assertThat(((PullCredentials.Readable) read("pull")).credentials().entries())
                .isEqualTo(Setting.credentials("registry.example.com", "alice").entries());
    }

    @Test
    void aSecretThatCannotBeReadIsToldWithoutItsContent() {
        for (String malformed :
                new String[] {"{", "{\"auths\":\"hunter2\"}", "{\"auths\":{\"registry.example.com\":hunter2}}"}) {
            ImageDecision.Unresolved why = answered(secret(malformed));
            assertThat(why.code()).isEqualTo("CredentialsMalformed");
            assertThat(why.message()).startsWith(FIELD + "Secret pull: ").doesNotContain("hunter2");
        }
        assertThat(answered(new Answer.Ok(new SecretBuilder()
                                .withType("kubernetes.io/dockerconfigjson")
                                .addToData(".dockerconfigjson", "not base64!")
                                .build()))
                        .code())
                .isEqualTo("CredentialsUnreadable");
    }

    @Test
    void whatTheClassLendsIsReadInTheOperatorsNamespaceAfterTheTenantsOwn() {
        answers.put(key("team", "pull"), login("registry.example.com", "alice"));
        answers.put(key("cleanroom-system", "mirror"), login("registry.example.com", "platform"));
        answers.put(key("team", "mirror"), login("registry.example.com", "mallory"));
        assertThat(readLent(List.of("pull"), "mirror"))
                .isInstanceOfSatisfying(
                        PullCredentials.Readable.class,
                        readable -> assertThat(readable.credentials())
                                .isEqualTo(Setting.credentials("registry.example.com", "alice")
                                        .and(Setting.credentials("registry.example.com", "platform"))));
        assertThat(asked).containsExactly(key("team", "pull"), key("cleanroom-system", "mirror"));
    }

    @Test
    void whatTheClassLendsAndMayNotBeReadIsToldWithTheCommandForThatOneAlone() {
        answers.put(key("cleanroom-system", "mirror"), new Answer.Rejected(403, "Forbidden", "secrets is forbidden"));
        ImageDecision.Unresolved why = ((PullCredentials.Unreadable) readLent(List.of(), "mirror")).why();
        assertThat(why.code()).isEqualTo("CredentialsUnreadable");
        assertThat(why.message())
                .startsWith("verificationPullSecrets of the class: ")
                .contains("kubectl create role cleanroom-verification-mirror -n cleanroom-system --verb=get"
                        + " --resource=secrets --resource-name=mirror")
                .doesNotContain("clusterrole");
    }

    /** The tenant's own are enough for some images only; which, is not known before the class's are read. */
    @Test
    void whatTheClassLendsIsNotPassedOver() {
        answers.put(key("team", "pull"), login("registry.example.com", "alice"));
        answers.put(key("cleanroom-system", "mirror"), new Answer.Rejected(404, "NotFound", "not found"));
        assertThat(((PullCredentials.Unreadable) readLent(List.of("pull"), "mirror"))
                        .why()
                        .message())
                .isEqualTo("verificationPullSecrets of the class: namespace cleanroom-system has no Secret mirror");
        answers.put(key("cleanroom-system", "mirror"), secret("{\"auths\":\"hunter2\"}"));
        assertThat(((PullCredentials.Unreadable) readLent(List.of("pull"), "mirror")).why())
                .satisfies(why -> assertThat(why.code()).isEqualTo("CredentialsMalformed"))
                .satisfies(why -> assertThat(why.message()).doesNotContain("hunter2"));
        assertThat(((PullCredentials.Unreadable) readLent(List.of(), "../../team/secrets/pull"))
                        .why()
                        .code())
                .isEqualTo("CredentialsUnreadable");
    }

    /** One that is missing is not passed over: the next one's may be of somebody with other rights. */
    @Test
    void oneThatCannotBeReadIsNotPassedOver() {
        answers.put(key("team", "one"), new Answer.Rejected(404, "NotFound", "not found"));
        answers.put(key("team", "two"), login("registry.example.com", "bob"));
        assertThat(unreadable("one", "two").message()).contains("no Secret one");
    }

    /** A name becomes part of a path: one with slashes would be another tenant's Secret. */
    @ParameterizedTest
    @ValueSource(strings = {"../../other/secrets/pull", "a/b", "..", "", "pull?x=y", "pull#x", "Pull", "%2e%2e"})
    void aNameThatIsNoneIsNotAskedFor(String name) {
        assertThat(unreadable(name).code()).isEqualTo("CredentialsUnreadable");
        assertThat(asked).isEmpty();
    }
}
