package io.throughline.identity.http;

import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.accepted;
import static io.throughline.identity.http.Api.admin;
import static io.throughline.identity.http.Api.awaitId;
import static io.throughline.identity.http.Api.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Profiles that grow beyond their bound. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class QuarantineTest {

    private static final String LIST = "/api/identity-rules/quarantined";
    private static final int LARGEST = 200;

    private String who = "";

    @BeforeEach
    void somebodyElse() {
        who = UUID.randomUUID().toString();
    }

    @Test
    void aProfileThatWouldGrowBeyondItsBoundIsListedUntilItIsGone() {
        seen("old", "2026-11-20T10:00:00Z", LARGEST + 3);
        String older = awaitId("user_id:old-" + who);
        seen("new", "2026-11-21T10:00:00Z", LARGEST);
        String newer = awaitId("user_id:new-" + who);
        seen("new", "2026-11-22T10:00:00Z", LARGEST + 1);

        JsonNode found =
                await().atMost(SOON)
                        .until(
                                () -> listed(newer),
                                q -> q.map(n -> n.path("links").asInt()).orElse(0) == 2)
                        .orElseThrow();
        assertThat(found.path("identifiers").asInt()).isEqualTo(LARGEST);
        assertThat(found.path("refusedAt").asText()).isEqualTo("2026-11-22T10:00:00Z");
        assertThat(found.path("newest").path(0).path("messageId").asText())
                .isEqualTo("new-2026-11-22T10:00:00Z-" + who);
        assertThat(found.path("newest").path(0).path("refused")).hasSize(2);
        assertThat(found.path("newest").path(1).path("refused")).hasSize(1);
        assertThat(listed(older).orElseThrow().path("newest").path(0).path("refused")).hasSize(4);
        List<String> customers = all().stream().map(q -> q.path("customer").asText()).toList();
        assertThat(customers.indexOf(newer)).isLessThan(customers.indexOf(older));

        assertThat(admin().delete("/api/customers/" + older).statusCode()).isLessThan(300);
        assertThat(listed(older)).isEmpty();
        assertThat(listed(newer)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cursor=x", "limit=0", "limit=501"})
    void aWrongPageIsExplained(String query) {
        Response response = admin().get(LIST + "?" + query);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.asString()).contains("\"" + query.split("=", 2)[0] + "\"");
    }

    private static Optional<JsonNode> listed(String customer) {
        return all().stream().filter(q -> q.path("customer").asText().equals(customer)).findFirst();
    }

    /** Page by page. */
    private static List<JsonNode> all() {
        List<JsonNode> all = new ArrayList<>();
        JsonNode page = ok(admin().queryParam("limit", 1).get(LIST));
        while (true) {
            page.path("items").forEach(all::add);
            if (!page.hasNonNull("next")) {
                return all;
            }
            page =
                    ok(
                            admin().queryParam("limit", 1)
                                    .queryParam("cursor", page.path("next").asText())
                                    .get(LIST));
        }
    }

    /** With a user id and so many identifiers, ten of a type. */
    private void seen(String name, String at, int others) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < others; i++) {
            ids.add(
                    "{\"type\":\"card%d\",\"id\":\"%s-%d-%s\",\"collection\":\"users\"}"
                            .formatted(i / 10, name, i, who));
        }
        accepted(
                "identify",
                """
                {"userId":"%1$s-%2$s","messageId":"%1$s-%3$s-%2$s","timestamp":"%3$s",
                 "context":{"externalIds":[%4$s]}}
                """
                        .formatted(name, who, at, String.join(",", ids)));
    }
}
