package io.throughline.journey.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.message.SuppressionReason;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.journey.choice.Engagement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KnownCustomerTest {

    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
    private static final CustomerId ANA = new CustomerId(new UUID(0x7000L, 1));
    private static final CustomerId GUEST = new CustomerId(new UUID(0x7000L, 2));

    @Test
    void theHighestProfileVersionStays() {
        KnownCustomer ana = KnownCustomer.stranger(ANA).with(profile(3, "new"));
        assertThat(ana.with(profile(2, "old")).traits()).containsEntry("name", "new");
        assertThat(ana.with(profile(4, "newer")).traits()).containsEntry("name", "newer");
    }

    @Test
    void inWhateverOrderConsentsComeTheLatestCountsAndAnOptOutWinsATie() {
        List<ConsentChanged> words =
                List.of(
                        said(Channel.SMS, null, ConsentState.OPTED_IN, 1),
                        said(Channel.SMS, null, ConsentState.OPTED_OUT, 2),
                        said(Channel.SMS, null, ConsentState.OPTED_IN, 2),
                        said(Channel.EMAIL, "offers", ConsentState.OPTED_OUT, 1),
                        said(Channel.EMAIL, "offers", ConsentState.OPTED_IN, 5),
                        said(Channel.EMAIL, null, ConsentState.OPTED_IN, 3));
        for (int seed = 0; seed < 200; seed++) {
            List<ConsentChanged> shuffled = new ArrayList<>(words);
            Collections.shuffle(shuffled, new Random(seed));
            KnownCustomer ana = KnownCustomer.stranger(ANA);
            for (ConsentChanged word : shuffled) {
                ana = ana.with(word);
            }
            assertThat(ana.view().consents())
                    .as("seed %d", seed)
                    .isEqualTo(
                            Map.of(
                                    "sms", ConsentState.OPTED_OUT,
                                    "email:offers", ConsentState.OPTED_IN,
                                    "email", ConsentState.OPTED_IN));
        }
    }

    @Test
    void aMergeNeverLoosens() {
        KnownCustomer out =
                KnownCustomer.stranger(GUEST)
                        .with(said(Channel.SMS, null, ConsentState.OPTED_OUT, 1))
                        .reached(Channel.SMS);
        KnownCustomer in =
                KnownCustomer.stranger(ANA)
                        .with(said(Channel.SMS, null, ConsentState.OPTED_IN, 9))
                        .reached(Channel.SMS)
                        .answered(Channel.SMS);
        assertThat(in.joinedWith(out, NOW).view().consents())
                .containsEntry("sms", ConsentState.OPTED_OUT);
        assertThat(out.joinedWith(in, NOW).view().consents())
                .containsEntry("sms", ConsentState.OPTED_OUT);
        assertThat(
                        out.joinedWith(in, NOW)
                                .with(said(Channel.SMS, null, ConsentState.OPTED_IN, 5))
                                .view()
                                .consents())
                .as("after an opt-in from between them")
                .containsEntry("sms", ConsentState.OPTED_OUT);
        assertThat(in.joinedWith(out, NOW).engagement())
                .containsEntry(Channel.SMS, new Engagement(2, 1));
    }

    @Test
    void consentIsReadAsTheGateReadsIt() {
        KnownCustomer stranger = KnownCustomer.stranger(ANA);
        KnownCustomer in = stranger.with(said(Channel.SMS, null, ConsentState.OPTED_IN, 1));
        KnownCustomer out = stranger.with(said(Channel.SMS, null, ConsentState.OPTED_OUT, 1));
        KnownCustomer topicIn =
                stranger.with(said(Channel.SMS, "offers", ConsentState.OPTED_IN, 1));
        KnownCustomer topicOut = in.with(said(Channel.SMS, "offers", ConsentState.OPTED_OUT, 1));

        assertThat(refusal(stranger, Channel.SMS, Category.MARKETING, null))
                .isEqualTo(SuppressionReason.NO_CONSENT);
        assertThat(refusal(stranger, Channel.SMS, Category.SERVICE, null)).isNull();
        assertThat(refusal(in, Channel.SMS, Category.MARKETING, "offers")).isNull();
        assertThat(refusal(topicIn, Channel.SMS, Category.MARKETING, "offers")).isNull();
        assertThat(refusal(topicIn, Channel.SMS, Category.MARKETING, null))
                .isEqualTo(SuppressionReason.NO_CONSENT);
        assertThat(refusal(topicOut, Channel.SMS, Category.SERVICE, "offers"))
                .isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(refusal(out, Channel.SMS, Category.SERVICE, null))
                .isEqualTo(SuppressionReason.OPTED_OUT);
        assertThat(refusal(out, Channel.SMS, Category.TRANSACTIONAL, null))
                .isEqualTo(SuppressionReason.OPTED_OUT);
        KnownCustomer emailOut =
                stranger.with(said(Channel.EMAIL, null, ConsentState.OPTED_OUT, 1));
        assertThat(refusal(emailOut, Channel.EMAIL, Category.TRANSACTIONAL, null)).isNull();
    }

    private static @Nullable SuppressionReason refusal(
            KnownCustomer customer, Channel channel, Category category, @Nullable String topic) {
        GateAnswer answer =
                ConsentRecord.of(customer)
                        .answer(
                                new GateRequest(
                                        ANA,
                                        MessageId.of(new UUID(1, 1), "step", 1),
                                        channel,
                                        category,
                                        topic,
                                        "journey",
                                        "address"),
                                ContactPolicy.initial(),
                                NOW);
        return answer instanceof GateAnswer.Denied denied ? denied.reason() : null;
    }

    private static ConsentChanged said(
            Channel channel, @Nullable String topic, ConsentState state, int second) {
        Instant at = NOW.plusSeconds(second);
        return new ConsentChanged(ANA, channel, topic, state, null, "test", at, at);
    }

    private static ProfileChanged profile(long version, String name) {
        return new ProfileChanged(
                ANA, version, List.of(), Map.of("name", name), Map.of(), null, null, NOW, NOW);
    }
}
