package io.throughline.governance.policy;

import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Notes where the topic ends when its reading begins. */
@ApplicationScoped
@Identifier(PublishedPolicies.CHANNEL)
class PoliciesAssigned implements KafkaConsumerRebalanceListener {

    private final PublishedPolicies policies;

    PoliciesAssigned(PublishedPolicies policies) {
        this.policies = policies;
    }

    @Override
    public void onPartitionsAssigned(
            Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
        for (TopicPartition partition : partitions) {
            policies.catchUp()
                    .assigned(
                            partition.partition(),
                            begin.getOrDefault(partition, 0L),
                            end.getOrDefault(partition, 0L));
        }
    }
}
