package io.throughline.identity.whereabouts;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.identity.whereabouts.Grounds.Said;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Where a customer is taken to be")
class CluesTest {

    private static final Instant T = Instant.parse("2026-11-23T10:00:00Z");

    @ParameterizedTest(name = "stated {0}, address {1} {2}, device {3}, numbers {4}: {5}")
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                // nothing, and one piece alone
                "-; -; -; -; -; ''",
                "Europe/Madrid; -; -; -; -; Europe/Madrid",
                "-; FR; -; -; -; Europe/Paris|FR",
                "-; US; FL; -; -; America/Chicago,America/New_York|US-FL",
                "-; United States; Florida; -; -; America/Chicago,America/New_York|US-FL",
                "-; usa; US-TX; -; -; America/Chicago,America/Denver|US-TX",
                "-; -; -; Asia/Tokyo; -; Asia/Tokyo",
                "-; -; -; -; +33612345678; Europe/Paris|FR",
                "-; -; -; -; +13055551234; America/New_York|US-FL",
                "-; -; -; -; +18508551234; America/Chicago|US-FL",
                "-; -; -; -; +12125551234; America/New_York|US-NY",
                "-; -; -; -; +13605551234; America/Los_Angeles|US-WA",
                // pieces that agree: the most exact of them
                "America/New_York; US; FL; -; -; America/New_York|US-FL",
                "US/Eastern; US; FL; America/Detroit; -; US/Eastern|US-FL",
                "-; US; FL; America/Chicago; -; America/Chicago|US-FL",
                // pieces that contradict each other: all of them
                "America/New_York; US; CA; -; -; America/Los_Angeles,America/New_York|US-CA",
                "America/New_York; US; FL; America/Chicago; -; America/Chicago,America/New_York|US-FL",
                "Europe/Madrid; -; -; Asia/Tokyo; -; Asia/Tokyo,Europe/Madrid",
                "Europe/Madrid; US; CA; America/Los_Angeles; -; America/Los_Angeles,Europe/Madrid|US-CA",
                "Europe/Madrid; FR; -; Asia/Tokyo; -; Asia/Tokyo,Europe/Madrid|FR",
                // Madrid's clocks are Paris's
                "Europe/Madrid; FR; -; -; -; Europe/Madrid|FR",
                // a number yields to all of them, but the law goes by it
                "Europe/Paris; -; -; -; +33612345678; Europe/Paris|FR",
                "America/Los_Angeles; US; CA; -; +13055551234; America/Los_Angeles|US-CA,US-FL|America/New_York",
                "America/New_York; US; -; -; +13055551234; America/New_York|US-FL",
                "-; -; -; -; +13055551234 +33612345678; America/New_York,Europe/Paris|FR,US-FL",
                // what says nothing
                "Nowhere/Land; Atlantis; -; -; -; ''",
                "-; -; FL; -; -; ''",
                "-; US; Atlantis; -; +999; America/Adak,America/Anchorage,America/Chicago,America/Denver,America/Los_Angeles,America/New_York,America/Phoenix,Pacific/Honolulu|US",
            })
    void table(
            @Nullable String stated,
            @Nullable String country,
            @Nullable String state,
            @Nullable String device,
            @Nullable String numbers,
            String where) {
        Grounds grounds =
                new Grounds(said(stated), said(country), said(state), said(device), held(numbers));
        assertThat(Clues.of(grounds).whereabouts().text()).isEqualTo(where);
    }

    @Test
    @DisplayName("a number without an area may be anywhere in its country")
    void tollFree() {
        Clue number =
                Clues.of(new Grounds(null, null, null, null, held("+18005551234")))
                        .pieces()
                        .getFirst();
        assertThat(number.region()).isEqualTo("US");
        assertThat(number.zones())
                .contains(ZoneId.of("America/New_York"), ZoneId.of("Pacific/Honolulu"))
                .doesNotContain(ZoneId.of("America/Halifax"));
    }

    @Test
    @DisplayName("every piece is shown with what was said and when, the better known first")
    void shown() {
        Grounds grounds =
                new Grounds(
                        said("Europe/Madrid"),
                        said("France"),
                        null,
                        said("Asia/Tokyo"),
                        held("+13055551234"));
        assertThat(Clues.of(grounds).pieces())
                .containsExactly(
                        clue(Clue.Kind.STATED, "Europe/Madrid", "Europe/Madrid", null),
                        clue(Clue.Kind.ADDRESS, "France", "Europe/Paris", "FR"),
                        clue(Clue.Kind.EVENT, "Asia/Tokyo", "Asia/Tokyo", null),
                        clue(Clue.Kind.PHONE, "+13055551234", "America/New_York", "US-FL"));
    }

    @Test
    @DisplayName("every country and state has a zone that this JDK knows")
    void places() {
        for (String code : List.of("FR", "US", "IN", "BR", "GB", "AU", "US-DC", "US-PR")) {
            assertThat(Places.zones(code, code)).as(code).isNotEmpty();
        }
    }

    private static Clue clue(Clue.Kind kind, String value, String zone, @Nullable String region) {
        return new Clue(kind, value, T, List.of(ZoneId.of(zone)), region);
    }

    private static @Nullable Said said(@Nullable String value) {
        return value == null ? null : new Said(value, T);
    }

    private static SortedMap<String, Instant> held(@Nullable String numbers) {
        SortedMap<String, Instant> held = new TreeMap<>();
        if (numbers != null) {
            Arrays.stream(numbers.split(" ", -1)).forEach(number -> held.put(number, T));
        }
        return held;
    }
}
