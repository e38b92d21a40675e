package io.throughline.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.throughline.contracts.json.ContractJson;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhereaboutsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "Europe/Madrid; Europe/Madrid",
                "Etc/GMT+5; Etc/GMT+5",
                "Europe/Paris,Europe/Madrid,Europe/Paris|FR; Europe/Madrid,Europe/Paris|FR",
                "Europe/Paris|US,US-FL,FR; Europe/Paris|FR,US-FL",
                "Europe/Paris||Europe/Paris,Asia/Tokyo; Europe/Paris||Asia/Tokyo",
                "|US-FL; |US-FL",
                "*|US; *|US",
                "Mars/Base|FR; *|FR",
                "''; ''",
            })
    void aTextHasOneForm(String said, String canonical) throws JsonProcessingException {
        assertThat(Whereabouts.of(said).text()).isEqualTo(canonical);
        assertThat(Whereabouts.of(canonical).text()).isEqualTo(canonical);
        assertThat(ContractJson.mapper().readValue("\"" + said + "\"", Whereabouts.class).text())
                .isEqualTo(canonical);
    }

    @ParameterizedTest(name = "{0} may be in {1}: {2}")
    @CsvSource(
            delimiter = ';',
            value = {
                "Europe/Paris; US; true",
                "Europe/Paris; US-FL; false",
                "Europe/Paris|FR; US; false",
                "Europe/Paris|FR; US-FL; false",
                "Europe/Paris|FR; FR; true",
                "|US-FL; US; true",
                "|US-FL; US-FL; true",
                "|US-FL; US-NY; false",
                "|US; US-NY; true",
                "|US-FL,US-NY; US-NY; true",
                "*; US-NY; true",
            })
    void aLawHoldsWhereverSheMayBe(String where, String region, boolean may) {
        assertThat(Whereabouts.of(where).mayBeIn(region)).isEqualTo(may);
    }

    @Test
    void bothHoldAndWhatTheTextHasNoRoomForIsAnywhere() {
        assertThat(Whereabouts.of("Europe/Paris|FR").and(Whereabouts.of("Asia/Tokyo|US-FL")).text())
                .isEqualTo("Asia/Tokyo,Europe/Paris|FR,US-FL");
        assertThat(Whereabouts.of("Europe/Paris").and(Whereabouts.UNKNOWN).text())
                .isEqualTo("Europe/Paris");
        List<ZoneId> many =
                ZoneId.getAvailableZoneIds().stream().sorted().limit(40).map(ZoneId::of).toList();
        assertThat(Whereabouts.of(many, List.of("FR"), List.of()).text()).isEqualTo("*|FR");
        assertThat(Whereabouts.UNKNOWN.known()).isFalse();
    }
}
