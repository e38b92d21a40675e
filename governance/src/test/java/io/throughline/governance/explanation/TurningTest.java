package io.throughline.governance.explanation;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.message.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The smallest change")
class TurningTest {

    private static final Instant EIGHT = Instant.parse("2026-11-23T08:00:00Z");
    private static final Instant TEN = Instant.parse("2026-11-23T10:00:00Z");
    private static final Verdict KNOWN =
            new Verdict("known-customer", true, null, null, null, null);
    private static final Verdict CONSENT = refused("consent", null);
    private static final Verdict ADDRESS = refused("address", null);
    private static final Verdict NIGHT = refused("quiet-hours", EIGHT);
    private static final Verdict DAY = cap("cap:global:P1D", 3, 3, 1, TEN);
    private static final Verdict EARLY = cap("cap:channel:sms:P1D", 1, 1, 1, EIGHT.minusSeconds(9));

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @DisplayName("names all that has to change and no more")
    void isNamed(@Nullable String change, @Nullable Instant retryAt, List<Verdict> verdicts) {
        assertThat(Turning.of(Channel.SMS, verdicts, retryAt)).isEqualTo(change);
    }

    @Test
    @DisplayName("names the topic, which may have been opted out of by itself")
    void topic() {
        assertThat(Turning.of(Channel.SMS, "offers", List.of(CONSENT, ADDRESS), null))
                .isEqualTo("consent for SMS and its topic offers under the address itself");
    }

    static Stream<Arguments> isNamed() {
        return Stream.of(
                change(null, null, KNOWN),
                change(null, null, refused("known-customer", null)),
                change("consent for SMS", null, CONSENT),
                change(
                        "a route for SMS, an address for SMS, consent for SMS, allowed from"
                                + " 2026-11-23T08:00:00Z",
                        null,
                        refused("route", null),
                        refused("reachable", null),
                        CONSENT,
                        NIGHT),
                change("consent for SMS under the address itself", null, CONSENT, ADDRESS),
                change("consent for SMS under the address itself", null, ADDRESS),
                change("allowed from 2026-11-23T08:00:00Z", EIGHT, NIGHT),
                change(
                        "1 contact fewer in all in 1 day, or allowed from 2026-11-23T10:00:00Z",
                        TEN,
                        DAY),
                change(
                        "1 contact fewer by this journey in 1 day, or allowed from"
                                + " 2026-11-23T10:00:00Z",
                        TEN,
                        cap("gap:journey", 1, 1, 1, TEN)),
                change(
                        "1 contact fewer of topic offers in 1 day, or allowed from"
                                + " 2026-11-23T10:00:00Z",
                        TEN,
                        cap("gap:topic:offers", 1, 1, 1, TEN)),
                change(
                        "1 contact fewer of topic shop:offers in 1 day and 1 contact fewer of this"
                                + " topic in 7 days (one contact may be of several), or allowed from 2026-11-23T10:00:00Z",
                        TEN,
                        cap("cap:topic:shop:offers:P1D", 1, 1, 1, TEN),
                        cap("cap:topic:P7D", 3, 3, 7, EIGHT)),
                change(
                        "consent for SMS, and 1 contact fewer in all in 1 day or allowed from"
                                + " 2026-11-23T10:00:00Z",
                        null,
                        CONSENT,
                        DAY),
                change("consent for SMS, allowed from 2026-11-23T08:00:00Z", null, CONSENT, NIGHT),
                change("allowed from 2026-11-23T08:00:00Z", EIGHT, NIGHT, EARLY),
                // tried again in the morning; whether it is quiet when the cap ends is not known
                change(
                        "allowed from 2026-11-23T08:00:00Z with 1 contact fewer in all in 1 day",
                        EIGHT,
                        NIGHT,
                        DAY),
                change(
                        "allowed from 2026-11-23T08:00:00Z with 1 contact fewer in all in 1 day, or"
                                + " else from 2026-11-23T10:00:00Z",
                        TEN,
                        NIGHT,
                        EARLY,
                        DAY),
                change(
                        "2 contacts fewer by this journey in 7 days and 1 contact fewer in all in 1"
                                + " day (one contact may be of several), or allowed from 2026-11-24T07:00:00Z",
                        Instant.parse("2026-11-24T07:00:00Z"),
                        cap("cap:journey:P7D", 5, 4, 7, EIGHT),
                        DAY),
                change(
                        "a contact policy that allows any on sms in 1 day",
                        null,
                        cap("cap:channel:sms:P1D", 0, 0, 1, null)),
                change(
                        "a contact policy without endless quiet-hours",
                        null,
                        refused("quiet-hours", null)),
                change(
                        "allowed from 2026-11-23T10:00:00Z",
                        TEN,
                        cap("cap:channel:sms:P1D", 1, 0, 1, TEN)),
                change(
                        "1 contact fewer in all in 1 day",
                        null,
                        cap("cap:global:P1D", 3, 3, 1, null)),
                change(
                        "consent for SMS; the rules after that were not looked at",
                        null,
                        CONSENT.andNoFurther()));
    }

    private static Arguments change(
            @Nullable String change, @Nullable Instant retryAt, Verdict... verdicts) {
        return Arguments.of(change, retryAt, Arrays.asList(verdicts));
    }

    private static Verdict refused(String rule, @Nullable Instant retryAt) {
        return new Verdict(rule, false, null, null, null, retryAt);
    }

    private static Verdict cap(
            String rule, int count, int limit, int days, @Nullable Instant retryAt) {
        return new Verdict(rule, false, count, limit, Duration.ofDays(days), retryAt);
    }
}
