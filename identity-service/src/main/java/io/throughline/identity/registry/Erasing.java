package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.Gone;
import io.throughline.chassis.stream.Outbox;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Ids;
import io.throughline.contracts.Topics;
import io.throughline.contracts.customer.CustomerErased;
import io.throughline.identity.erasure.OneWay;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.store.ErasureStore;
import io.throughline.identity.store.ErasureStore.Locked;
import io.throughline.identity.store.ErasureStore.Name;
import io.throughline.identity.store.SuppressionStore;
import io.throughline.identity.store.SuppressionStore.Place;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Erases a customer: what is hers goes, what she was known by becomes hashes, the gate forgets her
 * and stops her addresses, and the other services are told, all before the caller has an answer.
 * The gate comes before the commit: should that fail, she is denied until it is asked again, and
 * never written to by mistake.
 */
@ApplicationScoped
public class Erasing {

    private final Transactions transactions;
    private final ErasureStore erasures;
    private final Remains remains;
    private final Enforcement enforcement;
    private final Ending ending;

    Erasing(
            Transactions transactions,
            ErasureStore erasures,
            Remains remains,
            Enforcement enforcement,
            Ending ending) {
        this.transactions = transactions;
        this.erasures = erasures;
        this.remains = remains;
        this.enforcement = enforcement;
        this.ending = ending;
    }

    /** What is kept of somebody who was erased: hashes of what she was known by. */
    @ApplicationScoped
    static class Remains {

        private final ErasureStore erasures;
        private final SuppressionStore suppressions;
        private final OneWay oneWay;

        Remains(ErasureStore erasures, SuppressionStore suppressions, OneWay oneWay) {
            this.erasures = erasures;
            this.suppressions = suppressions;
            this.oneWay = oneWay;
        }

        Uni<Void> keep(SqlConnection tx, List<Name> names, List<Place> places, Instant at) {
            List<byte[]> held =
                    names.stream()
                            .filter(Name::held)
                            .map(n -> oneWay.identifier(n.identifier()))
                            .toList();
            return erasures.remember(tx, held, at)
                    .chain(() -> suppressions.suppress(tx, places, at));
        }
    }

    /** Where it is made known that somebody is gone. */
    @ApplicationScoped
    static class Ending {

        private final Gone gone;
        private final Outbox outbox;
        private final InstantSource clock;
        private final RandomGenerator random;

        Ending(Gone gone, Outbox outbox, InstantSource clock, RandomGenerator random) {
            this.gone = gone;
            this.outbox = outbox;
            this.clock = clock;
            this.random = random;
        }

        Instant now() {
            return clock.instant().truncatedTo(ChronoUnit.MILLIS);
        }

        UUID newId(Instant now) {
            return Ids.timeOrdered(now, random);
        }

        Uni<Void> tell(SqlConnection tx, CustomerErased erased) {
            List<UUID> ids = new ArrayList<>();
            ids.add(erased.customer().value());
            erased.aliases().forEach(alias -> ids.add(alias.value()));
            return gone.add(
                            tx,
                            new Gone.Cause(
                                    erased.erasure(), erased.customer().value(), erased.erasedAt()),
                            ids)
                    .chain(() -> outbox.append(tx, List.of(erased)))
                    .chain(() ->
                            outbox.appendTombstones(
                                    tx,
                                    Topics.PREDICTIONS,
                                    ids.stream().map(UUID::toString).toList()));
        }
    }

    /**
     * Erases whom an id stands for; once, however often it is asked. Nothing is handed over to her
     * any more when this gives its item.
     *
     * @return whom; empty where nobody ever had the id
     */
    public Uni<Optional<CustomerId>> erase(CustomerId asked) {
        return CameSecond.again(
                () -> transactions.inTransaction(tx -> erase(tx, asked)), CameSecond.TRIES);
    }

    private Uni<Optional<CustomerId>> erase(SqlConnection tx, CustomerId asked) {
        return erasures.lock(tx, asked)
                .call(found ->
                        found.filter(locked -> locked.erasedAt() == null)
                                .map(locked -> eraseLocked(tx, locked))
                                .orElseGet(() -> Uni.createFrom().voidItem()))
                .map(found -> found.map(Locked::customer));
    }

    private Uni<Void> eraseLocked(SqlConnection tx, Locked locked) {
        Instant now = ending.now();
        CustomerErased erased =
                new CustomerErased(
                        locked.customer(),
                        locked.ids().stream().filter(id -> !id.equals(locked.customer())).toList(),
                        ending.newId(now),
                        now);
        return erasures.names(tx, locked.ids())
                .chain(names -> {
                    List<Place> places = places(names);
                    return remains.keep(tx, names, places, now)
                            .chain(() ->
                                    erasures.begin(
                                            tx,
                                            erased.erasure(),
                                            erased.customer(),
                                            erased.aliases(),
                                            now))
                            .chain(() -> enforcement.erase(locked.ids(), places, now))
                            .chain(() -> erasures.remove(tx, locked, names, now))
                            .chain(() -> ending.tell(tx, erased));
                });
    }

    /** Where messages went to her. */
    private static List<Place> places(List<Name> names) {
        List<Place> places = new ArrayList<>();
        for (Name name : names) {
            for (Channel channel : Channel.values()) {
                if (name.held() && Identifiers.isAddressOf(name.identifier(), channel)) {
                    places.add(new Place(channel, name.identifier().value()));
                }
            }
        }
        return places;
    }
}
