package io.throughline.identity.catalogue;

import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All events that are known, whether from a specification or because they came. */
public final class Catalogue {

    private final Map<EventName, Entry> entries;
    private final Map<EventName, NearDuplicates.Duplicate> duplicates;

    private Catalogue(
            Map<EventName, Entry> entries, Map<EventName, NearDuplicates.Duplicate> duplicates) {
        this.entries = entries;
        this.duplicates = duplicates;
    }

    /** What came under a name. */
    public record Seen(EventName event, long count, Instant first, Instant last) {}

    /**
     * @param specification absent where none has it
     * @param seen absent where it never came
     */
    public record Entry(
            EventName event, @Nullable Specification specification, @Nullable Seen seen) {

        /** The properties that its specification gives it. */
        public Map<String, PropertyType> expected() {
            Specification.Known known =
                    specification == null ? null : specification.events().get(event.name());
            return known == null ? Map.of() : known.properties();
        }
    }

    public static Catalogue of(List<Specification> specifications, List<Seen> seen) {
        Map<EventName, Entry> entries = new TreeMap<>(EventName.BY_NAME);
        Map<String, String> aliases = new HashMap<>();
        for (Specification specification : specifications) {
            specification
                    .events()
                    .forEach((name, known) -> {
                        EventName event = new EventName(Kind.TRACK, name);
                        entries.put(event, new Entry(event, specification, null));
                        known.aliases().forEach(alias -> aliases.put(alias, name));
                    });
        }
        for (Seen line : seen) {
            Entry known = entries.get(line.event());
            entries.put(
                    line.event(),
                    new Entry(line.event(), known == null ? null : known.specification(), line));
        }
        return new Catalogue(entries, duplicates(entries, aliases));
    }

    private static Map<EventName, NearDuplicates.Duplicate> duplicates(
            Map<EventName, Entry> entries, Map<String, String> aliases) {
        Map<EventName, NearDuplicates.Duplicate> duplicates = new HashMap<>();
        for (Kind kind : List.of(Kind.TRACK, Kind.PAGE, Kind.SCREEN)) {
            List<NearDuplicates.Candidate> candidates = new ArrayList<>();
            for (Entry entry : entries.values()) {
                Seen seen = entry.seen();
                if (entry.event().kind() == kind) {
                    candidates.add(
                            new NearDuplicates.Candidate(
                                    entry.event().name(),
                                    entry.specification() != null,
                                    seen == null ? 0 : seen.count()));
                }
            }
            NearDuplicates.among(candidates, kind == Kind.TRACK ? aliases : Map.of())
                    .forEach((name, duplicate) ->
                            duplicates.put(new EventName(kind, name), duplicate));
        }
        return duplicates;
    }

    /** By name. */
    public List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /** The better name of an event that has one. */
    public NearDuplicates.@Nullable Duplicate duplicate(EventName event) {
        return duplicates.get(event);
    }

    /** Whether the values that came are of other types than the specification has it. */
    public static boolean isUnexpected(@Nullable PropertyType expected, int bits) {
        return expected != null
                && PropertyType.of(bits).stream().anyMatch(type -> !expected.takes(type));
    }
}
