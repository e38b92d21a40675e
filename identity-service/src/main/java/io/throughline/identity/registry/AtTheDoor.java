package io.throughline.identity.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.resolution.Statement;
import io.throughline.identity.store.CustomerStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * What has to be true before an event is acknowledged: identifiers that it links belong to one
 * customer, and the silence that it begins is in force (promise P2). Most events do neither and
 * need no database here.
 */
@Singleton
public class AtTheDoor {

    private static final int KNOWN_LINKS = 200_000;

    private final Transactions transactions;
    private final CustomerStore customers;
    private final ErasedBefore erased;
    private final Resolving resolving;
    private final Silencing silencing;
    private final Conversions conversions;
    private final DenyingAhead ahead;

    /**
     * Sets of identifiers that were resolved together, by a hash of them; so the second event of a
     * signed-in customer costs nothing. A collision would leave a link to the stream, which makes
     * all of them anyway.
     */
    private final Cache<Long, Boolean> knownLinks =
            Caffeine.newBuilder().maximumSize(KNOWN_LINKS).build();

    AtTheDoor(
            Transactions transactions,
            CustomerStore customers,
            ErasedBefore erased,
            Resolving resolving,
            Silencing silencing,
            Conversions conversions,
            DenyingAhead ahead) {
        this.transactions = transactions;
        this.customers = customers;
        this.erased = erased;
        this.resolving = resolving;
        this.silencing = silencing;
        this.conversions = conversions;
        this.ahead = ahead;
    }

    /**
     * Does what must not wait for the log. A failure means that the events must not be
     * acknowledged; asking again is safe.
     */
    public Uni<Void> settle(List<AcceptedEvent> events) {
        if (!conversions.areKnown() || !resolving.areRulesKnown()) {
            return Uni.createFrom().failure(new TooEarly());
        }
        List<AcceptedEvent> urgent = events.stream().filter(this::cannotWait).toList();
        if (urgent.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return ahead.silences(
                        urgent,
                        CameSecond.again(
                                () -> transactions.inTransaction(tx -> settle(tx, urgent)),
                                CameSecond.TRIES))
                .invoke(() -> urgent.forEach(this::remember))
                .replaceWithVoid();
    }

    private Uni<List<Owned>> settle(SqlConnection tx, List<AcceptedEvent> events) {
        return customers
                .unseen(tx, events)
                .chain(fresh -> erased.without(tx, fresh))
                .chain(fresh ->
                        fresh.isEmpty()
                                ? Uni.createFrom().item(List.<Owned>of())
                                : link(tx, fresh)
                                        .call(() -> erased.since(tx, fresh))
                                        .call(owned -> silencing.begin(tx, owned)));
    }

    private Uni<List<Owned>> link(SqlConnection tx, List<AcceptedEvent> events) {
        return resolving
                .resolve(tx, events.stream().map(Statement::linksOf).toList())
                .map(owner -> Owned.all(events, Statement::linksOf, owner));
    }

    private boolean cannotWait(AcceptedEvent event) {
        boolean links =
                event.identifiers().size() > 1 && knownLinks.getIfPresent(hash(event)) == null;
        return links || conversions.isConversion(event);
    }

    private void remember(AcceptedEvent event) {
        if (event.identifiers().size() > 1) {
            knownLinks.put(hash(event), Boolean.TRUE);
        }
    }

    /** Which events convert, or which link, is not known yet, so none can be acknowledged. */
    private static final class TooEarly extends RuntimeException {

        TooEarly() {
            super(
                    "the conversion rules, or those of who is who, have not been read yet",
                    null,
                    false,
                    false);
        }
    }

    /** FNV-1a, 64 bits. */
    private static Long hash(AcceptedEvent event) {
        long hash = event.trust() == Trust.CLAIMED ? 1 : 0xcbf29ce484222325L;
        for (Identifier identifier : event.identifiers()) {
            String text = identifier.toString();
            for (int i = 0; i < text.length(); i++) {
                hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
            }
            hash = (hash ^ 0x1F) * 0x100000001b3L;
        }
        return hash;
    }
}
