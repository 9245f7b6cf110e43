package dev.cleanroom.operator.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
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
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/**
 * How objects are read. This avoids two problems: a single resource that does not bind to our types would end a default
 * informer, and the process with it; and fields that no decision reads would use most of an informer's memory. An
 * object that was read this way is never sent back.
 */
final class TolerantSerialization {

    private TolerantSerialization() {}

    /** Keeps only the metadata of records. */
    static KubernetesSerialization create() {
        return of(mapper().addMixIn(BuildRecord.class, RecordMetadata.class));
    }

    /** For commands that show records. */
    static KubernetesSerialization withRecords() {
        return of(mapper());
    }

    private static ObjectMapper mapper() {
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
                                // No decision reads it: the status is built again from the spec.
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
                                // No decision reads it: the status is built again from the spec.
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
        return new ObjectMapper()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
                .registerModule(module)
                .addMixIn(ObjectMeta.class, WithoutManagedFields.class)
                .addMixIn(Pod.class, TrimmedPod.class)
                .addMixIn(DefaultKubernetesResourceList.class, ListOfMetadata.class)
                .addMixIn(NetworkPolicy.class, HashedPolicy.class)
                .addMixIn(ServiceAccount.class, HashedAccount.class);
    }

    private static KubernetesSerialization of(ObjectMapper mapper) {
        var serialization = new KubernetesSerialization(mapper, true);
        serialization.registerKubernetesResource(BuildEnvironment.class);
        serialization.registerKubernetesResource(BuildEnvironmentClass.class);
        serialization.registerKubernetesResource(TrustPolicy.class);
        serialization.registerKubernetesResource(BuildIncident.class);
        serialization.registerKubernetesResource(BuildRecord.class);
        return serialization;
    }

    /** Keeps only the metadata of pods and environments, so that no other field can fail to bind. */
    static KubernetesSerialization ofMetadata() {
        var module = new SimpleModule("cleanroom-metadata");
        module.addDeserializer(Pod.class, new MetadataDeserializer<>(Pod.class, Pod::new));
        module.addDeserializer(
                BuildEnvironment.class, new MetadataDeserializer<>(BuildEnvironment.class, BuildEnvironment::new));
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

    /** The spec is half of a pod, and no decision reads it, so it is skipped while the pod is parsed. */
    @JsonIgnoreProperties(value = "spec", allowGetters = true)
    @JsonDeserialize(converter = Trim.OfPod.class)
    private interface TrimmedPod {}

    /** No decision reads what a record has, and the records of all environments would use most of the memory. */
    @JsonIgnoreProperties(
            value = {"observed", "findings", "verdictMessage"},
            allowGetters = true)
    private interface RecordMetadata {}

    /** An empty list of metadata alone has null for its items. */
    private interface ListOfMetadata {
        @JsonSetter(nulls = Nulls.AS_EMPTY)
        void setItems(List<?> items);
    }

    @JsonDeserialize(converter = Trim.OfNetworkPolicy.class)
    private interface HashedPolicy {}

    @JsonDeserialize(converter = Trim.OfServiceAccount.class)
    private interface HashedAccount {}
}
