package io.throughline.local.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Topics;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class EmbeddedInfrastructureTest {

    @Test
    void everyTopicAndItsDeadLettersExistAndPoliciesAreCompacted() throws Exception {
        Map<String, String> properties = EmbeddedInfrastructure.properties();
        try (Admin admin =
                Admin.create(
                        Map.of("bootstrap.servers", properties.get("kafka.bootstrap.servers")))) {
            Set<String> names = admin.listTopics().names().get();
            for (String topic : Topics.all()) {
                assertThat(names).contains(topic, Topics.deadLetters(topic));
            }
        }
    }

    @Test
    void eachApplicationGetsAnEmptyDatabaseOfItsOwn() throws Exception {
        Map<String, String> first = EmbeddedInfrastructure.properties();
        Map<String, String> second = EmbeddedInfrastructure.properties();
        assertThat(first.get("quarkus.datasource.jdbc.url"))
                .isNotEqualTo(second.get("quarkus.datasource.jdbc.url"));
        assertThat(first.get("kafka.bootstrap.servers"))
                .isEqualTo(second.get("kafka.bootstrap.servers"));
        try (Connection connection =
                        DriverManager.getConnection(
                                second.get("quarkus.datasource.jdbc.url"),
                                second.get("quarkus.datasource.username"),
                                second.get("quarkus.datasource.password"));
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @Test
    void theSimulatorsAnswerOverHttp() {
        EmbeddedInfrastructure.properties();
        assertThat(EmbeddedInfrastructure.simulators().sms()).isEmpty();
        assertThat(EmbeddedInfrastructure.simulators().mails()).isEmpty();
    }
}
