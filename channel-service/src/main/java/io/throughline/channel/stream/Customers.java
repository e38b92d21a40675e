package io.throughline.channel.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.store.Conversations;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Keeps the address book, and who has become one with whom. */
@ApplicationScoped
class Customers {

    private final Gathering batches;
    private final Conversations conversations;
    private final MergedCustomers merges;

    Customers(Vertx vertx, Intake intake, Conversations conversations, MergedCustomers merges) {
        this.batches =
                new Gathering(
                        vertx,
                        records -> {
                            Set<CustomerId> joined = new HashSet<>();
                            return intake.process(
                                    records, (tx, events) -> apply(tx, events, joined));
                        });
        this.conversations = conversations;
        this.merges = merges;
    }

    @Incoming("customers")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> consume(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> events, Set<CustomerId> joined) {
        List<ProfileChanged> profiles =
                events.stream()
                        .map(Envelope::data)
                        .filter(ProfileChanged.class::isInstance)
                        .map(ProfileChanged.class::cast)
                        .toList();
        Uni<Void> applied = conversations.addresses(tx, profiles);
        for (Envelope<?> event : events) {
            if (event.data() instanceof CustomersMerged merge) {
                applied = applied.chain(() -> conversations.merged(tx, merge));
                joined.add(merge.survivor());
            } else if (event.data() instanceof IdentifiersUnlinked unlinked) {
                applied = applied.chain(() -> conversations.unlinked(tx, unlinked));
                joined.add(unlinked.to());
            }
        }
        return joined.isEmpty() ? applied : applied.chain(() -> merges.tellGate(tx, joined));
    }
}
