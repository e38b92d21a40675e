package io.throughline.identity.http;

import static io.restassured.RestAssured.given;
import static io.throughline.identity.http.Api.SOON;
import static io.throughline.identity.http.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All connections to the database are in use. */
@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class BusyPoolTest {

    @Inject Pool pool;

    @ConfigProperty(name = "quarkus.datasource.reactive.max-size")
    int most;

    private final List<SqlConnection> held = new ArrayList<>();

    @AfterEach
    void release() {
        held.forEach(connection -> connection.close().await().atMost(SOON));
    }

    @Test
    void theProcessIsReadyAllTheSameAndWhoFindsNoneFreeIsAskedToComeBack() {
        for (int i = 0; i < most; i++) {
            held.add(pool.getConnection().await().atMost(SOON));
        }

        given().get("/q/health/ready").then().statusCode(200);
        Response response =
                admin().body(
                                "{\"identifier\":\"phone:+34600999111\",\"channel\":\"sms\","
                                        + "\"state\":\"opted_out\",\"source\":\"shop\"}")
                        .put("/api/consents");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        assertThat(response.contentType()).startsWith("application/problem+json");
    }
}
