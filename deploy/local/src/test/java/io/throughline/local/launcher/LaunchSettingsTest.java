package io.throughline.local.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.throughline.local.Service;
import io.throughline.local.infrastructure.StartFailure;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchSettingsTest {

    @Test
    void eachPartHasAPortAndAVariableForAnother() {
        for (Part part : Part.values()) {
            assertThat(settings(Map.of()).port(part)).isEqualTo(part.defaultPort());
            assertThat(settings(Map.of(part.variable(), "31999")).port(part)).isEqualTo(31_999);
        }
    }

    @ParameterizedTest(name = "{0} is no port")
    @CsvSource({"0", "65536", "http", "-1", "99999999999"})
    void whatIsNoPortIsRefusedByName(String value) {
        assertThatThrownBy(() -> settings(Map.of("THROUGHLINE_KAFKA_PORT", value)))
                .isInstanceOf(StartFailure.class)
                .hasMessage(
                        "THROUGHLINE_KAFKA_PORT is %s, which is no port: give a number from 1 to 65535."
                                .formatted(value));
    }

    @Test
    void aPortGivenTwiceIsRefusedWithBothVariables() {
        assertThatThrownBy(() -> settings(Map.of("THROUGHLINE_REDIS_PORT", "8081")))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("THROUGHLINE_REDIS_PORT")
                .hasMessageContaining("THROUGHLINE_IDENTITY_PORT");
    }

    @Test
    void aServiceGetsItsOwnDatabaseThePortsAndNoSecretInClear() {
        Map<String, String> environment =
                settings(Map.of("THROUGHLINE_POSTGRES_PORT", "31000")).environment(Service.JOURNEY);
        assertThat(environment)
                .containsEntry("QUARKUS_HTTP_PORT", "8082")
                .containsEntry("QUARKUS_HTTP_HOST", "127.0.0.1")
                .containsEntry("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:19092")
                .containsEntry("QUARKUS_REDIS_HOSTS", "redis://127.0.0.1:16379")
                .containsEntry(
                        "QUARKUS_DATASOURCE_REACTIVE_URL", "postgresql://127.0.0.1:31000/journey")
                .containsEntry("QUARKUS_DATASOURCE_USERNAME", "journey")
                .containsEntry("THROUGHLINE_IDENTITY_URL", "http://localhost:8081")
                .containsEntry("THROUGHLINE_CHANNEL_PUBLIC_URL", "http://localhost:8080");
        assertThat(environment.get("THROUGHLINE_AUTH_TOKENS"))
                .startsWith("admin:")
                .doesNotContain("local-admin-token");
    }

    private static LaunchSettings settings(Map<String, String> environment) {
        return LaunchSettings.of(environment, Path.of(""));
    }
}
