package io.throughline.chassis.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.throughline.local.testing.EmbeddedInfrastructure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(EmbeddedInfrastructure.class)
class MannersTest {

    @ParameterizedTest
    @CsvSource({
        // the address, the field that is named
        "/things?limit=abc, limit",
        "/things?limit=1.5, limit",
        "/things?limit=99999999999, limit",
        "/things?version=latest, version",
        "/things/7, id",
        "/things?cursor=AA, cursor",
        "/things?cursor=%7F, cursor",
        "/things?limit=1&cursor=a%00b, cursor",
        "/things?%00=1, query",
        "/things/a%00b, path",
        "/nowhere/a%00b, path",
        "/q/health/a%00b, path",
    })
    void aBadParameterIsRefusedByName(String address, String field) {
        Response response = get(address);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.jsonPath().getString("field")).isEqualTo(field);
    }

    @ParameterizedTest
    @CsvSource({
        "/things, 50 null null",
        "/things?limit=7&version=2, 7 2 null",
        "/things?cursor=YWJj, 50 null abc",
        "/things/3c8b0a4e-0000-7000-8000-000000000001, 3c8b0a4e-0000-7000-8000-000000000001",
    })
    void aGoodParameterIsRead(String address, String answer) {
        assertThat(get(address).asString()).isEqualTo(answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/things?x=50%", "/things/50%", "/things?limit=%zz", "/things/%ff"})
    void aBrokenEscapeIsNoFaultOfOurs(String address) throws IOException {
        assertThat(raw("GET " + address)).startsWith("HTTP/1.1 400");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":[} | body | not well-formed JSON at line 1, column 7: Unexpected close marker '}': expected ']'",
                "{\"a\": | body | not well-formed JSON at line 1, column 6: Unexpected end-of-input within/between Object entries",
                "[] | body | expected an object",
                "{\"nmae\":\"x\"} | nmae | is not known here, expected one of name, parts, pause",
                "{\"pause\":\"daily\"} | pause | expected an ISO 8601 duration, as in PT45M or P1D, was 'daily'",
                "{\"parts\":[{\"count\":\"many\"}]} | parts[0].count | expected a whole number",
                "{\"parts\":{}} | parts | expected a list",
                "{\"name\":[]} | name | expected a string",
                "{\"parts\":[{\"channel\":\"fax\"}]} | parts[0].channel | unknown channel 'fax', expected one of email, sms, whatsapp, push, in_app",
            })
    void aBodyThatIsNotAsExpectedIsExplained(String body, String field, String detail) {
        Response response = given().contentType(ContentType.JSON).body(body).put("/things/a/typed");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        assertThat(response.jsonPath().getString("field")).isEqualTo(field);
        assertThat(response.jsonPath().getString("detail")).isEqualTo(detail);
    }

    @Test
    void aBodyThatIsTooLongGetsAnAnswerWhoeverIsStillWriting() {
        String body = "{\"text\":\"" + "x".repeat(6 * 1024 * 1024) + "\"}";
        Response response = put(body);
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(put("{\"text\":\"x\"}").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"refused", "wrapped", "full", "full-managed"})
    void whatIsAwayIsTriedAgain(String how) {
        Response response = get("/things/failing/" + how);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.header("Retry-After")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bug", "another"})
    void aBugIsOurs(String how) {
        assertThat(get("/things/failing/" + how).statusCode()).isEqualTo(500);
    }

    @Test
    void anEmptyBodyIsNamed() {
        Response response = given().contentType(ContentType.JSON).put("/things/a");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.jsonPath().getString("field")).isEqualTo("body");
        assertThat(put("{\"text\":\"x\"}").asString()).isEqualTo("x");
    }

    @ParameterizedTest
    @CsvSource({"/things/a, text", "/things/a/tree, body"})
    void aTextThatCannotBeStoredIsNamed(String address, String field) {
        Response response =
                given().contentType(ContentType.JSON).body("{\"text\":\"a\\u0000b\"}").put(address);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        assertThat(response.jsonPath().getString("field")).isEqualTo(field);
    }

    /** Says it as it is, where a client would mend it. */
    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), RestAssured.port)) {
            socket.setSoTimeout(10_000);
            String headers = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write((request + headers).getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Response put(String body) {
        return given().contentType(ContentType.JSON).body(body).put("/things/a");
    }

    private static Response get(String address) {
        return given().urlEncodingEnabled(false).get(address);
    }
}
