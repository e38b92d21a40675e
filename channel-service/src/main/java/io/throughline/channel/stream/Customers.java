package io.throughline.channel.stream;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.recall.Recalling;
import io.throughline.channel.store.Conversations;
import io.throughline.channel.store.Withdrawals;
import io.throughline.channel.stream.MergedCustomers.Parted;
import io.throughline.chassis.stream.Gathering;
import io.throughline.chassis.stream.Intake;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.customer.CustomersMerged;
import io.throughline.contracts.customer.IdentifiersUnlinked;
import io.throughline.contracts.customer.ProfileChanged;
import io.throughline.contracts.message.MessageEvent;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * Keeps the address book and who has become one with whom, tells which messages turn out to be
 * another's, and has messages taken back that a conversion or an opt-out came too late for.
 */
@ApplicationScoped
class Customers {

    private final Gathering batches;
    private final Conversations conversations;
    private final MergedCustomers merges;
    private final Recalling recalling;
    private final Withdrawals withdrawals;
    private final Outbox outbox;
    private final InstantSource clock;

    Customers(
            Vertx vertx,
            Intake intake,
            Conversations conversations,
            MergedCustomers merges,
            Recalling recalling,
            Withdrawals withdrawals,
            Outbox outbox,
            InstantSource clock) {
        this.batches =
                new Gathering(
                        vertx,
                        records -> {
                            Told told = new Told(new HashSet<>(), new ArrayList<>());
                            return intake.process(records, (tx, events) -> apply(tx, events, told))
                                    .call(() -> parted(told.parted()));
                        });
        this.conversations = conversations;
        this.merges = merges;
        this.recalling = recalling;
        this.withdrawals = withdrawals;
        this.outbox = outbox;
        this.clock = clock;
    }

    /**
     * Who is to be told of to the gate.
     *
     * @param joined who has more of a history now
     * @param parted who has less of one
     */
    private record Told(Set<CustomerId> joined, List<Parted> parted) {}

    private Uni<Void> parted(List<Parted> parted) {
        return parted.isEmpty() ? Uni.createFrom().voidItem() : merges.parted(parted);
    }

    @Incoming("customers")
    @Acknowledgment(Acknowledgment.Strategy.MANUAL)
    Uni<Void> consume(Message<ConsumerRecords<String, byte[]>> poll) {
        return batches.take(poll);
    }

    private Uni<Void> apply(SqlConnection tx, List<Envelope<?>> events, Told told) {
        Set<CustomerId> joined = told.joined();
        List<ProfileChanged> profiles =
                events.stream()
                        .map(Envelope::data)
                        .filter(ProfileChanged.class::isInstance)
                        .map(ProfileChanged.class::cast)
                        .toList();
        Instant now = clock.instant();
        Uni<Void> applied =
                noteUnlinked(tx, events, now).chain(() -> conversations.addresses(tx, profiles));
        for (Envelope<?> event : events) {
            if (event.data() instanceof CustomersMerged merge) {
                applied = applied.chain(() -> conversations.merged(tx, merge));
                joined.add(merge.survivor());
            } else if (event.data() instanceof IdentifiersUnlinked unlinked) {
                applied =
                        applied.chain(() -> withdrawals.unlinked(tx, unlinked, now))
                                .chain(() -> conversations.unlinked(tx, unlinked))
                                .invoke(reassigned ->
                                        told.parted().add(parted(unlinked, reassigned)))
                                .chain(reassigned -> outbox.append(tx, reassigned));
                joined.add(unlinked.to());
            }
        }
        // After the merges of the same batch, so that everybody who is one with them is found.
        applied = applied.chain(() -> recalling.after(tx, events));
        return joined.isEmpty() ? applied : applied.chain(() -> merges.tellGate(tx, joined));
    }

    private static Parted parted(
            IdentifiersUnlinked unlinked, List<MessageEvent.Reassigned> reassigned) {
        return new Parted(
                unlinked.customer(),
                unlinked.to(),
                reassigned.stream()
                        .map(MessageEvent.Reassigned::message)
                        .collect(Collectors.toSet()));
    }

    private Uni<Void> noteUnlinked(SqlConnection tx, List<Envelope<?>> events, Instant now) {
        Map<CustomerId, Long> versions = new HashMap<>();
        Uni<Void> noted = Uni.createFrom().voidItem();
        for (Envelope<?> event : events) {
            if (event.data() instanceof ProfileChanged profile) {
                versions.merge(profile.customer(), profile.version(), Math::max);
            } else if (event.data() instanceof IdentifiersUnlinked unlinked) {
                long version = versions.getOrDefault(unlinked.customer(), 0L);
                noted = noted.chain(() -> conversations.noteUnlinked(tx, unlinked, version, now));
            }
        }
        return noted;
    }
}
