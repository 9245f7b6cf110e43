package dev.cleanroom.operator.lab;

import static dev.cleanroom.operator.lab.BuildPodAssert.assertThatPod;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every property that the assertion names is one whose loss it notices, in the build and in a prepare step. */
class BuildPodAssertTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String CONTAINER = """
                name: %s
                image: registry.example.com/a@sha256:0
                command: [/etc/cleanroom/tools/cleanroom-tools, launch, --, make]
                resources: {limits: {cpu: "1", memory: 1Gi, ephemeral-storage: 1Gi}}
                securityContext:
                  allowPrivilegeEscalation: false
                  readOnlyRootFilesystem: true
                  capabilities: {drop: [ALL]}
                volumeMounts:
                - {name: tmp, mountPath: /tmp}
                - {name: home, mountPath: /home/build}
                - {name: workspace, mountPath: /workspace}
                - {name: tools, mountPath: /etc/cleanroom/tools, readOnly: true}
            """;

    private static final String HARDENED = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: payments-0-1
              annotations:
                cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
                karpenter.sh/do-not-disrupt: "true"
            spec:
              automountServiceAccountToken: false
              enableServiceLinks: false
              dnsPolicy: None
              dnsConfig: {nameservers: [127.0.0.1]}
              restartPolicy: Never
              shareProcessNamespace: true
              terminationGracePeriodSeconds: 30
              securityContext:
                runAsNonRoot: true
                runAsUser: 10001
                runAsGroup: 10001
                fsGroup: 10001
                seccompProfile: {type: RuntimeDefault}
              volumes:
              - {name: tmp, emptyDir: {}}
              - {name: home, emptyDir: {}}
              - {name: workspace, emptyDir: {}}
              - {name: tools, emptyDir: {}}
              initContainers:
              -
            %s
              containers:
              -
            %s
            """.formatted(CONTAINER.formatted("checkout"), CONTAINER.formatted("build"));

    @Test
    void acceptsAHardenedPod() {
        assertThatPod(Serialization.unmarshal(HARDENED, Pod.class)).isHardened();
    }

    /** The users of a pod with an observer are three, and the observer has no volume. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    10002 | 10001 | 10003 | accepted
                    10001 | 10001 | 10003 | runAsUser of observer
                    10002 | 10002 | 10003 | runAsUser of checkout
                    10002 | 10001 | 10001 | runAsUser of
                    """)
    void anObserverHasAUserOfItsOwn(long observer, long build, long pod, String problem) throws Exception {
        ObjectNode observed =
                (ObjectNode) JSON.readTree(Serialization.asJson(Serialization.unmarshal(HARDENED, Pod.class)));
        ((ObjectNode) observed.at("/spec/securityContext")).put("runAsUser", pod);
        for (String container : new String[] {"/spec/containers/0", "/spec/initContainers/0"}) {
            ((ObjectNode) observed.at(container + "/securityContext")).put("runAsUser", build);
        }
        ObjectNode sidecar = observed.at("/spec/containers/0").deepCopy();
        sidecar.put("name", "observer").put("restartPolicy", "Always").remove("volumeMounts");
        ((ObjectNode) sidecar.at("/securityContext")).put("runAsUser", observer);
        ((ArrayNode) observed.at("/spec/initContainers")).insert(0, sidecar);
        Pod read = Serialization.unmarshal(observed.toString(), Pod.class);
        if (problem.equals("accepted")) {
            assertThatPod(read).isHardened();
        } else {
            assertThatThrownBy(() -> assertThatPod(read).isHardened()).hasMessageContaining(problem);
        }
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', nullValues = "null", textBlock = """
                    /spec/securityContext/runAsNonRoot | null | runAsNonRoot of the pod
                    /spec/securityContext/runAsUser | 0 | runAsUser of the pod
                    /spec/securityContext/runAsUser | null | runAsUser of the pod
                    /spec/securityContext/runAsGroup | 0 | runAsGroup of the pod
                    /spec/containers/0/securityContext/runAsUser | 0 | runAsUser of build
                    /spec/containers/0/securityContext/runAsGroup | 5 | runAsGroup of build
                    /spec/initContainers/0/securityContext/runAsNonRoot | false | runAsNonRoot of checkout
                    /spec/securityContext/fsGroup | null | fsGroup
                    /spec/containers/0/securityContext/capabilities | null | capabilities of build
                    /spec/initContainers/0/securityContext/capabilities | {"drop":["NET_RAW"]} | dropped by checkout
                    /spec/containers/0/securityContext/capabilities | {"drop":["ALL"],"add":["SYS_PTRACE"]} | added to build
                    /spec/containers/0/securityContext/allowPrivilegeEscalation | null | allowPrivilegeEscalation of build
                    /spec/initContainers/0/securityContext/allowPrivilegeEscalation | true | allowPrivilegeEscalation of checkout
                    /spec/containers/0/securityContext/privileged | true | privileged of build
                    /spec/containers/0/securityContext/procMount | "Unmasked" | procMount of build
                    /spec/containers/0/securityContext/readOnlyRootFilesystem | null | readOnlyRootFilesystem of build
                    /spec/initContainers/0/securityContext/readOnlyRootFilesystem | false | readOnlyRootFilesystem of checkout
                    /spec/containers/0/volumeMounts/0/readOnly | true | writable mounts of build
                    /spec/initContainers/0/volumeMounts/1/mountPath | "/root" | writable mounts of checkout
                    /spec/containers/0/volumeMounts/3/readOnly | false | writable mounts of build
                    /spec/containers/0/command | ["make"] | command of build
                    /spec/initContainers/0/command | ["/etc/cleanroom/tools/cleanroom-tools","launch","--"] | command of checkout
                    /spec/securityContext/seccompProfile | null | seccompProfile of the pod
                    /spec/securityContext/seccompProfile | {"type":"Unconfined"} | seccompProfile of the pod
                    /spec/containers/0/securityContext/seccompProfile | {"type":"Unconfined"} | seccompProfile of build
                    /spec/automountServiceAccountToken | null | automountServiceAccountToken
                    /spec/enableServiceLinks | null | enableServiceLinks
                    /spec/dnsPolicy | "ClusterFirst" | dnsPolicy
                    /spec/dnsConfig/nameservers | ["10.96.0.10"] | nameservers
                    /spec/hostNetwork | true | hostNetwork
                    /spec/hostPID | true | hostPID
                    /spec/hostIPC | true | hostIPC
                    /spec/volumes/2 | {"name":"workspace","hostPath":{"path":"/"}} | kind of volume workspace
                    /spec/containers/0/ports | [{"containerPort":80,"hostPort":80}] | ports of build
                    /spec/containers/0/volumeDevices | [{"name":"a","devicePath":"/dev/a"}] | devices of build
                    /spec/containers/0/resources/limits/cpu | null | limits of build
                    /spec/initContainers/0/resources/limits/memory | null | limits of checkout
                    /spec/containers/0/resources/limits/ephemeral-storage | null | limits of build
                    /spec/containers/0/resources/limits/cpu | "0" | cpu limit of build
                    /spec/restartPolicy | "OnFailure" | restartPolicy
                    /spec/initContainers/0/restartPolicy | "Always" | restartPolicy of checkout
                    /spec/terminationGracePeriodSeconds | 31 | terminationGracePeriodSeconds
                    /spec/terminationGracePeriodSeconds | null | terminationGracePeriodSeconds
                    /spec/activeDeadlineSeconds | 60 | activeDeadlineSeconds
                    /spec/containers/0/livenessProbe | {"exec":{"command":["a"]}} | livenessProbe of build
                    /spec/containers/0/startupProbe | {"exec":{"command":["a"]}} | startupProbe of build
                    /spec/containers/0/readinessProbe | {"exec":{"command":["a"]}} | readinessProbe of build
                    /spec/containers/0/lifecycle | {"preStop":{"exec":{"command":["a"]}}} | lifecycle of build
                    /spec/shareProcessNamespace | null | shareProcessNamespace
                    /metadata/annotations/karpenter.sh~1do-not-disrupt | null | annotations
                    /metadata/annotations/cluster-autoscaler.kubernetes.io~1safe-to-evict | "true" | annotations
                    """)
    void noticesEachProperty(String pointer, String json, String named) throws Exception {
        Pod pod = altered(pointer, json);

        assertThatThrownBy(() -> assertThatPod(pod).isHardened())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(named);
    }

    /** The hardened pod with one value replaced, or removed where there is no JSON. */
    private static Pod altered(String pointer, String json) throws Exception {
        JsonNode root = JSON.readTree(Serialization.asJson(Serialization.unmarshal(HARDENED, Pod.class)));
        int slash = pointer.lastIndexOf('/');
        String key = pointer.substring(slash + 1).replace("~1", "/");
        JsonNode parent = root.at(pointer.substring(0, slash));
        if (parent instanceof ObjectNode object) {
            if (json == null) {
                object.remove(key);
            } else {
                object.set(key, JSON.readTree(json));
            }
        } else {
            ((ArrayNode) parent).set(Integer.parseInt(key), JSON.readTree(json));
        }
        return Serialization.unmarshal(JSON.writeValueAsString(root), Pod.class);
    }
}
