package dev.cleanroom.operator.simulation;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.function.BiFunction;

/** Faults in what is sent: a precondition dropped, a name that is not computed, an answer trusted. */
final class WireFaults {
    private WireFaults() {}

    private static Fault sending(BiFunction<Api, ApiServer, Api> wrapper) {
        return new Fault() {
            @Override
            public Api onTheWay(Api api, ApiServer server) {
                return wrapper.apply(api, server);
            }
        };
    }

    static Fault deleteWithoutPreconditions() {
        return sending((api, server) -> new ApiWrapper(api) {
            @Override
            public Answer delete(ObjectKey key, String uid, String resourceVersion) {
                return super.delete(key, null, null);
            }
        });
    }

    static Fault statusWithoutResourceVersion() {
        return sending((api, server) -> new ApiWrapper(api) {
            @Override
            public Answer applyStatus(ObjectKey key, HasMetadata fresh) {
                fresh.getMetadata().setResourceVersion(null);
                return super.applyStatus(key, fresh);
            }
        });
    }

    /** As a generateName would: whoever does not know of the first makes a second. */
    static Fault podNamesByChance() {
        return sending((api, server) -> new ApiWrapper(api) {
            @Override
            public Answer create(ObjectKey key, HasMetadata object) {
                if (key.resource() != Resource.POD) {
                    return super.create(key, object);
                }
                String name = key.name() + (server.revision() % 10);
                object.getMetadata().setName(name);
                return super.create(new ObjectKey(Resource.POD, key.namespace(), name), object);
            }
        });
    }

    /** Nobody knows afterwards which request for a rerun a pod was made for. */
    static Fault podsNotStampedWithTheirRerun() {
        return sending((api, server) -> new ApiWrapper(api) {
            @Override
            public Answer create(ObjectKey key, HasMetadata object) {
                if (key.resource() == Resource.POD) {
                    object.getMetadata().getAnnotations().remove(CleanroomApi.RERUN_ANNOTATION);
                }
                return super.create(key, object);
            }
        });
    }

    static Fault incidentNamesByChance() {
        return incidentNames((name, revision) -> name + revision);
    }

    /** The name without the pod's uid. */
    static Fault incidentsBoundToPodNames() {
        return incidentNames((name, revision) -> name.substring(0, name.lastIndexOf('-')));
    }

    private static Fault incidentNames(BiFunction<String, Long, String> change) {
        return sending((api, server) -> new ApiWrapper(api) {
            @Override
            public Answer create(ObjectKey key, HasMetadata object) {
                if (key.resource() != Resource.BUILD_INCIDENT) {
                    return super.create(key, object);
                }
                String name = change.apply(key.name(), server.revision());
                object.getMetadata().setName(name);
                return super.create(new ObjectKey(key.resource(), key.namespace(), name), object);
            }
        });
    }

    static Fault flipWithoutTests() {
        return new Fault() {
            @Override
            public Api onTheWay(Api api, ApiServer server) {
                return new ApiWrapper(api) {
                    @Override
                    public Answer jsonPatch(ObjectKey key, List<Operation> operations) {
                        return super.jsonPatch(
                                key,
                                operations.stream()
                                        .filter(it -> !it.op().equals("test"))
                                        .toList());
                    }
                };
            }

            @Override
            public boolean forwardOnly() {
                return false;
            }
        };
    }

    static Fault launchersWaitFor(Launchers.WaitsFor what) {
        return new Fault() {
            @Override
            public Launchers.WaitsFor launchersWaitFor() {
                return what;
            }
        };
    }

    /** The silence of the fetch beacon says nothing about the rules of the prepare steps. */
    static Fault fetchBeaconInAPolicyOfItsOwn() {
        return new Fault() {
            @Override
            public boolean fetchBeaconIsApart() {
                return true;
            }
        };
    }

    /** Who does not see the request yet starts the build. */
    static Fault noRailAboutRequestedQuarantines() {
        return new Fault() {
            @Override
            public boolean suspectsDoNotStart() {
                return false;
            }
        };
    }

    /** Deny-all's finalizer comes off with build pods left. */
    static Fault podsNotLookedForBeforeRelease() {
        return sending((api, server) -> new ApiWrapper(api) {
            @Override
            public boolean anyExists(Resource resource, String namespace, String labelSelector) {
                return false;
            }
        });
    }
}
