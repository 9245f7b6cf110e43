package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassStatus;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/**
 * How objects are read. Two dangers are met here: one resource that does not bind to our types ends a stock informer
 * and with it the process, and what no decision reads is most of an informer's memory. Nothing read this way is ever
 * sent back.
 */
final class TolerantSerialization {

    private TolerantSerialization() {}

    static KubernetesSerialization create() {
        var module = new SimpleModule("cleanroom");
        module.addDeserializer(
                BuildEnvironment.class,
                new TolerantDeserializer<>(
                        BuildEnvironment.class,
                        BuildEnvironment::new,
                        BuildEnvironmentSpec.class,
                        BuildEnvironmentStatus.class,
                        new TolerantDeserializer.Marks<>(
                                BuildEnvironment::markUnreadable, BuildEnvironment::markStatusUnreadable)));
        module.addDeserializer(
                BuildEnvironmentClass.class,
                new TolerantDeserializer<>(
                        BuildEnvironmentClass.class,
                        BuildEnvironmentClass::new,
                        BuildEnvironmentClassSpec.class,
                        BuildEnvironmentClassStatus.class,
                        new TolerantDeserializer.Marks<>(
                                BuildEnvironmentClass::markUnreadable,
                                // Nothing in it is remembered: it is built anew from the spec.
                                (buildClass, why) -> {})));
        module.addDeserializer(
                TrustPolicy.class,
                new TolerantDeserializer<>(
                        TrustPolicy.class,
                        TrustPolicy::new,
                        TrustPolicySpec.class,
                        TrustPolicyStatus.class,
                        new TolerantDeserializer.Marks<>(
                                TrustPolicy::markUnreadable,
                                // Nothing in it is remembered: it is built anew from the spec.
                                (policy, why) -> {})));
        module.addDeserializer(
                BuildIncident.class,
                new TolerantDeserializer<>(
                        BuildIncident.class,
                        BuildIncident::new,
                        BuildIncidentSpec.class,
                        BuildIncidentStatus.class,
                        new TolerantDeserializer.Marks<>(
                                BuildIncident::markUnreadable, BuildIncident::markUnreadable)));
        var mapper = new ObjectMapper()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
                .registerModule(module)
                .addMixIn(ObjectMeta.class, WithoutManagedFields.class)
                .addMixIn(Pod.class, TrimmedPod.class)
                .addMixIn(NetworkPolicy.class, HashedPolicy.class)
                .addMixIn(ServiceAccount.class, HashedAccount.class);
        var serialization = new KubernetesSerialization(mapper, true);
        serialization.registerKubernetesResource(BuildEnvironment.class);
        serialization.registerKubernetesResource(BuildEnvironmentClass.class);
        serialization.registerKubernetesResource(TrustPolicy.class);
        serialization.registerKubernetesResource(BuildIncident.class);
        return serialization;
    }

    /** Names, labels and our annotations of pods and environments: nothing else is kept, so nothing else can fail to bind. */
    static KubernetesSerialization ofIdentities() {
        var module = new SimpleModule("cleanroom-identities");
        module.addDeserializer(Pod.class, new IdentityDeserializer<>(Pod.class, Pod::new));
        module.addDeserializer(
                BuildEnvironment.class, new IdentityDeserializer<>(BuildEnvironment.class, BuildEnvironment::new));
        var mapper = new ObjectMapper()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .registerModule(module)
                .addMixIn(ObjectMeta.class, WithoutManagedFields.class);
        var serialization = new KubernetesSerialization(mapper, true);
        serialization.registerKubernetesResource(BuildEnvironment.class);
        return serialization;
    }

    @JsonIgnoreProperties("managedFields")
    @JsonDeserialize(using = JsonDeserializer.None.class)
    private interface WithoutManagedFields {}

    /** What a pod shall be is half of it, and no decision reads it: it is passed over, not read and thrown away. */
    @JsonIgnoreProperties(value = "spec", allowGetters = true)
    @JsonDeserialize(converter = Trim.OfPod.class)
    private interface TrimmedPod {}

    @JsonDeserialize(converter = Trim.OfNetworkPolicy.class)
    private interface HashedPolicy {}

    @JsonDeserialize(converter = Trim.OfServiceAccount.class)
    private interface HashedAccount {}
}
