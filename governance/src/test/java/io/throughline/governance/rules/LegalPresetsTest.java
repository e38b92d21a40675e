package io.throughline.governance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import java.time.Instant;
import java.time.LocalTime;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Legal presets")
class LegalPresetsTest {

    @Test
    @DisplayName("each say where they were read and when, under an id of their own")
    void areRecordsWithASource() {
        Set<String> ids = new HashSet<>();
        for (LegalPreset preset : LegalPresets.all()) {
            assertThat(ids.add(preset.id())).as(preset.id()).isTrue();
            assertThat(preset.source().citation()).as(preset.id()).isNotBlank();
            assertThat(preset.region()).as(preset.id()).matches("[A-Z]{2}(-[A-Z0-9]{1,3})?");
            assertThat(preset.allowed())
                    .as(preset.id())
                    .allMatch(hours -> hours.from().isBefore(hours.to()));
            assertThat(preset.certain() || preset.remark() != null).as(preset.id()).isTrue();
        }
    }

    @Test
    @DisplayName("are named by id, by what ids begin with, or all at once")
    void areNamed() {
        assertThat(LegalPresets.named(List.of("us-tx")))
                .extracting(LegalPreset::id)
                .containsExactly("us-tx");
        assertThat(LegalPresets.named(List.of("us"))).hasSizeGreaterThan(10);
        assertThat(LegalPresets.named(List.of("all"))).isEqualTo(LegalPresets.all());
        assertThat(LegalPresets.named(List.of("u", "nowhere"))).isEmpty();
    }

    @ParameterizedTest(name = "{0} at {1}: {2} until {3}")
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                // Florida closes at 20:00 in each of the zones she may be in
                "America/New_York|US-FL; 2026-06-01T23:59:00Z; -; -",
                "America/New_York|US-FL; 2026-06-02T00:00:00Z; quiet-hours:us-fl; 2026-06-02T12:00:00Z",
                "America/Chicago,America/New_York|US-FL; 2026-06-02T00:00:00Z; quiet-hours:us-fl; 2026-06-02T13:00:00Z",
                // the number's zone counts for the law
                "America/Los_Angeles|US-CA,US-FL|America/New_York; 2026-06-02T00:30:00Z; quiet-hours:us-ca; 2026-06-02T16:00:00Z",
                // Texas opens at noon on Sundays, New York has none of its own
                "America/Chicago|US-TX; 2026-06-07T15:00:00Z; quiet-hours:us-tx; 2026-06-07T17:00:00Z",
                "America/New_York|US-NY; 2026-06-07T15:00:00Z; -; -",
                // whose state is not known may be in any: Rhode Island closes first, Kentucky opens
                // last
                "America/New_York|US; 2026-06-01T22:00:00Z; quiet-hours:us-ky; 2026-06-02T14:00:00Z",
                // of whom nothing is known only the country's own holds; elsewhere none does
                "Europe/Paris; 2026-06-02T05:59:00Z; quiet-hours:in; 2026-06-02T07:00:00Z",
                "Europe/Madrid|ES; 2026-06-02T05:59:00Z; -; -",
                // France is closed on Sundays and at Christmas
                "Europe/Paris|FR; 2026-06-02T05:59:00Z; quiet-hours:fr; 2026-06-02T06:00:00Z",
                "Europe/Paris|FR; 2026-06-07T10:00:00Z; quiet-hours:fr; 2026-06-08T06:00:00Z",
                "Europe/Paris|FR; 2026-12-24T19:30:00Z; quiet-hours:fr; 2026-12-26T07:00:00Z",
                "Asia/Kolkata|IN; 2026-06-07T15:29:00Z; -; -",
                "Asia/Kolkata|IN; 2026-06-07T15:30:00Z; quiet-hours:in; 2026-06-08T03:30:00Z",
                // Washington has a cap and no hours
                "America/Los_Angeles|US-WA; 2026-06-02T03:30:00Z; -; -",
            })
    @DisplayName("hold wherever the customer may be, and say who they are")
    void hold(String where, Instant at, @Nullable String rule, @Nullable Instant until) {
        ContactPolicy policy = ContactPolicy.initial().quietBy(List.of(), List.of("all"));
        Outcome.Quiet quiet =
                Rules.of(policy, Channel.SMS, Category.MARKETING, null, "welcome")
                        .quiet()
                        .at(Whereabouts.of(where), at);
        assertThat(quiet)
                .isEqualTo(
                        rule == null
                                ? null
                                : new Outcome.Quiet(rule, until, Whereabouts.of(where)));
    }

    @Test
    @DisplayName("are for marketing on their channels only, and leave the policy's own hours be")
    void besideThePolicys() {
        QuietHours own =
                new QuietHours(LocalTime.of(19, 0), LocalTime.of(10, 0), Set.of(Channel.SMS));
        ContactPolicy policy = ContactPolicy.initial().quietBy(List.of(own), List.of("us"));
        Whereabouts florida = Whereabouts.of("America/New_York|US-FL");
        Instant night = Instant.parse("2026-06-02T04:00:00Z");
        Outcome.Quiet tillTen =
                new Outcome.Quiet("quiet-hours", Instant.parse("2026-06-02T14:00:00Z"), florida);

        for (Category category : List.of(Category.MARKETING, Category.SERVICE)) {
            assertThat(
                            Rules.of(policy, Channel.SMS, category, null, "welcome")
                                    .quiet()
                                    .at(florida, night))
                    .isEqualTo(tillTen);
        }
        assertThat(Rules.of(policy, Channel.SMS, Category.SERVICE, null, "welcome").quiet().rules())
                .hasSize(1);
        assertThat(
                        Rules.of(policy, Channel.EMAIL, Category.MARKETING, null, "welcome")
                                .quiet()
                                .isEmpty())
                .isTrue();
        assertThat(
                        Rules.of(policy, Channel.SMS, Category.TRANSACTIONAL, null, "welcome")
                                .quiet()
                                .isEmpty())
                .isTrue();
    }
}
