package io.throughline.identity.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class InheritedSizeTest {

    private static final String EVENT = "{\"type\":\"track\",\"event\":\"e\",\"userId\":\"u\"}";

    @Test
    void aBatchWhoseContextWouldMakeAGigabyteOfItsEventsIsRefused() {
        assertThat(faults(batch(350_000, 2_500)))
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.field()).isEqualTo("batch[0]");
                    assertThat(fault.expected()).contains("with what it inherits");
                });
    }

    @Test
    void anEventCountsWithTheContextThatItInherits() {
        int room = TrackingBody.MAX_EVENT - EVENT.length() - "{'a':''}".length();
        assertThat(faults(batch(room, 1))).isEmpty();
        assertThat(faults(batch(room + 1, 1))).extracting(Fault::field).containsExactly("batch[0]");
    }

    @Test
    void theContextsOfAllEventsTogetherAreLimited() {
        assertThat(faults(batch(2_000, 1_000))).isEmpty();
        assertThat(faults(batch(2_000, 1_100))).extracting(Fault::field).containsExactly("context");
    }

    @Test
    void theBytesThatInheritingAddsAreTold() {
        assertThat(TrackingBody.read(Call.BATCH, batch(92, 50)))
                .isInstanceOfSatisfying(
                        Checked.Fine.class,
                        fine ->
                                assertThat(((TrackingBody) fine.value()).inheritedBytes())
                                        .isEqualTo(5_000));
    }

    private static byte[] batch(int context, int events) {
        String items = String.join(",", Collections.nCopies(events, EVENT));
        return "{\"context\":{\"a\":\"%s\"},\"batch\":[%s]}"
                .formatted("x".repeat(context), items)
                .getBytes(UTF_8);
    }

    private static List<Fault> faults(byte[] body) {
        return switch (TrackingBody.read(Call.BATCH, body)) {
            case Checked.Fine<TrackingBody> _ -> List.of();
            case Checked.Faulty<TrackingBody>(List<Fault> faults) -> faults;
        };
    }
}
