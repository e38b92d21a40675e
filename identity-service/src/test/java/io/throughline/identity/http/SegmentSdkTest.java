package io.throughline.identity.http;

import static io.throughline.identity.http.Api.awaitCustomer;
import static io.throughline.identity.http.Api.awaitTimeline;
import static org.assertj.core.api.Assertions.assertThat;

import com.segment.analytics.Analytics;
import com.segment.analytics.messages.IdentifyMessage;
import com.segment.analytics.messages.TrackMessage;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The official Java library, unmodified. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class SegmentSdkTest {

    @TestHTTPResource("/")
    String service = "";

    @Test
    void theSegmentLibraryDelivers() {
        String who = UUID.randomUUID().toString();
        Analytics analytics = Analytics.builder(Api.WRITE_KEY).endpoint(service).build();
        analytics.enqueue(
                TrackMessage.builder("Cart Viewed")
                        .anonymousId("a-" + who)
                        .properties(Map.of("value", 20)));
        analytics.enqueue(
                IdentifyMessage.builder()
                        .anonymousId("a-" + who)
                        .userId("u-" + who)
                        .traits(Map.of("email", who + "@example.com")));
        analytics.enqueue(
                TrackMessage.builder("Order Completed")
                        .userId("u-" + who)
                        .properties(Map.of("revenue", 41.5, "currency", "EUR")));
        analytics.flush();
        try {
            String customer =
                    awaitCustomer(
                                    "email:" + who + "@example.com",
                                    c -> c.path("orders").asInt() == 1)
                            .path("id")
                            .asText();
            awaitTimeline(
                    customer,
                    entries ->
                            assertThat(
                                            entries.valueStream()
                                                    .map(e ->
                                                            e.path("entry").path("name").asText()))
                                    .contains("Cart Viewed", "Order Completed"));
        } finally {
            analytics.shutdown();
        }
    }
}
