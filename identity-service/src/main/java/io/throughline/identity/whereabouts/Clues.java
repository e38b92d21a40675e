package io.throughline.identity.whereabouts;

import io.throughline.contracts.Whereabouts;
import io.throughline.identity.whereabouts.Clue.Kind;
import io.throughline.identity.whereabouts.Grounds.Said;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of where a customer is.
 *
 * <p>She may be in every zone that somebody who should know it speaks for: the zone that was
 * stated, her address, the device she was last seen with. Of a piece that speaks for several, those
 * count that another piece speaks for too; all of them where none does. So pieces that agree are as
 * good as the most exact of them, and of pieces that contradict each other all hold. A phone number
 * counts only where there is none of those, since people keep theirs when they move; but the law
 * goes by it too.
 *
 * @param pieces the better known first
 */
public record Clues(List<Clue> pieces) {

    public static Clues of(Grounds grounds) {
        List<Clue> pieces = new ArrayList<>();
        if (grounds.zone() != null) {
            pieces.add(ofZone(Kind.STATED, grounds.zone()));
        }
        if (grounds.country() != null) {
            address(grounds.country(), grounds.state()).ifPresent(pieces::add);
        }
        if (grounds.eventZone() != null) {
            pieces.add(ofZone(Kind.EVENT, grounds.eventZone()));
        }
        grounds.numbers()
                .forEach((number, seenAt) -> {
                    NumberOrigin origin = NumberOrigin.of(number);
                    pieces.add(
                            new Clue(Kind.PHONE, number, seenAt, origin.zones(), origin.region()));
                });
        return new Clues(List.copyOf(pieces));
    }

    /** What it comes to. */
    public Whereabouts whereabouts() {
        List<ZoneId> hers = zones(pieces.stream().filter(p -> p.kind() != Kind.PHONE).toList());
        List<ZoneId> numbers =
                Clocks.distinct(
                        pieces.stream()
                                .filter(p -> p.kind() == Kind.PHONE)
                                .flatMap(p -> p.zones().stream())
                                .toList());
        List<String> regions =
                pieces.stream().map(Clue::region).filter(Objects::nonNull).distinct().toList();
        return hers.isEmpty()
                ? Whereabouts.of(numbers, regions, List.of())
                : Whereabouts.of(
                        hers,
                        regions,
                        numbers.stream().filter(zone -> !isAmong(zone, hers)).toList());
    }

    private static List<ZoneId> zones(List<Clue> counting) {
        Set<ZoneId> all = new LinkedHashSet<>();
        for (Clue piece : counting) {
            List<ZoneId> confirmed =
                    piece.zones().stream()
                            .filter(zone ->
                                    counting.stream()
                                            .filter(other -> !other.equals(piece))
                                            .filter(other -> other.zones().size() == 1)
                                            .anyMatch(other -> isAmong(zone, other.zones())))
                            .toList();
            all.addAll(confirmed.isEmpty() ? piece.zones() : confirmed);
        }
        return Clocks.distinct(all);
    }

    private static boolean isAmong(ZoneId zone, List<ZoneId> zones) {
        return zones.stream().anyMatch(other -> Clocks.same(zone, other));
    }

    private static Clue ofZone(Kind kind, Said zone) {
        return new Clue(
                kind, zone.value(), zone.at(), Clocks.zone(zone.value()).stream().toList(), null);
    }

    private static Optional<Clue> address(Said country, @Nullable Said state) {
        return Places.country(country.value())
                .map(code -> {
                    String region =
                            state == null ? code : Places.state(code, state.value()).orElse(code);
                    return new Clue(
                            Kind.ADDRESS,
                            state == null
                                    ? country.value()
                                    : country.value() + ", " + state.value(),
                            country.at(),
                            Places.zones(code, region),
                            region);
                });
    }
}
