package io.throughline.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** How far readers have come in the topics, and how to spare them a backlog. */
final class Broker implements AutoCloseable {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    /** Those read the policies, each process for itself, and commit nothing. */
    private static final String OF_ONE_PROCESS = "throughline-policies-";

    private final Admin admin;

    Broker(String bootstrapServers) {
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    void createTopic(String name, int partitions) throws ExecutionException, InterruptedException {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
    }

    int partitionsOf(String topic) throws ExecutionException, InterruptedException {
        return admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                .mapToInt(described -> described.partitions().size())
                .sum();
    }

    /** How many records of its topics a group has read, since it began. */
    long read(String group) throws ExecutionException, InterruptedException {
        return committed(group).values().stream().mapToLong(OffsetAndMetadata::offset).sum();
    }

    /** How many records wait for a group. */
    long backlog(String group) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = committed(group);
        Map<TopicPartition, Long> ends = ends(committed.keySet());
        return committed.entrySet().stream()
                .mapToLong(read ->
                        Math.max(
                                0, ends.getOrDefault(read.getKey(), 0L) - read.getValue().offset()))
                .sum();
    }

    /** Lets a group, of which no member is alive, go on at the end. */
    void skip(String group) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> ends = new HashMap<>();
        ends(committed(group).keySet())
                .forEach((partition, end) -> ends.put(partition, new OffsetAndMetadata(end)));
        admin.alterConsumerGroupOffsets(group, ends).all().get();
    }

    /**
     * Waits until nothing waits for any group.
     *
     * @return whether that was so in time
     */
    boolean settled(Duration patience) throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        int quiet = 0;
        while (System.nanoTime() < deadline) {
            // Twice in a row, since what one group wrote last comes to the next a moment later.
            quiet = backlog() == 0 ? quiet + 1 : 0;
            if (quiet == 3) {
                return true;
            }
            Thread.sleep(LOOK_AGAIN);
        }
        return false;
    }

    /** The same for one group. */
    boolean settled(String group, Duration patience)
            throws ExecutionException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (backlog(group) > 0) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(LOOK_AGAIN);
        }
        return true;
    }

    private long backlog() throws ExecutionException, InterruptedException {
        long backlog = 0;
        for (GroupListing group : admin.listGroups().all().get()) {
            if (!group.groupId().startsWith(OF_ONE_PROCESS)) {
                backlog += backlog(group.groupId());
            }
        }
        return backlog;
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(String group)
            throws ExecutionException, InterruptedException {
        return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }

    private Map<TopicPartition, Long> ends(Iterable<TopicPartition> partitions)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        return admin.listOffsets(latest).all().get().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(2));
    }
}
