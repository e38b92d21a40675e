package io.throughline.local.gateway;

import io.throughline.local.Service;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which service answers a path: the outside contract, the same as the Ingress in {@code
 * deploy/kubernetes}. The longest prefix wins, and a prefix ends at a slash.
 */
final class RoutingTable {

    /** What to do with a request. */
    sealed interface Route {

        /**
         * @param path what the service is asked for, without the query
         */
        record To(Service service, String path) implements Route {}

        /** The page with the addresses. */
        record Index() implements Route {}

        /** Nothing is served here. */
        record Nowhere() implements Route {}

        /** A path that could mean another one to the service than to this table. */
        record Malformed() implements Route {}
    }

    private record Prefix(String path, Service service) {

        boolean covers(String requested) {
            return requested.equals(path) || requested.startsWith(path + "/");
        }
    }

    private static final Comparator<Prefix> LONGEST_FIRST =
            Comparator.<Prefix>comparingInt(prefix -> prefix.path().length()).reversed();

    private static final List<Prefix> PREFIXES =
            List.of(
                            new Prefix("/v1", Service.IDENTITY),
                            new Prefix("/beacon/v1", Service.IDENTITY),
                            new Prefix("/pixel/v1", Service.IDENTITY),
                            new Prefix("/api/customers", Service.IDENTITY),
                            new Prefix("/api/consents", Service.IDENTITY),
                            new Prefix("/api/erasures", Service.IDENTITY),
                            new Prefix("/api/segments", Service.IDENTITY),
                            new Prefix("/api/consent-wordings", Service.IDENTITY),
                            new Prefix("/api/opt-outs", Service.IDENTITY),
                            new Prefix("/api/opt-in-requests", Service.IDENTITY),
                            new Prefix("/api/preference-centre", Service.IDENTITY),
                            new Prefix("/api/gate", Service.IDENTITY),
                            new Prefix("/api/imports", Service.IDENTITY),
                            new Prefix("/preferences", Service.IDENTITY),
                            new Prefix("/opt-ins", Service.IDENTITY),
                            new Prefix("/api/sources", Service.IDENTITY),
                            new Prefix("/api/identity-rules", Service.IDENTITY),
                            new Prefix("/api/events", Service.IDENTITY),
                            new Prefix("/api/journeys", Service.JOURNEY),
                            new Prefix("/api/dry-runs", Service.JOURNEY),
                            new Prefix("/api/contact-policy", Service.JOURNEY),
                            new Prefix("/api/templates", Service.CHANNEL),
                            new Prefix("/api/channels", Service.CHANNEL),
                            new Prefix("/api/messages", Service.CHANNEL),
                            new Prefix("/api/inbox", Service.CHANNEL),
                            new Prefix("/webhooks", Service.CHANNEL),
                            new Prefix("/c", Service.CHANNEL),
                            new Prefix("/o", Service.CHANNEL),
                            new Prefix("/u", Service.CHANNEL),
                            new Prefix("/api/reports", Service.ATTRIBUTION))
                    .stream()
                    .sorted(LONGEST_FIRST)
                    .toList();

    /** As libraries send that are given an address with a slash at its end. */
    private static final Pattern SLASHES = Pattern.compile("//+");

    private static final Pattern DECISIONS = Pattern.compile("/api/customers/[^/]+/decisions");
    private static final Pattern OPERATIONS = Pattern.compile("/services/([a-z]+)(/q(?:/.*)?)");

    private RoutingTable() {}

    /**
     * @param path as in the request line, undecoded, without the query
     */
    static Route route(String path) {
        return climbs(path) ? new Route.Malformed() : plain(SLASHES.matcher(path).replaceAll("/"));
    }

    private static Route plain(String path) {
        if (path.isEmpty() || path.equals("/")) {
            return new Route.Index();
        }
        if (DECISIONS.matcher(path).matches()) {
            return new Route.To(Service.ATTRIBUTION, path);
        }
        Matcher operations = OPERATIONS.matcher(path);
        if (operations.matches()) {
            return Service.named(operations.group(1))
                    .<Route>map(service -> new Route.To(service, operations.group(2)))
                    .orElseGet(Route.Nowhere::new);
        }
        return PREFIXES.stream()
                .filter(prefix -> prefix.covers(path))
                .findFirst()
                .<Route>map(prefix -> new Route.To(prefix.service(), path))
                .orElseGet(Route.Nowhere::new);
    }

    /** A service would resolve {@code /v1/../internal} to what the gateway never serves. */
    private static boolean climbs(String path) {
        try {
            String decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
            return decoded.contains("/..") || decoded.contains("/./") || decoded.contains("\\");
        } catch (IllegalArgumentException notDecodable) {
            return true;
        }
    }
}
