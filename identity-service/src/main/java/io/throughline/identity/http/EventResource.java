package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Cursor;
import io.throughline.chassis.http.Page;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.security.Roles;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.identity.catalogue.Catalogue;
import io.throughline.identity.catalogue.Catalogue.Entry;
import io.throughline.identity.catalogue.Catalogue.Seen;
import io.throughline.identity.catalogue.EventName;
import io.throughline.identity.catalogue.NearDuplicates;
import io.throughline.identity.catalogue.PropertyType;
import io.throughline.identity.catalogue.Specification;
import io.throughline.identity.store.CatalogueStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The catalogue of events: what specifications name, and what came. */
@Path("/api/events")
@RolesAllowed(Roles.VIEWER)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Events")
class EventResource {

    private static final int MOST_IN_A_PAGE = 500;

    private final CatalogueStore store;
    private final List<Specification> specifications = Specification.all();

    EventResource(CatalogueStore store) {
        this.store = store;
    }

    /**
     * @param specification which names it, as in {@code ecommerce}
     * @param count how often it came; seconds behind
     * @param properties those that came and those that the specification has
     * @param warnings what somebody should look at
     */
    record EventView(
            Kind kind,
            String name,
            @Nullable String specification,
            long count,
            @Nullable Instant firstSeen,
            @Nullable Instant lastSeen,
            List<PropertyView> properties,
            List<WarningView> warnings) {}

    /**
     * @param expected the type that the specification has it
     * @param seen the types that its values had
     */
    record PropertyView(
            String name, @Nullable PropertyType expected, Collection<PropertyType> seen) {}

    /**
     * @param type {@code near-duplicate} or {@code property-type}
     * @param of the name that is most likely meant
     */
    record WarningView(
            String type, @Nullable String of, @Nullable String property, String detail) {}

    @GET
    @Operation(
            summary = "List the events that are known, by name",
            description =
                    "Track, page and screen events: those of the e-commerce, banking and travel"
                            + " specifications, whether they came or not, and all that came. A name"
                            + " that is nearly another, as in 'Order completed', has a warning that"
                            + " says which. At most 2,000 names that came are kept, with 200 properties"
                            + " each.")
    public Uni<Page<EventView>> list(
            @QueryParam("kind")
                    @Parameter(schema = @Schema(enumeration = {"track", "page", "screen"}))
                    @Nullable String kind,
            @QueryParam("specification")
                    @Parameter(
                            description = "Only those of it; none for those of no specification.")
                    @Nullable String specification,
            @QueryParam("seen")
                    @Parameter(description = "Only those that came, or only those that did not.")
                    @Nullable String seen,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("100") int limit) {
        if (limit < 1 || limit > MOST_IN_A_PAGE) {
            throw Problem.badRequest("limit", "expected 1 to " + MOST_IN_A_PAGE + ", was " + limit);
        }
        Predicate<Entry> wanted =
                ofKind(kind)
                        .and(ofSpecification(specification))
                        .and(thatCame(seen))
                        .and(after(cursor));
        return store.seen()
                .map(lines -> Catalogue.of(specifications, lines))
                .chain(catalogue -> page(catalogue, wanted, limit));
    }

    private Uni<Page<EventView>> page(Catalogue catalogue, Predicate<Entry> wanted, int limit) {
        List<Entry> found = catalogue.entries().stream().filter(wanted).limit(limit + 1L).toList();
        Page<Entry> page = Page.of(found, limit, EventResource::position);
        return store.properties(page.items().stream().map(Entry::event).toList())
                .map(properties ->
                        new Page<>(
                                page.items().stream()
                                        .map(entry -> view(catalogue, entry, properties))
                                        .toList(),
                                page.next()));
    }

    private static EventView view(
            Catalogue catalogue, Entry entry, Map<EventName, Map<String, Integer>> properties) {
        Map<String, Integer> came = properties.getOrDefault(entry.event(), Map.of());
        Specification specification = entry.specification();
        Seen seen = entry.seen();
        return new EventView(
                entry.event().kind(),
                entry.event().name(),
                specification == null ? null : specification.name(),
                seen == null ? 0 : seen.count(),
                seen == null ? null : seen.first(),
                seen == null ? null : seen.last(),
                properties(entry, came),
                warnings(catalogue, entry, came));
    }

    private static List<PropertyView> properties(Entry entry, Map<String, Integer> came) {
        Map<String, PropertyView> properties = new TreeMap<>();
        entry.expected()
                .forEach((name, type) ->
                        properties.put(name, new PropertyView(name, type, List.of())));
        came.forEach((name, bits) ->
                properties.put(
                        name,
                        new PropertyView(name, entry.expected().get(name), PropertyType.of(bits))));
        return List.copyOf(properties.values());
    }

    private static List<WarningView> warnings(
            Catalogue catalogue, Entry entry, Map<String, Integer> came) {
        List<WarningView> warnings = new ArrayList<>();
        NearDuplicates.Duplicate duplicate = catalogue.duplicate(entry.event());
        if (duplicate != null && entry.seen() != null) {
            warnings.add(
                    new WarningView(
                            "near-duplicate",
                            duplicate.of(),
                            null,
                            "most likely "
                                    + duplicate.of()
                                    + ", "
                                    + words(duplicate.difference())));
        }
        came.forEach((name, bits) -> {
            PropertyType expected = entry.expected().get(name);
            if (expected != null && Catalogue.isUnexpected(expected, bits)) {
                warnings.add(
                        new WarningView(
                                "property-type",
                                null,
                                name,
                                "expected " + expected.word() + ", came as " + words(bits)));
            }
        });
        return warnings;
    }

    private static String words(NearDuplicates.Difference difference) {
        return switch (difference) {
            case WRITING -> "which differs in case, blanks or punctuation only";
            case ORDER -> "which has the same words in another order";
            case SPELLING -> "which differs in one letter";
            case VERSION -> "which it was called before";
        };
    }

    private static String words(int bits) {
        Set<PropertyType> types = PropertyType.of(bits);
        return String.join(" and ", types.stream().map(PropertyType::word).toList());
    }

    private static Predicate<Entry> ofKind(@Nullable String word) {
        if (word == null) {
            return entry -> true;
        }
        return switch (word) {
            case "track", "page", "screen" -> {
                Kind kind = Kind.of(word);
                yield entry -> entry.event().kind() == kind;
            }
            default ->
                    throw Problem.badRequest(
                            "kind", "expected track, page or screen, was '" + word + "'");
        };
    }

    private Predicate<Entry> ofSpecification(@Nullable String name) {
        if (name == null) {
            return entry -> true;
        }
        if (name.equals("none")) {
            return entry -> entry.specification() == null;
        }
        List<String> names = specifications.stream().map(Specification::name).toList();
        if (!names.contains(name)) {
            throw Problem.badRequest(
                    "specification",
                    "expected one of " + String.join(", ", names) + " or none, was '" + name + "'");
        }
        return entry -> {
            Specification specification = entry.specification();
            return specification != null && specification.name().equals(name);
        };
    }

    private static Predicate<Entry> thatCame(@Nullable String word) {
        return switch (word) {
            case null -> entry -> true;
            case "true" -> entry -> entry.seen() != null;
            case "false" -> entry -> entry.seen() == null;
            default ->
                    throw Problem.badRequest("seen", "expected true or false, was '" + word + "'");
        };
    }

    /** A kind has no slash in it. */
    private static String position(Entry entry) {
        return entry.event().kind().word() + "/" + entry.event().name();
    }

    private static Predicate<Entry> after(@Nullable String cursor) {
        String position = Cursor.decode(cursor);
        if (position == null) {
            return entry -> true;
        }
        int slash = position.indexOf('/');
        try {
            EventName last =
                    new EventName(
                            Kind.of(position.substring(0, Math.max(slash, 0))),
                            position.substring(slash + 1));
            return entry -> EventName.BY_NAME.compare(entry.event(), last) > 0;
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(
                    "cursor", "expected the value of next from the page before, unchanged");
        }
    }
}
