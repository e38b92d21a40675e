package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** More comes than there is room for: senders are told when to come back. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
@TestProfile(OverloadTest.NoRoom.class)
class OverloadTest {

    /** Room for no request at all. */
    public static final class NoRoom implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("throughline.identity.max-requests-in-flight", "0");
        }
    }

    @Test
    void senderIsToldToComeBackAndABrowserCanReadIt() {
        String who = UUID.randomUUID().toString();
        String small = "{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(who);
        Response refused =
                given().auth()
                        .preemptive()
                        .basic(Api.WRITE_KEY, "")
                        .header("Origin", "https://shop.example")
                        .body(small)
                        .post("/v1/t");
        assertThat(refused.statusCode()).as(refused.asString()).isEqualTo(429);
        assertThat(refused.contentType()).startsWith("application/problem+json");
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(refused.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(refused.header("Access-Control-Expose-Headers")).contains("Retry-After");
    }
}
