package io.throughline.identity.engagement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.identity.engagement.Reachability.Address;
import io.throughline.identity.engagement.Reachability.Permission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngagementTest {

    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final CustomerId ANA = new CustomerId(new UUID(0, 1));

    @Test
    void whatMachinesOpenIsNoEngagement() {
        Engagement seen =
                after(
                        new MessageEvent.Opened(message(1), ANA, Channel.EMAIL, null, true, NOW),
                        sent(Channel.EMAIL, 1, NOW));
        assertThat(seen.engagements()).isZero();
        assertThat(seen.lastEngaged()).isNull();
        assertThat(seen.sent()).isEqualTo(1);
    }

    @Test
    void nothingHappenedLaterThanNow() {
        assertThat(after(sent(Channel.SMS, 1, NOW.plus(Duration.ofDays(400)))).lastSent())
                .isEqualTo(NOW);
    }

    @Test
    void idsThatAreOneCustomerCanBeAddedUpInAnyOrder() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            List<Engagement> parts = new ArrayList<>();
            for (int id = 0; id < 4; id++) {
                Engagement part = Engagement.NONE;
                for (int i = 0; i < 6; i++) {
                    Instant at = NOW.minus(Duration.ofHours(random.nextInt(5_000)));
                    part = part.with(any(random, at), NOW);
                }
                parts.add(part);
            }
            Engagement inOrder = parts.stream().reduce(Engagement.NONE, Engagement::plus);
            Collections.shuffle(parts, random);
            Engagement shuffled = parts.stream().reduce(Engagement.NONE, Engagement::plus);
            assertThat(shuffled)
                    .as("seed %d", seed)
                    .usingRecursiveComparison()
                    .ignoringFields("sentWeight", "engagedWeight", "lastAnswered", "refusal")
                    .isEqualTo(inOrder);
            assertThat(shuffled.sentWeight()).isCloseTo(inOrder.sentWeight(), within(1e-9));
            assertThat(shuffled.engagedWeight()).isCloseTo(inOrder.engagedWeight(), within(1e-9));
        }
    }

    @Test
    void theFavouriteIsWhereMostOfWhatWasSentLatelyWasAnswered() {
        Engagement mail = Engagement.NONE;
        Engagement text = Engagement.NONE;
        for (int i = 0; i < 10; i++) {
            Instant longAgo = NOW.minus(Duration.ofDays(500 + i));
            Instant lately = NOW.minus(Duration.ofDays(i));
            mail = mail.with(sent(Channel.EMAIL, i, longAgo), NOW).with(click(i, longAgo), NOW);
            mail = mail.with(sent(Channel.EMAIL, 20 + i, lately), NOW);
            text = text.with(sent(Channel.SMS, i, lately), NOW);
            text = i % 3 == 0 ? text.with(reply(i, lately), NOW) : text;
        }
        assertThat(Engagement.favourite(Map.of(Channel.EMAIL, mail, Channel.SMS, text)))
                .contains(Channel.SMS);
        assertThat(Engagement.favourite(Map.of(Channel.EMAIL, mail))).contains(Channel.EMAIL);
    }

    @Test
    void aSingleAnswerIsNotAHabitAndReadingAMailTwiceIsNotTwoMails() {
        Engagement once =
                Engagement.NONE.with(sent(Channel.SMS, 1, NOW), NOW).with(reply(1, NOW), NOW);
        Engagement often = Engagement.NONE;
        for (int i = 0; i < 20; i++) {
            often = often.with(sent(Channel.EMAIL, i, NOW), NOW);
            often = i < 15 ? often.with(click(i, NOW), NOW) : often;
        }
        assertThat(Engagement.favourite(Map.of(Channel.SMS, once, Channel.EMAIL, often)))
                .contains(Channel.EMAIL);
        Engagement again = Engagement.NONE;
        for (int i = 0; i < 20; i++) {
            again = again.with(sent(Channel.EMAIL, i, NOW), NOW).with(click(0, NOW), NOW);
        }
        assertThat(again.clicked()).isEqualTo(20);
        assertThat(Engagement.favourite(Map.of(Channel.SMS, once, Channel.EMAIL, again)))
                .contains(Channel.SMS);
        assertThat(Engagement.favourite(Map.of(Channel.SMS, after(sent(Channel.SMS, 1, NOW)))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "EMAIL, 550 5.1.1, true",
        "EMAIL, 550, true",
        "EMAIL, 553, true",
        "EMAIL, 550 5.2.1, true",
        "EMAIL, 552 5.2.2, false",
        "EMAIL, 550 5.7.1, false",
        "EMAIL, 554, false",
        "SMS, 0x0B, true",
        "SMS, EXPIRED, false",
        "SMS, 0x58, false",
    })
    void aCodeThatSaysThatNobodyIsThereIsAHardFailure(Channel channel, String code, boolean hard) {
        Engagement tried = after(failed(channel, code, NOW));
        assertThat(tried.failed()).isEqualTo(1);
        assertThat(tried.lastRefused() != null).isEqualTo(hard);
    }

    @Test
    void whatIsInTheWayIsToldInItsOrder() {
        Address address = new Address("+34600111222", NOW.minusSeconds(50));
        Engagement refused = after(failed(Channel.SMS, "0x0B", NOW.minusSeconds(9)));
        assertThat(why(null, Permission.OPTED_IN, true, refused))
                .isEqualTo(Reachability.Why.NO_ADDRESS);
        assertThat(why(address, Permission.OPTED_OUT, true, refused))
                .isEqualTo(Reachability.Why.ADDRESS_STOPPED);
        assertThat(why(address, Permission.OPTED_OUT, false, refused))
                .isEqualTo(Reachability.Why.OPTED_OUT);
        assertThat(why(address, Permission.NONE, false, refused))
                .isEqualTo(Reachability.Why.HARD_FAILURE);
        assertThat(why(address, Permission.NONE, false, Engagement.NONE))
                .isEqualTo(Reachability.Why.NO_CONSENT);
        assertThat(why(address, Permission.SOME_TOPICS, false, Engagement.NONE)).isNull();
    }

    @Test
    void aHardFailureCountsUntilSomethingArrivesOrTheAddressIsAnother() {
        Engagement refused = after(failed(Channel.SMS, "0x0B", NOW.minusSeconds(9)));
        Address old = new Address("+34600111222", NOW.minusSeconds(50));
        Address other = new Address("+34600111333", NOW.minusSeconds(5));
        Engagement arrived =
                refused.with(
                        new MessageEvent.Delivered(message(2), ANA, Channel.SMS, null, NOW), NOW);
        assertThat(why(old, Permission.OPTED_IN, false, refused))
                .isEqualTo(Reachability.Why.HARD_FAILURE);
        assertThat(why(other, Permission.OPTED_IN, false, refused)).isNull();
        assertThat(why(old, Permission.OPTED_IN, false, arrived)).isNull();
    }

    @Test
    void theWholeChannelGoesBeforeItsTopics() {
        assertThat(Permission.of(Map.of())).isEqualTo(Permission.NONE);
        assertThat(Permission.of(Map.of("news", ConsentState.OPTED_OUT)))
                .isEqualTo(Permission.NONE);
        assertThat(Permission.of(Map.of("news", ConsentState.OPTED_IN)))
                .isEqualTo(Permission.SOME_TOPICS);
        assertThat(Permission.of(Map.of("news", ConsentState.OPTED_IN, "", ConsentState.OPTED_OUT)))
                .isEqualTo(Permission.OPTED_OUT);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, , NEW",
        "29, 29, , NEW",
        "30, 0, , ACTIVE",
        "400, 59, , ACTIVE",
        "400, 60, , AT_RISK",
        "400, 179, , AT_RISK",
        "400, 180, , LAPSED",
        "400, 180, 10, ACTIVE",
        "400, 180, 60, AT_RISK",
    })
    void theStageFollowsFromDaysSince(
            long firstSeen, long lastSeen, @Nullable Long lastEngaged, LifecycleStage stage) {
        assertThat(
                        LifecycleStage.of(
                                ago(firstSeen),
                                ago(lastSeen),
                                lastEngaged == null ? null : ago(lastEngaged),
                                NOW))
                .isEqualTo(stage);
    }

    @Test
    void itIsStoredAsItIs() throws JsonProcessingException {
        Engagement engagement =
                after(sent(Channel.SMS, 1, NOW), reply(1, NOW), failed(Channel.SMS, "0x0B", NOW));
        String written = ContractJson.mapper().writeValueAsString(engagement);
        assertThat(ContractJson.mapper().readValue(written, Engagement.class))
                .isEqualTo(engagement);
    }

    private static Instant ago(long days) {
        return NOW.minus(Duration.ofDays(days));
    }

    private static Reachability.@Nullable Why why(
            @Nullable Address address, Permission consent, boolean stopped, Engagement engagement) {
        Reachability found = Reachability.of(address, consent, stopped, engagement);
        assertThat(found.reachable()).isEqualTo(found.why() == null);
        return found.why();
    }

    private static Engagement after(MessageEvent... events) {
        Engagement engagement = Engagement.NONE;
        for (MessageEvent event : events) {
            engagement = engagement.with(event, NOW);
        }
        return engagement;
    }

    private static MessageEvent any(Random random, Instant at) {
        int message = random.nextInt(3);
        return switch (random.nextInt(4)) {
            case 0 -> sent(Channel.SMS, message, at);
            case 1 -> reply(message, at);
            case 2 -> failed(Channel.SMS, "0x0B", at);
            default -> new MessageEvent.Delivered(message(message), ANA, Channel.SMS, null, at);
        };
    }

    private static MessageEvent sent(Channel channel, int message, Instant at) {
        return new MessageEvent.Sent(
                message(message), ANA, channel, null, "t", "r", null, 1, List.of(), 1, at);
    }

    private static MessageEvent click(int message, Instant at) {
        return new MessageEvent.Clicked(
                message(message), ANA, Channel.EMAIL, null, "https://shop.example", at);
    }

    private static MessageEvent reply(int message, Instant at) {
        return new MessageEvent.Replied(
                message(message), ANA, Channel.SMS, "+34600111222", null, at);
    }

    private static MessageEvent failed(Channel channel, String code, Instant at) {
        return new MessageEvent.Failed(message(9), ANA, channel, null, code, "no", at);
    }

    private static MessageId message(int number) {
        return new MessageId(new UUID(1, number));
    }
}
