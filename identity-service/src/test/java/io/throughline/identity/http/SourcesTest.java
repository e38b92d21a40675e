package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.UUID;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sources and their write keys, as an administrator manages them. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class SourcesTest {

    @Inject Pool pool;

    private String name = "";

    @BeforeEach
    void another() {
        name = "shop-" + UUID.randomUUID();
    }

    @Test
    void aNewSourceSendsAtOnceAndItsKeyIsShownOnce() {
        Response added =
                admin().body("{\"name\":\"%s\",\"description\":\"till\"}".formatted(name))
                        .post("/api/sources");
        assertThat(added.statusCode()).as(added.asString()).isEqualTo(201);
        assertThat(added.header("Location")).endsWith("/api/sources/" + name);
        assertThat(added.header("Cache-Control")).contains("no-store");
        String key = Api.json(added).path("writeKey").asText();
        assertThat(sends(key)).isEqualTo(200);

        JsonNode read = Api.ok(admin().get("/api/sources/" + name));
        assertThat(read.toString()).doesNotContain(key);
        assertThat(read.path("trust").asText()).isEqualTo("trusted");
        assertThat(read.path("environmentKey").asBoolean()).isFalse();
        assertThat(read.path("keys").size()).isEqualTo(1);
        assertThat(read.path("keys").path(0).path("ending").asText()).isEqualTo(key.substring(32));
        assertThat(read.path("keys").path(0).path("works").asBoolean()).isTrue();
        assertThat(Instant.parse(read.path("createdAt").asText())).isBefore(Instant.now());
        assertThat(stored(key)).isEmpty();

        admin().body("{\"name\":\"%s\"}".formatted(name))
                .post("/api/sources")
                .then()
                .statusCode(409);
    }

    @Test
    void anOldKeyGoesOnForItsGraceAndNoLonger() {
        String old = Api.addSource(name, "trusted");
        String mid = rotated("{\"grace\":\"PT5S\"}");
        assertThat(sends(old)).isEqualTo(200);
        assertThat(sends(mid)).isEqualTo(200);
        await().atMost(Api.SOON).until(() -> sends(old) == 401);
        assertThat(sends(mid)).isEqualTo(200);

        String last = rotated("{\"grace\":\"PT0S\"}");
        assertThat(sends(mid)).isEqualTo(401);
        assertThat(sends(last)).isEqualTo(200);
        JsonNode keys = Api.ok(admin().get("/api/sources/" + name)).path("keys");
        assertThat(keys.valueStream().map(k -> k.path("works").asBoolean()))
                .containsExactly(false, false, true);
    }

    @Test
    void aKeyOrAWholeSourceIsRevokedAtOnce() {
        String first = Api.addSource(name, "trusted");
        String second = rotated("{}");
        String id =
                Api.ok(admin().get("/api/sources/" + name))
                        .path("keys")
                        .path(0)
                        .path("id")
                        .asText();
        admin().delete("/api/sources/" + name + "/keys/" + id).then().statusCode(204);
        assertThat(sends(first)).isEqualTo(401);
        assertThat(sends(second)).isEqualTo(200);
        admin().delete("/api/sources/" + name + "/keys/" + UUID.randomUUID())
                .then()
                .statusCode(404);

        admin().delete("/api/sources/" + name).then().statusCode(204);
        assertThat(sends(second)).isEqualTo(401);
        JsonNode left = Api.ok(admin().get("/api/sources/" + name));
        assertThat(left.path("disabled").asBoolean()).isTrue();
        assertThat(left.path("keys").path(1).path("revokedAt").asText()).isNotEmpty();

        admin().body("{\"disabled\":false}").patch("/api/sources/" + name).then().statusCode(200);
        assertThat(sends(second)).isEqualTo(401);
        assertThat(sends(rotated("{}"))).isEqualTo(200);
    }

    @Test
    void aSourceThatIsDisabledComesBackWithItsKeys() {
        String key = Api.addSource(name, "trusted");
        admin().body("{\"disabled\":true}").patch("/api/sources/" + name).then().statusCode(200);
        assertThat(sends(key)).isEqualTo(401);
        admin().body("{\"disabled\":false,\"trust\":\"claimed\",\"description\":\"\"}")
                .patch("/api/sources/" + name)
                .then()
                .statusCode(200)
                .body("trust", Matchers.is("claimed"));
        assertThat(sends(key)).isEqualTo(200);
    }

    @Test
    void whatTheEnvironmentNamesIsASourceLikeOthers() {
        admin().queryParam("limit", 500)
                .get("/api/sources")
                .then()
                .statusCode(200)
                .body("items.find { it.name == 'local' }.environmentKey", Matchers.is(true))
                .body("items.find { it.name == 'local' }.trust", Matchers.is("trusted"));
        admin().queryParam("limit", 1)
                .get("/api/sources")
                .then()
                .statusCode(200)
                .body("items.size()", Matchers.is(1));
    }

    @Test
    void onlyAnAdministratorManagesSources() {
        given().get("/api/sources").then().statusCode(401);
        given().auth()
                .preemptive()
                .oauth2("local-marketer-token")
                .get("/api/sources")
                .then()
                .statusCode(403);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST  | /api/sources               | {}                                   | 422 | name",
                "POST  | /api/sources               | {\"name\":\"Web Shop\"}              | 422 | name",
                "POST  | /api/sources               | {\"name\":\"a\",\"trust\":\"some\"}  | 422 | trust",
                "POST  | /api/sources               | {\"name\":\"a\",\"key\":\"k\"}       | 400 | key",
                "PATCH | /api/sources/local         | {\"name\":\"other\"}                 | 422 | name",
                "PATCH | /api/sources/local         | {\"trust\":\"some\"}                 | 422 | trust",
                "POST  | /api/sources/local/keys    | {\"grace\":\"soon\"}                 | 422 | grace",
                "POST  | /api/sources/local/keys    | {\"grace\":\"P91D\"}                 | 422 | grace",
                "POST  | /api/sources/local/keys    | {\"grace\":\"-PT1S\"}                | 422 | grace",
                "DELETE| /api/sources/local/keys/x  | {}                                   | 400 | id",
                "GET   | /api/sources?limit=0       | {}                                   | 400 | limit",
            })
    void whatIsWrongIsNamed(String method, String path, String body, int status, String field) {
        admin().body(body)
                .request(method, path)
                .then()
                .statusCode(status)
                .contentType("application/problem+json")
                .body("field", Matchers.is(field));
    }

    @ParameterizedTest
    @CsvSource({"GET,", "PATCH,", "DELETE,", "POST,/keys"})
    void aSourceThatIsNotThereIsNotFound(String method, String more) {
        admin().body("{}")
                .request(method, "/api/sources/nobody" + (more == null ? "" : more))
                .then()
                .statusCode(404);
    }

    private String rotated(String body) {
        Response response = admin().body(body).post("/api/sources/" + name + "/keys");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(201);
        return Api.json(response).path("writeKey").asText();
    }

    private int sends(String key) {
        return given().auth()
                .preemptive()
                .basic(key, "")
                .body("{\"userId\":\"u-%s\",\"event\":\"E\"}".formatted(name))
                .post("/v1/track")
                .statusCode();
    }

    /** Rows that contain the key itself. */
    private String stored(String key) {
        StringBuilder found = new StringBuilder();
        pool.query("SELECT source_keys::text AS row FROM source_keys")
                .execute()
                .await()
                .atMost(Api.SOON)
                .forEach(row -> {
                    if (row.getString("row").contains(key)) {
                        found.append(row.getString("row"));
                    }
                });
        return found.toString();
    }
}
