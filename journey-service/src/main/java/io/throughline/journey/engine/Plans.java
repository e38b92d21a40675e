package io.throughline.journey.engine;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.message.JourneyRef;
import io.throughline.journey.arbitration.Planned;
import io.throughline.journey.definition.JourneyDocument;
import io.throughline.journey.engine.Peers.Peer;
import io.throughline.journey.engine.Program.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a customer's instances are going to send next, as far as nothing but time stands between.
 * After a wait-for or a branch nobody knows; who is held out sends nothing; a transactional message
 * is under no cap and takes no place from others.
 */
public final class Plans {

    private Plans() {}

    /**
     * Contacts that are due within {@code horizon} before or after now, the most important first.
     */
    public static List<Planned> of(
            List<Peer> peers, CustomerView customer, Instant now, Duration horizon) {
        return horizon.isZero()
                ? List.of()
                : peers.stream()
                        .flatMap(peer -> Stream.ofNullable(next(peer, customer)))
                        .filter(planned -> !planned.due().isAfter(now.plus(horizon)))
                        .filter(planned -> planned.due().isAfter(now.minus(horizon)))
                        .filter(planned -> planned.deadline().isAfter(now))
                        .sorted(Planned.BY_RANK)
                        .toList();
    }

    private static @Nullable Planned next(Peer peer, CustomerView customer) {
        Instance instance = peer.instance();
        Program program = peer.program();
        if (!peer.moving()
                || instance.heldOut()
                || program.document().category() == Category.TRANSACTIONAL) {
            return null;
        }
        return switch (instance.waiting()) {
            case Waiting.ForTime wait -> afterWait(peer, wait, customer);
            case Waiting.ForRetry retry ->
                    program.at(retry.step()) instanceof Node.Send send
                            ? planned(
                                    program,
                                    instance,
                                    send,
                                    retry.attempt(),
                                    retry.due(),
                                    retry.deadline(),
                                    reachable(send, customer),
                                    customer)
                            : null;
            case Waiting.ForReport report -> pending(peer, report, customer);
            case Waiting.ForEvent event -> null;
            case Waiting.ForGate gate -> null;
        };
    }

    /** One wait may follow another. */
    private static @Nullable Planned afterWait(
            Peer peer, Waiting.ForTime wait, CustomerView customer) {
        Program program = peer.program();
        Instant due = wait.due();
        int next = program.at(wait.step()) instanceof Node.Wait at ? at.next() : Program.END;
        while (next != Program.END && program.node(next) instanceof Node.Wait further) {
            due = due.plus(further.duration());
            next = further.next();
        }
        return next != Program.END && program.node(next) instanceof Node.Send send
                ? planned(
                        program,
                        peer.instance(),
                        send,
                        1,
                        due,
                        due.plus(send.send().within()),
                        reachable(send, customer),
                        customer)
                : null;
    }

    /** What was asked for, until it is known what became of it. */
    private static @Nullable Planned pending(
            Peer peer, Waiting.ForReport report, CustomerView customer) {
        Instant asked = report.asked();
        List<Channel> channels =
                customer.addresses().containsKey(report.channel())
                        ? List.of(report.channel())
                        : List.of();
        Planned planned =
                asked != null && peer.program().at(report.step()) instanceof Node.Send send
                        ? planned(
                                peer.program(),
                                peer.instance(),
                                send,
                                report.attempt(),
                                asked,
                                report.deadline(),
                                channels,
                                customer)
                        : null;
        return planned == null
                ? null
                : new Planned(
                        planned.origin(),
                        report.message(),
                        planned.priority(),
                        planned.value(),
                        planned.due(),
                        planned.deadline(),
                        planned.channels(),
                        planned.addresses(),
                        planned.category(),
                        planned.topic(),
                        true);
    }

    /** A send of an instance as a planned contact; null where the customer cannot be reached. */
    static @Nullable Planned planned(
            Program program,
            Instance instance,
            Node.Send send,
            int attempt,
            Instant due,
            Instant deadline,
            List<Channel> channels,
            CustomerView customer) {
        if (channels.isEmpty()) {
            return null;
        }
        JourneyDocument document = program.document();
        return new Planned(
                new JourneyRef(program.journey(), program.version(), instance.id(), send.path()),
                MessageId.of(instance.id(), send.path(), attempt),
                document.priority(),
                document.valueOf(send.send()),
                due,
                deadline,
                channels,
                channels.stream()
                        .map(channel -> Objects.requireNonNull(customer.addresses().get(channel)))
                        .toList(),
                document.category(),
                document.topic(),
                false);
    }

    static List<Channel> reachable(Node.Send send, CustomerView customer) {
        return send.send().by().channels().stream()
                .filter(customer.addresses()::containsKey)
                .toList();
    }
}
