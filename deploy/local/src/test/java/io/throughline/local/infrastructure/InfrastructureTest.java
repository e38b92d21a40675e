package io.throughline.local.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Topics;
import io.throughline.local.Eventually;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfrastructureTest {

    @TempDir Path directory;
    private Home home;

    @BeforeEach
    void prepare() {
        home = Home.of(System.getenv(), Path.of("")).elsewhere(directory).prepared();
    }

    @Test
    void kafkaKeepsItsRecordsAndCreatingTopicsAgainChangesNothing() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(home.data("kafka"), Ports.free())) {
            kafka.createTopics(2);
            kafka.createTopics(2);
            produce(kafka, "customer-1", "before the restart");
        }
        try (EmbeddedKafka kafka = EmbeddedKafka.start(home.data("kafka"), Ports.free())) {
            kafka.createTopics(5);
            assertThat(partitions(kafka, Topics.EVENTS)).isEqualTo(2);
            assertThat(setting(kafka, Topics.POLICIES, "cleanup.policy")).isEqualTo("compact");
            assertThat(setting(kafka, Topics.PREDICTIONS, "cleanup.policy")).isEqualTo("compact");
            assertThat(setting(kafka, Topics.PREDICTIONS, "max.compaction.lag.ms"))
                    .isEqualTo(Long.toString(Topics.RETENTION.toMillis()));
            assertThat(setting(kafka, Topics.CUSTOMERS, "retention.ms"))
                    .isEqualTo(Long.toString(Topics.RETENTION.toMillis()));
            assertThat(setting(kafka, Topics.deadLetters(Topics.CUSTOMERS), "retention.ms"))
                    .isEqualTo(Long.toString(Topics.DEAD_LETTER_RETENTION.toMillis()));
            assertThat(everything(kafka)).containsExactly("before the restart");
        }
    }

    @Test
    void everyTopicTakesTheLargestEventAndItsDeadLettersThatWithAReason() throws Exception {
        String max = "max.message.bytes";
        try (EmbeddedKafka kafka = EmbeddedKafka.start(home.data("kafka"), Ports.free())) {
            try (Admin admin = admin(kafka)) {
                // As an older version made it.
                admin.createTopics(List.of(new NewTopic(Topics.EVENTS, 1, (short) 1))).all().get();
            }
            kafka.createTopics(1);
            Map<String, Integer> limits = new LinkedHashMap<>();
            for (String topic : Topics.all()) {
                limits.put(topic, Topics.MAX_RECORD_BYTES);
                limits.put(Topics.deadLetters(topic), Topics.MAX_DEAD_LETTER_BYTES);
            }
            for (Map.Entry<String, Integer> limit : limits.entrySet()) {
                String expected = limit.getValue().toString();
                // The broker hears of a changed setting a moment after the controller took it.
                Eventually.await(
                        limit.getKey() + " to take " + expected,
                        () -> setting(kafka, limit.getKey(), max).equals(expected));
            }
        }
    }

    @Test
    void postgresKeepsItsRowsAndSyncsEachCommit() throws Exception {
        Path data = home.data("postgresql");
        try (EmbeddedPostgres postgres = start(data);
                Connection connection = connect(postgres);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (word text)");
            statement.execute("INSERT INTO kept VALUES ('before the restart')");
            assertThat(single(statement, "SHOW fsync")).isEqualTo("on");
            assertThat(single(statement, "SHOW synchronous_commit")).isEqualTo("on");
        }
        try (EmbeddedPostgres postgres = start(data);
                Connection connection = connect(postgres);
                Statement statement = connection.createStatement()) {
            assertThat(single(statement, "SELECT word FROM kept")).isEqualTo("before the restart");
        }
    }

    @Test
    void redisRunsFunctionsAndForgetsEverythingOnARestart() throws Exception {
        int port = Ports.free();
        try (EmbeddedRedis redis = EmbeddedRedis.start(home, port)) {
            assertThat(
                            command(
                                    redis,
                                    "FUNCTION",
                                    "LOAD",
                                    "#!lua name=probe\n"
                                            + "redis.register_function('answer', function() return 42 end)"))
                    .isEqualTo("$5");
            assertThat(command(redis, "FCALL", "answer", "0")).isEqualTo(":42");
            assertThat(command(redis, "SET", "key", "value")).isEqualTo("+OK");
        }
        try (EmbeddedRedis redis = EmbeddedRedis.start(home, port)) {
            assertThat(command(redis, "EXISTS", "key")).isEqualTo(":0");
        }
    }

    private EmbeddedPostgres start(Path data) {
        EmbeddedPostgres postgres =
                EmbeddedPostgres.start(home, data, Ports.free(), EmbeddedPostgres.Durability.FSYNC);
        postgres.createDatabase("identity", "local");
        postgres.createDatabase("identity", "local");
        return postgres;
    }

    private static Connection connect(EmbeddedPostgres postgres) throws Exception {
        return DriverManager.getConnection(postgres.jdbcUrl("identity"), "identity", "local");
    }

    private static String single(Statement statement, String query) throws Exception {
        try (ResultSet rows = statement.executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private static void produce(EmbeddedKafka kafka, String key, String value)
            throws ExecutionException, InterruptedException {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new StringSerializer(),
                        new StringSerializer())) {
            producer.send(new ProducerRecord<>(Topics.EVENTS, 0, key, value)).get();
        }
    }

    private static List<String> everything(EmbeddedKafka kafka) {
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", kafka.bootstrapServers()),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            List<TopicPartition> first = List.of(new TopicPartition(Topics.EVENTS, 0));
            consumer.assign(first);
            consumer.seekToBeginning(first);
            List<String> values = new ArrayList<>();
            Eventually.await(
                    "a record",
                    () -> {
                        consumer.poll(Duration.ofMillis(200))
                                .forEach(record -> values.add(record.value()));
                        return !values.isEmpty();
                    });
            return values;
        }
    }

    private static int partitions(EmbeddedKafka kafka, String topic) throws Exception {
        try (Admin admin = admin(kafka)) {
            return Objects.requireNonNull(
                            admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic))
                    .partitions()
                    .size();
        }
    }

    private static String setting(EmbeddedKafka kafka, String topic, String name) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = admin(kafka)) {
            return Objects.requireNonNull(
                            admin.describeConfigs(List.of(resource)).all().get().get(resource))
                    .get(name)
                    .value();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private static Admin admin(EmbeddedKafka kafka) {
        return Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    /** The first line of Redis's answer. */
    private static String command(EmbeddedRedis redis, String... words) throws Exception {
        StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            request.append("$" + word.getBytes(StandardCharsets.UTF_8).length + "\r\n")
                    .append(word + "\r\n");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
            return new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
        }
    }
}
