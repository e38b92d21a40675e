package io.throughline.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StoryTest {

    private final Story story = Story.of(7);

    @Test
    void thirtyCustomersShareTheParts() {
        assertThat(
                        story.customers().stream()
                                .collect(
                                        Collectors.groupingBy(
                                                Story.Customer::part, Collectors.counting())))
                .isEqualTo(
                        Map.of(
                                Story.Part.ABANDONS, 9L,
                                Story.Part.ORDERS, 6L,
                                Story.Part.STOPS, 3L,
                                Story.Part.MAIL_ONLY, 3L,
                                Story.Part.SILENT, 3L,
                                Story.Part.READS, 6L));
    }

    @Test
    void theSameNumberTellsTheSameStory() {
        assertThat(Story.of(7)).isEqualTo(story);
    }

    @Test
    void twoPlaysShareNoAddressAndNoJourney() {
        Story other = Story.of(8);
        assertThat(other.journeys().keySet())
                .doesNotContainAnyElementsOf(story.journeys().keySet());
        assertThat(other.customers()).doesNotContainAnyElementsOf(story.customers());
        assertThat(other.customers().stream().map(Story.Customer::phone))
                .doesNotContainAnyElementsOf(
                        story.customers().stream().map(Story.Customer::phone).toList());
    }

    @Test
    void ordersAndStopsComeBetweenTheEmailAndTheSms() {
        int checkout = secondOf("start a checkout");
        int email = checkout + Story.EMAIL_AFTER;
        int sms = email + Story.SMS_AFTER;
        assertThat(secondOf("order while")).isBetween(email + 1, sms - 1);
        assertThat(secondOf("STOP")).isBetween(email + 1, sms - 1);
        assertThat(secondOf("newsletter 1")).isGreaterThan(sms);
    }

    @Test
    void onlyWhoAgreesGivesConsent() {
        assertThat(
                        story.scenes().stream()
                                .flatMap(scene -> scene.acts().stream())
                                .filter(Story.Act.Consent.class::isInstance)
                                .map(act -> act.customer().part()))
                .doesNotContain(Story.Part.SILENT)
                .hasSize(2 * 18 + 3 + 6);
    }

    private int secondOf(String words) {
        return story.scenes().stream()
                .filter(scene -> scene.words().contains(words))
                .findFirst()
                .orElseThrow()
                .second();
    }
}
