package io.throughline.identity.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.Trust;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which identifier takes precedence when they disagree, as a table. Sightings are given in the
 * order of their times; {@code u:} is a user id, {@code e:} an email, {@code p:} a phone, {@code
 * a:} an anonymous id. {@code ?} before a sighting marks a source that only claims.
 */
class PartitionTest {

    private static final Instant T = Instant.parse("2026-11-23T10:00:00Z");
    private static final Map<String, String> TYPES =
            Map.of(
                    "u", Identifier.USER_ID,
                    "e", Identifier.EMAIL,
                    "p", Identifier.PHONE,
                    "l", "loyalty",
                    "a", Identifier.ANONYMOUS_ID);
    private static final RulesInForce RULES = new RulesInForce(ResolutionRules.initial());

    @ParameterizedTest(name = "{0} -> {1} refused {2}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // sightings in order of time            | customers                  | refused
                "a:1                                     | a:1                        | -",
                "u:1 e:1 a:1                             | a:1 e:1 u:1                | -",
                "a:1 / u:1 a:1                           | a:1 u:1                    | -",
                "a:1 / u:1 / u:1 a:1                     | a:1 u:1                    | -",
                "a:1 / e:1 / p:1 / e:1 p:1 a:1           | a:1 e:1 p:1                | -",
                "a:1 a:2 / u:1 e:1 / e:1 a:2             | a:1 a:2 e:1 u:1            | -",
                // a shared tablet: log-out, log-in as somebody else
                "a:1 / u:1 a:1 / u:2 a:1                 | a:1 u:1 + u:2              | a:1",
                // whoever was first keeps the device, whichever event came in first
                "u:2 a:1 / u:1 a:1                       | a:1 u:2 + u:1              | a:1",
                // the same where nobody has a user id
                "e:1 a:1 / e:2 a:1 / e:3 a:1             | a:1 e:1 + e:2 + e:3        | a:1 a:1",
                "p:1 a:1 / e:2 p:2 a:1                   | a:1 p:1 + e:2 p:2          | a:1",
                "u:1 e:1 / e:2 a:1 / u:1 a:1             | e:1 u:1 + a:1 e:2          | a:1",
                // an email and a phone may well be one person's, and two emails where more than a
                // device says so
                "e:1 a:1 / p:1 a:1                       | a:1 e:1 p:1                | -",
                "u:1 e:1 a:1 / u:1 e:2 a:1               | a:1 e:1 e:2 u:1            | -",
                "e:1 a:1 / e:2 a:1 / u:1 e:1 / u:1 e:2   | a:1 e:1 e:2 u:1            | a:1",
                // a family's phone and mailbox
                "u:1 p:1 / u:2 e:2 p:1                   | p:1 u:1 + e:2 u:2          | p:1",
                "u:1 e:1 / u:2 e:1                       | e:1 u:1 + u:2              | e:1",
                // without a user id the stronger identifier says whose it is
                "u:1 e:1 / u:2 a:1 / e:1 a:1             | e:1 u:1 + a:1 u:2          | a:1",
                "u:1 e:1 / u:2 p:1 / e:1 p:1 a:9         | a:9 e:1 u:1 + p:1 u:2      | p:1",
                "u:1 p:1 / u:2 a:1 / p:1 a:1             | p:1 u:1 + a:1 u:2          | a:1",
                "u:1 l:1 / u:2 a:1 / l:1 a:1             | l:1 u:1 + a:1 u:2          | a:1",
                // what can be joined is, what cannot is not
                "u:1 a:1 / e:2 / u:2 e:2 a:1             | a:1 u:1 + e:2 u:2          | a:1",
                "p:1 / u:1 e:1 / u:2 e:1 p:1             | p:1 u:2 + e:1 u:1          | e:1",
                // the word null and its kin join nobody
                "u:1 e:null@null.com / u:2 e:null@null.com | u:1 + u:2                | -",
                "u:1 a:0000-0000 / u:2 a:0000-0000       | u:1 + u:2                  | -",
                "e:info@shop.example                     | nobody                     | -",
                // a claim joins nobody; the device that made it is known by itself
                "u:1 p:1 / ?p:1 a:2                      | p:1 u:1 + a:2              | -",
                "u:1 p:1 / ?p:1                          | p:1 u:1 + nobody           | -",
                // until somebody who knows says the same
                "u:1 p:1 / ?p:1 a:2 / p:1 a:2            | a:2 p:1 u:1                | -",
                // a device that six people used is nobody's
                "u:1 a:1 / u:2 a:1 / u:3 a:1 / u:4 a:1 / u:5 a:1 | a:1 u:1 + u:2 + u:3 + u:4 + u:5 | a:1 a:1 a:1 a:1",
                "u:1 a:1 / u:2 a:1 / u:3 a:1 / u:4 a:1 / u:5 a:1 / u:6 a:1 / a:1 | u:1 + u:2 + u:3 + u:4 + u:5 + u:6 + nobody | -",
                // no more loyalty cards than three
                "u:1 l:1 / u:1 l:2 / u:1 l:3 / u:1 l:4   | l:1 l:2 l:3 u:1            | l:4",
                "u:1 l:1 / u:1 l:2 / u:1 l:3 / u:1 l:4 / l:4 e:4 | l:1 l:2 l:3 u:1 + e:4 l:4 | l:4",
            })
    void precedence(String sightings, String customers, @Nullable String refused) {
        Partition partition = Partition.of(sightings(sightings), Set.of(), Separations.NONE, RULES);
        assertThat(written(partition)).isEqualTo(customers.strip());
        assertThat(refused(partition)).isEqualTo(refused == null ? "" : refused.strip());
    }

    /** A till sends the cashier's card with each receipt's email, and knows no user ids. */
    @Test
    void aCardThatCameWithVeryManyAddressesIsNobodys() {
        assertThat(shared(20)).isEmpty();
        assertThat(shared(21)).containsExactly(identifier("l:1"));
    }

    private static Set<Identifier> shared(int addresses) {
        String receipts =
                IntStream.range(0, addresses)
                        .mapToObj(i -> "e:x" + i + " l:1")
                        .collect(Collectors.joining(" / "));
        return Partition.of(sightings(receipts), Set.of(), Separations.NONE, RULES).shared();
    }

    @Test
    void whatWasTakenApartStaysApart() {
        Separations apart =
                new Separations(
                        List.of(
                                new Separations.Pair(identifier("p:1"), identifier("u:1")),
                                new Separations.Pair(identifier("p:1"), identifier("a:1"))));
        Partition partition =
                Partition.of(sightings("a:1 p:1 / u:1 a:1 / u:1 p:1"), Set.of(), apart, RULES);
        assertThat(written(partition)).isEqualTo("p:1 + a:1 u:1");
        assertThat(partition.refused().values())
                .allSatisfy(refusals ->
                        assertThat(refusals)
                                .extracting(Refusal::why)
                                .containsOnly(Refusal.Why.SEPARATED));
    }

    @Test
    void aLimitOverTimeCountsWhatWasLinkedWithinIt() {
        RulesInForce twoADay =
                new RulesInForce(
                        new ResolutionRules(
                                2,
                                List.of(
                                        new TypeRule(TypeRule.ANY, true, 1, null, 0, false),
                                        new TypeRule(
                                                Identifier.ANONYMOUS_ID,
                                                true,
                                                2,
                                                Duration.ofDays(1),
                                                0,
                                                true)),
                                List.of(),
                                100));
        List<Sighting> sightings =
                List.of(
                        sighting("u:1 a:1", 0),
                        sighting("u:1 a:2", 3600),
                        sighting("u:1 a:3", 7200),
                        sighting("u:1 a:4", 86_400));
        Partition partition = Partition.of(sightings, Set.of(), Separations.NONE, twoADay);
        assertThat(written(partition)).isEqualTo("a:1 a:2 a:4 u:1");
        assertThat(refused(partition)).isEqualTo("a:3");
    }

    @Test
    void aProfileThatHasGrownToItsBoundWaitsForSomebodyToLookAtIt() {
        RulesInForce small =
                new RulesInForce(
                        new ResolutionRules(
                                2,
                                List.of(new TypeRule(TypeRule.ANY, true, 100, null, 0, false)),
                                List.of(),
                                3));
        Partition partition =
                Partition.of(
                        sightings("a:1 a:2 a:3 / e:1 / e:1 a:1"),
                        Set.of(),
                        Separations.NONE,
                        small);
        assertThat(partition.groups()).hasSize(2);
        assertThat(partition.refused().values().iterator().next())
                .extracting(Refusal::why)
                .containsExactly(Refusal.Why.QUARANTINED);
    }

    private static List<Sighting> sightings(String text) {
        List<Sighting> sightings = new ArrayList<>();
        for (String one : text.strip().split(" */ *")) {
            sightings.add(sighting(one, sightings.size()));
        }
        return sightings;
    }

    private static Sighting sighting(String text, int seconds) {
        boolean claimed = text.startsWith("?");
        List<Identifier> identifiers =
                Arrays.stream(text.substring(claimed ? 1 : 0).strip().split(" +"))
                        .map(PartitionTest::identifier)
                        .toList();
        return new Sighting(
                Evidence.of(identifiers, claimed ? Trust.CLAIMED : Trust.TRUSTED),
                new Occasion(T.plusSeconds(seconds), "shop", "m" + seconds));
    }

    private static String written(Partition partition) {
        return partition.groups().stream()
                .map(group ->
                        group.held().isEmpty()
                                ? "nobody"
                                : group.held().keySet().stream()
                                        .map(PartitionTest::shortOf)
                                        .sorted()
                                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining(" + "));
    }

    private static String refused(Partition partition) {
        return partition.refused().entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .flatMap(e -> e.getValue().stream())
                .map(r -> shortOf(r.identifier()))
                .collect(Collectors.joining(" "));
    }

    private static Identifier identifier(String text) {
        return new Identifier(
                TYPES.getOrDefault(text.substring(0, 1), "custom"), text.substring(2));
    }

    private static String shortOf(Identifier identifier) {
        return identifier.type().charAt(0) + ":" + identifier.value();
    }
}
