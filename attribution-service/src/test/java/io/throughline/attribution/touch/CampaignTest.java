package io.throughline.attribution.touch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CampaignTest {

    @Test
    void segmentsCampaignWinsOverTheAddress() {
        assertThat(
                        Campaign.of(
                                Map.of(
                                        "campaign",
                                        Map.of("name", "spring", "source", "ads", "medium", "cpc"),
                                        "page",
                                        Map.of("search", "?utm_campaign=winter")),
                                Map.of()))
                .contains(new Campaign("spring", "ads", "cpc"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "https://shop.example/?utm_campaign=spring+sale&utm_source=ads, spring sale, ads",
        "https://shop.example/a?x=1&utm_source=news%2Fletter#utm_campaign=no, , news/letter",
        "?utm_campaign=100%, 100%,",
        "utm_campaign=bare, bare,",
    })
    void anAddressIsReadByItsUtmParameters(String address, String name, String source) {
        assertThat(Campaign.of(Map.of("page", Map.of("url", address)), Map.of()))
                .contains(new Campaign(name, source, null));
        assertThat(Campaign.of(Map.of(), Map.of("search", address)))
                .contains(new Campaign(name, source, null));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "https://shop.example/utm_campaign=path",
        "https://shop.example/?utm_medium=email",
        "https://shop.example/?utm_campaign=",
        "https://shop.example/?utm_campaign",
    })
    void anAddressWithoutNameAndSourceIsNoCampaign(String address) {
        assertThat(Campaign.of(Map.of("page", Map.of("url", address)), Map.of())).isEmpty();
    }

    @Test
    void fieldsOfAnotherTypeAreIgnored() {
        assertThat(Campaign.of(Map.of("campaign", "spring", "page", 7), Map.of("url", 1)))
                .isEmpty();
    }

    @Test
    void whatComesFromOutsideIsCut() {
        Campaign campaign =
                Campaign.of(Map.of("campaign", Map.of("name", "x".repeat(5_000))), Map.of())
                        .orElseThrow();

        assertThat(campaign.label()).hasSize(Campaign.LONGEST);
    }
}
