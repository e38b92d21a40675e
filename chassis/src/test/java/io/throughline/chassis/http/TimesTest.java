package io.throughline.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A time that a caller gives")
class TimesTest {

    @ParameterizedTest
    @CsvSource({
        "1970-01-01, 1970-01-01T00:00:00Z",
        "2026-11-23T10:00:00.5Z, 2026-11-23T10:00:00.5Z",
        "2199-12-31T23:59:59Z, 2199-12-31T23:59:59Z",
    })
    @DisplayName("is an instant or a day")
    void read(String text, Instant time) {
        assertThat(Times.read("from", text)).isEqualTo(time);
        String position = Cursor.timed(Cursor.encode(time + "/a/b"), (at, rest) -> at + " " + rest);
        assertThat(position).isEqualTo(time + " a/b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1000000000-01-01T00:00:00Z",
                "-4713-01-01T00:00:00Z",
                "1969-12-31",
                "1969-12-31T23:59:59.999Z",
                "2200-01-01",
                "+294277-01-01T00:00:00Z",
                "+1000000000-12-31T23:59:59Z",
                "yesterday",
                "",
            })
    @DisplayName("is refused by its name where it is none, or one that nothing can be stored under")
    void refused(String text) {
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> Times.read("from", text))
                .satisfies(problem -> {
                    assertThat(problem.status()).isEqualTo(400);
                    assertThat(problem.errors()).extracting("field").containsExactly("from");
                });
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() -> Cursor.timed(Cursor.encode(text + "/x"), (at, rest) -> rest))
                .satisfies(problem ->
                        assertThat(problem.errors()).extracting("field").containsExactly("cursor"));
    }

    @Test
    @DisplayName("is not in a cursor that begins a list, nor in one whose rest cannot be read")
    void cursors() {
        String beginning = Cursor.timed(null, (at, rest) -> rest);
        assertThat(beginning).isNull();
        assertThatExceptionOfType(Problem.class)
                .isThrownBy(() ->
                        Cursor.timed(
                                Cursor.encode("2026-11-23T10:00:00Z/seven"),
                                (at, rest) -> Long.parseLong(rest)));
    }
}
