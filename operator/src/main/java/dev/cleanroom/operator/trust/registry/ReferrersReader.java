package dev.cleanroom.operator.trust.registry;

import static dev.cleanroom.operator.trust.registry.FailureCode.Malformed;
import static dev.cleanroom.operator.trust.registry.FailureCode.RedirectRefused;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooLarge;
import static dev.cleanroom.operator.trust.registry.FailureCode.TooMany;

import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lists referrers (OCI distribution specification 1.1, "Listing Referrers"): from the API page by page, or from the tag
 * of the "Referrers Tag Schema" if there is no API or it lists none, since an upgraded registry may not list what was
 * pushed before. There is no filter by artifact type, because clients write wrong types into the tag's index.
 */
final class ReferrersReader {
    /**
     * How many referrers of one digest are kept. Anyone with the right to push can fill the list; it is then marked
     * incomplete.
     */
    static final int MOST_REFERRERS = 1_000;

    /** How many referrers are examined, so that the wanted ones are among those that are kept. */
    static final int MOST_LISTED = 10_000;

    static final int MOST_PAGES = 100;

    /** The most bytes of one page, which is read into memory. */
    static final long MOST_PAGE_BYTES = RegistryClient.MOST_MANIFEST_BYTES;

    /** The most bytes of all pages together. */
    static final long MOST_BYTES = 4 * MOST_PAGE_BYTES;

    /** RFC 8288, section 3, as registries write it. */
    private static final Pattern NEXT =
            Pattern.compile("<([^<>]{1,4096})>\\s{0,8};[^<>]{0,256}\\brel\\s{0,8}=\\s{0,8}\"?next\"?");

    private final Session session;
    private final Comparator<Descriptor> order;

    ReferrersReader(Session session, Comparator<Descriptor> order) {
        this.session = session;
        this.order = order;
    }

    Referrers read(Endpoint endpoint, Digest digest, Deadline deadline) throws RegistryException {
        Optional<Referrers> listed = fromApi(endpoint, digest, deadline);
        return listed.isPresent() && !listed.get().descriptors().isEmpty()
                ? listed.get()
                : fromTag(endpoint, digest, deadline);
    }

    /** Empty if the registry does not have the API. */
    private Optional<Referrers> fromApi(Endpoint endpoint, Digest digest, Deadline deadline) throws RegistryException {
        Set<URI> seen = new HashSet<>();
        Pages pages = new Pages();
        URI uri = endpoint.referrers(digest);
        while (uri != null) {
            if (!seen.add(uri)) {
                throw new RegistryException(Malformed, "the pages of referrers form a loop");
            }
            if (seen.size() > MOST_PAGES) {
                pages.end(TooMany);
                break;
            }
            Session.Body page;
            try {
                page = session.read(
                        endpoint,
                        uri,
                        ManifestReader.OCI_INDEX,
                        Math.min(MOST_PAGE_BYTES, MOST_BYTES - pages.bytes),
                        deadline);
            } catch (RegistryException e) {
                if (e.code() != TooLarge || pages.bytes == 0) {
                    throw e;
                }
                pages.end(TooLarge);
                break;
            }
            if (seen.size() == 1 && Statuses.knowsNoSuchApi(page.response())) {
                return Optional.empty();
            }
            pages.add(page);
            uri = next(uri, page.response());
            if (uri != null && pages.full()) {
                pages.end(TooMany);
                break;
            }
        }
        return Optional.of(pages.result());
    }

    private Referrers fromTag(Endpoint endpoint, Digest digest, Deadline deadline) throws RegistryException {
        Pages pages = new Pages();
        Session.Body page = session.read(
                endpoint,
                endpoint.manifest(digest.referrersTag()),
                ManifestReader.OCI_INDEX,
                MOST_PAGE_BYTES,
                deadline);
        if (page.response().status() != 404) {
            pages.add(page);
        }
        return pages.result();
    }

    /** The next page must be of the same list at the same registry; otherwise it is refused. */
    private static @Nullable URI next(URI uri, Response response) throws RegistryException {
        for (String link : response.headers().allValues("Link")) {
            Matcher next = NEXT.matcher(link);
            if (next.find()) {
                URI target = Session.resolved(uri, next.group(1));
                if (!Endpoint.sameOrigin(uri, target) || !uri.getRawPath().equals(target.getRawPath())) {
                    throw new RegistryException(
                            RedirectRefused, "the next page of referrers is not at the same registry and list");
                }
                return target;
            }
        }
        return null;
    }

    private final class Pages {
        private final Set<Digest> digests = new HashSet<>();
        private final List<Descriptor> descriptors = new ArrayList<>();
        private int malformed;
        private long bytes;
        private @Nullable FailureCode incomplete;

        void add(Session.Body page) throws RegistryException {
            if (!page.response().successful()) {
                throw session.failure(page.response());
            }
            // An HTML page, as a proxy or portal returns it, says nothing about referrers.
            if (!ManifestReader.OCI_INDEX.equals(
                    ManifestReader.essence(page.response().header("Content-Type")))) {
                throw new RegistryException(Malformed, "the list of referrers is not an image index");
            }
            Referrers read = ManifestReader.referrers(page.bytes());
            bytes += page.bytes().length;
            malformed += read.malformed();
            for (Descriptor descriptor : read.descriptors()) {
                if (full()) {
                    end(TooMany);
                } else if (digests.add(descriptor.digest())) {
                    descriptors.add(descriptor);
                    if (descriptors.size() >= 2 * MOST_REFERRERS) {
                        keepFirst();
                    }
                }
            }
        }

        boolean full() {
            return digests.size() >= MOST_LISTED;
        }

        /** The sort is stable: equal referrers stay in the registry's order. */
        private void keepFirst() {
            descriptors.sort(order);
            if (descriptors.size() > MOST_REFERRERS) {
                descriptors.subList(MOST_REFERRERS, descriptors.size()).clear();
                end(TooMany);
            }
        }

        void end(FailureCode code) {
            incomplete = code;
        }

        Referrers result() {
            keepFirst();
            return new Referrers(List.copyOf(descriptors), malformed, incomplete);
        }
    }
}
