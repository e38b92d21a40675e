package io.throughline.channel.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.delivery.Parts.Part;
import io.throughline.channel.route.Receipt.Status;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The parts of a message")
class PartsTest {

    @ParameterizedTest(name = "{0} are {1} together")
    @CsvSource({
        "DELIVERED, DELIVERED",
        "DELIVERED DELIVERED, DELIVERED",
        "DELIVERED ENROUTE, SENT",
        "ENROUTE ENROUTE, SENT",
        "DELIVERED UNKNOWN, SENT",
        "DELIVERED FAILED, FAILED",
        "FAILED ENROUTE, FAILED"
    })
    void areDeliveredWhenAllAreAndFailedWhenOneIs(String statuses, MessageState together) {
        List<Part> parts =
                Arrays.stream(statuses.split(" "))
                        .map(status -> new Part(Status.valueOf(status), ""))
                        .toList();

        assertThat(Parts.together(parts)).isEqualTo(together);
    }

    @ParameterizedTest(name = "{0} of which are {1}: {2}")
    @CsvSource({
        "UNKNOWN, DELIVERED, DELIVERED",
        "UNKNOWN, UNKNOWN, SENT",
        "UNKNOWN, DELIVERED UNHEARD, UNKNOWN",
        "UNKNOWN, UNHEARD, UNKNOWN",
        "UNKNOWN, FAILED UNHEARD, FAILED",
        "SENT, DELIVERED UNHEARD, SENT",
        "SENT, DELIVERED, DELIVERED",
        "DELIVERED, FAILED, DELIVERED"
    })
    void settleWhatIsUnknownWhenAllAreHeardOf(
            MessageState state, String statuses, MessageState after) {
        List<Part> parts =
                Arrays.stream(statuses.split(" "))
                        .map(status ->
                                status.equals("UNHEARD")
                                        ? Part.UNHEARD
                                        : new Part(Status.valueOf(status), "told"))
                        .toList();

        assertThat(Parts.after(state, parts)).isEqualTo(after);
    }

    @ParameterizedTest(name = "{0} told {1}: {2}")
    @CsvSource({
        "ENROUTE, ENROUTE, false",
        "ENROUTE, FAILED, true",
        "FAILED, ENROUTE, false",
        "FAILED, DELIVERED, true",
        "DELIVERED, FAILED, false",
        "UNKNOWN, DELIVERED, true",
        "FAILED, UNKNOWN, false"
    })
    void areToldOnlyBetterNews(Status known, Status told, boolean taken) {
        assertThat(new Part(known, "").mayBecome(new Part(told, ""))).isEqualTo(taken);
    }
}
