package io.throughline.local.infrastructure;

import io.throughline.contracts.Topics;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** One Kafka node, broker and controller in one (KRaft), on loopback inside this process. */
public final class EmbeddedKafka implements AutoCloseable {

    private static final int NODE = 1;

    /** Kafka asks log4j's API for one logger; without this it complains that there is no log4j. */
    private static final String LOG4J_CONTEXT = "log4j2.loggerContextFactory";

    private static final String SILENT_LOG4J =
            "org.apache.logging.log4j.simple.SimpleLoggerContextFactory";

    private final int port;
    private final KafkaRaftServer server;

    private EmbeddedKafka(int port, KafkaRaftServer server) {
        this.port = port;
        this.server = server;
    }

    /**
     * Formats the data directory if it is new and returns when the broker accepts connections.
     *
     * @throws StartFailure when it does not come up
     */
    public static EmbeddedKafka start(Path data, int port) {
        System.getProperties().putIfAbsent(LOG4J_CONTEXT, SILENT_LOG4J);
        try {
            int controllerPort = Ports.free();
            Properties settings = settings(data, port, controllerPort);
            if (!Files.exists(data.resolve("meta.properties"))) {
                format(data);
            }
            KafkaRaftServer server =
                    new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
            server.startup();
            return new EmbeddedKafka(port, server);
        } catch (Exception refused) {
            throw new StartFailure(
                    "Kafka did not start on port %d with %s: %s."
                            .formatted(port, data, rootMessage(refused)),
                    refused);
        }
    }

    public int port() {
        return port;
    }

    /** The value of {@code kafka.bootstrap.servers}. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /**
     * Creates every topic of {@link Topics} and its dead-letter topic. Those that exist keep their
     * partitions and records, and get the settings of today.
     */
    public void createTopics(int partitions) {
        Map<String, Map<String, String>> settings = topicSettings();
        try (Admin admin =
                Admin.create(
                        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()))) {
            Set<String> there = admin.listTopics().names().get();
            List<NewTopic> missing = new ArrayList<>();
            Map<ConfigResource, Collection<AlterConfigOp>> existing = new HashMap<>();
            settings.forEach((name, configs) -> {
                if (there.contains(name)) {
                    existing.put(
                            new ConfigResource(ConfigResource.Type.TOPIC, name), setAll(configs));
                } else {
                    int count = name.endsWith(Topics.deadLetters("")) ? 1 : partitions;
                    missing.add(new NewTopic(name, count, (short) 1).configs(configs));
                }
            });
            admin.createTopics(missing).all().get();
            admin.incrementalAlterConfigs(existing).all().get();
        } catch (ExecutionException refused) {
            if (!(refused.getCause() instanceof TopicExistsException)) {
                throw new StartFailure(
                        "Kafka refused to create the topics: %s.".formatted(rootMessage(refused)),
                        refused);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartFailure("Interrupted while creating the topics.", stopped);
        }
    }

    private static Map<String, Map<String, String>> topicSettings() {
        Map<String, Map<String, String>> settings = new LinkedHashMap<>();
        for (String name : Topics.all()) {
            Map<String, String> own = new HashMap<>();
            own.put(
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    Integer.toString(Topics.MAX_RECORD_BYTES));
            if (Topics.isCompacted(name)) {
                own.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
            } else {
                own.putAll(kept(Topics.RETENTION));
            }
            if (name.equals(Topics.PREDICTIONS)) {
                own.putAll(compactedWithin(Topics.RETENTION));
            }
            settings.put(name, own);
            Map<String, String> dead = new HashMap<>(kept(Topics.DEAD_LETTER_RETENTION));
            dead.put(
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    Integer.toString(Topics.MAX_DEAD_LETTER_BYTES));
            settings.put(Topics.deadLetters(name), dead);
        }
        return settings;
    }

    private static Map<String, String> kept(Duration retention) {
        return Map.of(
                TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()),
                TopicConfig.SEGMENT_MS_CONFIG, Long.toString(Topics.SEGMENT.toMillis()));
    }

    private static Map<String, String> compactedWithin(Duration lag) {
        return Map.of(
                TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG, Long.toString(lag.toMillis()),
                TopicConfig.SEGMENT_MS_CONFIG, Long.toString(Topics.SEGMENT.toMillis()));
    }

    private static List<AlterConfigOp> setAll(Map<String, String> configs) {
        return configs.entrySet().stream()
                .map(config ->
                        new AlterConfigOp(
                                new ConfigEntry(config.getKey(), config.getValue()),
                                AlterConfigOp.OpType.SET))
                .toList();
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static void format(Path data) throws Exception {
        Files.createDirectories(data);
        Formatter formatter = new Formatter();
        formatter
                .setPrintStream(
                        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
                .setNodeId(NODE)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(data.toString())
                .addDirectory(data.toString())
                .run();
    }

    private static Properties settings(Path data, int port, int controllerPort) {
        Properties settings = new Properties();
        settings.putAll(
                Map.ofEntries(
                        Map.entry("process.roles", "broker,controller"),
                        Map.entry("node.id", Integer.toString(NODE)),
                        Map.entry(
                                "controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort),
                        Map.entry("controller.listener.names", "CONTROLLER"),
                        Map.entry(
                                "listeners",
                                "BROKER://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                                        .formatted(port, controllerPort)),
                        Map.entry("advertised.listeners", "BROKER://127.0.0.1:" + port),
                        Map.entry("inter.broker.listener.name", "BROKER"),
                        Map.entry(
                                "listener.security.protocol.map",
                                "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                        Map.entry("log.dirs", data.toString()),
                        Map.entry("auto.create.topics.enable", "false"),
                        Map.entry("default.replication.factor", "1"),
                        Map.entry("min.insync.replicas", "1"),
                        Map.entry("offsets.topic.replication.factor", "1"),
                        Map.entry("offsets.topic.num.partitions", "4"),
                        Map.entry("transaction.state.log.replication.factor", "1"),
                        Map.entry("transaction.state.log.min.isr", "1"),
                        Map.entry("transaction.state.log.num.partitions", "4"),
                        Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                        Map.entry("share.coordinator.state.topic.min.isr", "1"),
                        Map.entry("group.initial.rebalance.delay.ms", "0"),
                        // A service killed by hand rejoins in seconds instead of a minute.
                        Map.entry("group.min.session.timeout.ms", "1000"),
                        Map.entry("num.network.threads", "2"),
                        Map.entry("num.io.threads", "4"),
                        Map.entry("num.partitions", "3"),
                        Map.entry("log.cleaner.dedupe.buffer.size", "8388608"),
                        Map.entry("log.index.size.max.bytes", "1048576")));
        return settings;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return message == null
                ? root.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
