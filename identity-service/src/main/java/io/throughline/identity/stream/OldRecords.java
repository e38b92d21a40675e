package io.throughline.identity.stream;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.time.Recurring;
import io.throughline.contracts.Topics;
import io.throughline.identity.erasure.LogSettings;
import io.throughline.identity.store.ErasureStore;
import io.throughline.identity.store.ErasureStore.LogsOf;
import io.throughline.identity.store.ErasureStore.Waiting;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the logs still hold a record from before an erasure. They forget by age, so it is a
 * question of the oldest record there is: of each partition the first one's time. A compacted topic
 * forgets her by tombstones, and within a time that it is set to.
 *
 * <p>What counts is not when the erasure was asked for but when the last service confirmed it,
 * since something may be said of the customer until then.
 */
@ApplicationScoped
class OldRecords {

    private static final Logger LOG = Logger.getLogger(OldRecords.class);
    private static final int AT_ONCE = 1_000;

    /** Records bear their producer's time, whose clock may be off by this much. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    /** Longer than any log keeps a record, dead letters included. */
    private static final Duration REMEMBERED = Duration.ofDays(60);

    private final ErasureStore erasures;
    private final Map<String, Object> broker;
    private final Recurring recurring;
    private final InstantSource clock;
    private final Duration every;
    private final AtomicReference<@Nullable Admin> admin = new AtomicReference<>();

    OldRecords(
            ErasureStore erasures,
            @Identifier("default-kafka-broker") Map<String, Object> broker,
            Recurring recurring,
            InstantSource clock,
            @ConfigProperty(
                            name = "throughline.erasure.logs-looked-at-every",
                            defaultValue = "PT1M")
                    Duration every) {
        this.erasures = erasures;
        this.broker = broker;
        this.recurring = recurring;
        this.clock = clock;
        this.every = every;
    }

    void start(@Observes StartupEvent event) {
        recurring.every(
                every, LOG, "the logs cannot be looked into for erasures", this::lookAtLogs);
    }

    void stop(@Observes ShutdownEvent event) {
        Admin open = admin.getAndSet(null);
        if (open != null) {
            open.close(Duration.ZERO);
        }
    }

    private Uni<?> lookAtLogs() {
        return erasures.waitingForLogs(AT_ONCE)
                .chain(waiting -> waiting.isEmpty() ? Uni.createFrom().voidItem() : look(waiting))
                .chain(() -> erasures.prune(clock.instant().minus(REMEMBERED)));
    }

    private Uni<Void> look(List<Waiting> waiting) {
        return topics().chain(this::settings)
                .chain(settings ->
                        oldest(droppedByAge(settings))
                                .map(oldest -> judge(waiting, settings.values(), oldest)))
                .chain(erasures::noteLogs);
    }

    private static Set<String> droppedByAge(Map<String, LogSettings> settings) {
        Set<String> topics = new TreeSet<>();
        settings.forEach((topic, setting) -> {
            if (!setting.compacted()) {
                topics.add(topic);
            }
        });
        return topics;
    }

    /**
     * The oldest record of a compacted topic is somebody else's newest, and stays; of those what
     * can be said is that the time is over within which they are compacted.
     */
    private List<LogsOf> judge(
            List<Waiting> waiting, Collection<LogSettings> settings, Instant oldest) {
        Instant now = clock.instant();
        List<LogSettings> compacted = settings.stream().filter(LogSettings::compacted).toList();
        List<LogsOf> logs = new ArrayList<>();
        for (Waiting one : waiting) {
            Instant from = one.last() == null ? one.askedAt() : one.last();
            Instant compactedBy = LogSettings.gone(compacted, from);
            boolean gone =
                    one.complete()
                            && oldest.isAfter(from.plus(SKEW))
                            && compactedBy != null
                            && !now.isBefore(compactedBy);
            logs.add(new LogsOf(one.id(), LogSettings.gone(settings, from), gone ? now : null));
        }
        return logs;
    }

    /** Those that are about people and that there are. */
    private Uni<Set<String>> topics() {
        Set<String> ours = new TreeSet<>();
        for (String topic : Topics.all()) {
            if (!topic.equals(Topics.POLICIES)) {
                ours.add(topic);
                ours.add(Topics.deadLetters(topic));
            }
        }
        return uni(admin().listTopics().names())
                .map(there -> {
                    Set<String> both = new TreeSet<>(ours);
                    both.retainAll(there);
                    return both;
                });
    }

    private Uni<Map<String, LogSettings>> settings(Set<String> topics) {
        List<ConfigResource> asked =
                topics.stream().map(t -> new ConfigResource(ConfigResource.Type.TOPIC, t)).toList();
        return uni(admin().describeConfigs(asked).all())
                .map(found -> {
                    Map<String, LogSettings> settings = new HashMap<>();
                    found.forEach((topic, config) -> settings.put(topic.name(), settings(config)));
                    return settings;
                });
    }

    private static LogSettings settings(Config config) {
        boolean drops =
                config.get(TopicConfig.CLEANUP_POLICY_CONFIG)
                        .value()
                        .contains(TopicConfig.CLEANUP_POLICY_DELETE);
        return new LogSettings(
                millis(
                        config,
                        drops
                                ? TopicConfig.RETENTION_MS_CONFIG
                                : TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG),
                millis(config, TopicConfig.SEGMENT_MS_CONFIG),
                !drops);
    }

    /** Negative for what has no end, whichever way it is written. */
    private static Duration millis(Config config, String name) {
        long millis = Long.parseLong(config.get(name).value());
        return Duration.ofMillis(millis == Long.MAX_VALUE ? -1 : millis);
    }

    /** The time of the oldest record of all; far in the future where there is none. */
    private Uni<Instant> oldest(Set<String> topics) {
        return uni(admin().describeTopics(topics).allTopicNames())
                .chain(described -> uni(admin().listOffsets(firstOf(described.values())).all()))
                .map(firsts ->
                        firsts.values().stream()
                                .filter(first -> first.offset() >= 0)
                                .map(ListOffsetsResultInfo::timestamp)
                                .map(Instant::ofEpochMilli)
                                .min(Instant::compareTo)
                                .orElse(Instant.MAX));
    }

    private static Map<TopicPartition, OffsetSpec> firstOf(Collection<TopicDescription> topics) {
        Map<TopicPartition, OffsetSpec> first = new HashMap<>();
        for (TopicDescription topic : topics) {
            topic.partitions()
                    .forEach(p ->
                            first.put(
                                    new TopicPartition(topic.name(), p.partition()),
                                    OffsetSpec.forTimestamp(0)));
        }
        return first;
    }

    private Admin admin() {
        Admin open = admin.get();
        if (open == null) {
            open = Admin.create(new HashMap<>(broker));
            if (!admin.compareAndSet(null, open)) {
                open.close(Duration.ZERO);
                return admin();
            }
        }
        return open;
    }

    private static <T> Uni<T> uni(KafkaFuture<T> future) {
        return Uni.createFrom().completionStage(future.toCompletionStage());
    }
}
