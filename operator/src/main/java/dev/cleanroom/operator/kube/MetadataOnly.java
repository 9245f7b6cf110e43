package dev.cleanroom.operator.kube;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;

/**
 * Asks the API server for the metadata of records alone when they are listed or watched. What records have observed is up
 * to 170 KiB each: the answer to a list of all of them would not fit into the memory of the operator.
 */
final class MetadataOnly implements Interceptor {
    private static final String RECORDS = "/" + HasMetadata.getPlural(BuildRecord.class);
    private static final String FORM = "application/json;g=meta.k8s.io;v=v1;as=";

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (request.uri().getPath().endsWith(RECORDS)) {
            String query = request.uri().getQuery();
            boolean watch = query != null && query.contains("watch=true");
            builder.setHeader("Accept", FORM + (watch ? "PartialObjectMetadata" : "PartialObjectMetadataList"));
        }
    }
}
