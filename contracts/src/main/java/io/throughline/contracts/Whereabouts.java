package io.throughline.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a customer may be, as a short text that the gate holds: time zones, regions, and zones that
 * only her phone number speaks for, as in {@code America/Chicago,America/New_York|US-FL} or {@code
 * Europe/Paris|FR,US-CA|America/Los_Angeles}. A plain zone is one too. All of them hold together:
 * she may be in any of the zones, and under the law of any of the regions.
 *
 * @param zones tz database zones in order; empty where nothing speaks for any
 * @param regions ISO 3166 in order: a state, as in {@code US-FL}, or a country of which no state is
 *     known
 * @param numberZones zones of her phone number that are none of hers otherwise; only the law goes
 *     by them
 * @param anywhere whether she may be in any zone there is; more zones were known than the text has
 *     room for, or one that this JDK does not know
 */
public record Whereabouts(
        List<ZoneId> zones, List<String> regions, List<ZoneId> numberZones, boolean anywhere) {

    /** The gate keeps the text's length in one byte. */
    public static final int LONGEST = 255;

    /** Nothing is known. */
    public static final Whereabouts UNKNOWN =
            new Whereabouts(List.of(), List.of(), List.of(), false);

    private static final String ANYWHERE = "*";
    private static final Pattern ITEMS = Pattern.compile(",");
    private static final Pattern PARTS = Pattern.compile("\\|");
    private static final Comparator<ZoneId> BY_ID = Comparator.comparing(ZoneId::getId);

    public Whereabouts {
        zones = ordered(zones);
        regions = withoutCountriesOfStates(regions);
        List<ZoneId> hers = zones;
        numberZones = ordered(numberZones).stream().filter(z -> !hers.contains(z)).toList();
    }

    /** In one zone, which is all that is known. */
    public static Whereabouts in(ZoneId zone) {
        return new Whereabouts(List.of(zone), List.of(), List.of(), false);
    }

    /** All that is given; anywhere where that is more than the text has room for. */
    public static Whereabouts of(
            Collection<ZoneId> zones, Collection<String> regions, Collection<ZoneId> numberZones) {
        return new Whereabouts(
                        List.copyOf(zones), List.copyOf(regions), List.copyOf(numberZones), false)
                .thatFits();
    }

    /** Reads any text: a zone that is not known here is taken for any zone there is. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Whereabouts of(String text) {
        String[] parts = PARTS.split(text, -1);
        List<ZoneId> zones = new ArrayList<>();
        List<ZoneId> numberZones = new ArrayList<>();
        boolean allKnown = read(part(parts, 0), zones) && read(part(parts, 2), numberZones);
        return new Whereabouts(zones, items(part(parts, 1)), numberZones, !allKnown);
    }

    /** Both hold. */
    public Whereabouts and(Whereabouts other) {
        return new Whereabouts(
                        both(zones, other.zones),
                        both(regions, other.regions),
                        both(numberZones, other.numberZones),
                        anywhere || other.anywhere)
                .thatFits();
    }

    /** Whether anything is known. */
    public boolean known() {
        return !equals(UNKNOWN);
    }

    /** The canonical text, at most {@link #LONGEST} bytes. */
    @JsonValue
    public String text() {
        String named = anywhere ? ANYWHERE : ids(zones);
        String ofNumber = anywhere ? "" : ids(numberZones);
        String where = String.join(",", regions);
        if (!ofNumber.isEmpty()) {
            return named + "|" + where + "|" + ofNumber;
        }
        return where.isEmpty() ? named : named + "|" + where;
    }

    /**
     * Whether a region's law may hold. A country's holds in all its states, and where no region is
     * known at all; a state's also where only its country is known, since it may be that state.
     *
     * @param region ISO 3166, of a country or of a state
     */
    public boolean mayBeIn(String region) {
        if (anywhere) {
            return true;
        }
        int dash = region.indexOf('-');
        return dash < 0
                ? regions.isEmpty()
                        || regions.stream()
                                .anyMatch(r -> r.equals(region) || r.startsWith(region + "-"))
                : regions.contains(region) || regions.contains(region.substring(0, dash));
    }

    private Whereabouts thatFits() {
        if (text().getBytes(StandardCharsets.UTF_8).length <= LONGEST) {
            return this;
        }
        Whereabouts wide = new Whereabouts(List.of(), regions, List.of(), true);
        return wide.text().length() <= LONGEST
                ? wide
                : new Whereabouts(List.of(), List.of(), List.of(), true);
    }

    private static boolean read(String text, List<ZoneId> into) {
        boolean allKnown = true;
        for (String id : items(text)) {
            try {
                into.add(ZoneId.of(id));
            } catch (DateTimeException e) {
                allKnown = false;
            }
        }
        return allKnown;
    }

    private static String part(String[] parts, int index) {
        return index < parts.length ? parts[index] : "";
    }

    private static List<String> items(String text) {
        return text.isEmpty() ? List.of() : List.of(ITEMS.split(text));
    }

    private static <T> List<T> both(List<T> a, List<T> b) {
        return Stream.concat(a.stream(), b.stream()).toList();
    }

    private static List<ZoneId> ordered(List<ZoneId> zones) {
        return zones.size() < 2
                ? List.copyOf(zones)
                : zones.stream().distinct().sorted(BY_ID).toList();
    }

    private static List<String> withoutCountriesOfStates(List<String> regions) {
        SortedSet<String> all = new TreeSet<>(regions);
        return all.stream()
                .filter(r -> r.contains("-") || all.stream().noneMatch(s -> s.startsWith(r + "-")))
                .toList();
    }

    private static String ids(List<ZoneId> zones) {
        return zones.stream().map(ZoneId::getId).collect(Collectors.joining(","));
    }
}
