package io.throughline.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrackRequestsTest {

    private final List<Person> people = Person.Group.INGESTED.people(3);
    private final TrackRequests requests = new TrackRequests("/v1/track", people);

    @Test
    void theBodyIsAnEventOfTheSizeThatIsSaid() throws Exception {
        String body = body(requests.apply(0));
        assertThat(body.getBytes(StandardCharsets.UTF_8)).hasSize(TrackRequests.BODY_BYTES);
        JsonNode event = new ObjectMapper().readTree(body);
        assertThat(event.path("userId").asText()).isEqualTo(people.getFirst().user());
        assertThat(event.path("messageId").asText()).matches("bench-[0-9]{12}");
    }

    @Test
    void peopleTakeTurnsAndNoTwoEventsAreTheSame() throws Exception {
        JsonNode first = new ObjectMapper().readTree(body(requests.apply(1)));
        JsonNode second = new ObjectMapper().readTree(body(requests.apply(4)));
        assertThat(first.path("userId")).isEqualTo(second.path("userId"));
        assertThat(first.path("messageId")).isNotEqualTo(second.path("messageId"));
        assertThat(body(requests.apply(2))).contains(people.get(2).user());
    }

    private static String body(Buffer request) {
        String text = request.toString(StandardCharsets.UTF_8);
        return text.substring(text.indexOf("\r\n\r\n") + 4);
    }
}
