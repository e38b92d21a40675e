package io.throughline.identity.registry;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.stream.SurroundingsFault;
import io.throughline.chassis.stream.Transactions;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.ConsentFold;
import io.throughline.identity.consent.ConsentFold.Merge;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.registry.ConsentEnforcement.Tightened;
import io.throughline.identity.store.ConcurrentChange;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.CustomerStore;
import io.throughline.identity.store.PermissionStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Consents as they are said: in the ledger and in force at the gate before anybody is told that
 * they are (promise P1).
 */
@ApplicationScoped
public class ConsentBook {

    /** Some seconds' worth: who wants to be left alone is not sent away because others are busy. */
    private static final int TRIES = 50;

    private final Transactions transactions;
    private final Resolving resolving;
    private final CustomerStore customers;
    private final PermissionStore permissions;
    private final ConsentLedger ledger;
    private final ConsentEnforcement enforcement;
    private final DenyingAhead ahead;
    private final InstantSource clock;

    ConsentBook(
            Transactions transactions,
            Resolving resolving,
            CustomerStore customers,
            PermissionStore permissions,
            ConsentLedger ledger,
            ConsentEnforcement enforcement,
            DenyingAhead ahead,
            InstantSource clock) {
        this.transactions = transactions;
        this.resolving = resolving;
        this.customers = customers;
        this.permissions = permissions;
        this.ledger = ledger;
        this.enforcement = enforcement;
        this.ahead = ahead;
        this.clock = clock;
    }

    /**
     * A consent as a caller states it.
     *
     * @param identifier whose it is; where it is itself an address of the channel the consent is
     *     for that address too
     */
    public record Statement(
            Identifier identifier,
            Channel channel,
            @Nullable String topic,
            ConsentState state,
            Provenance provenance) {

        /**
         * @param customer absent where nobody is known
         */
        Consent by(@Nullable CustomerId customer, Instant at) {
            boolean address = Identifiers.isAddressOf(identifier, channel);
            return new Consent(
                    customer,
                    identifier,
                    channel,
                    topic,
                    state,
                    address ? identifier.value() : null,
                    provenance,
                    at);
        }
    }

    /**
     * Somebody who wants to be left alone, in whatever way she said so.
     *
     * @param identifier of the customer; it need not be an address of the channels
     * @param topics none: the channels as a whole
     */
    public record OptOut(
            Identifier identifier,
            Set<Channel> channels,
            Set<String> topics,
            Provenance provenance) {}

    /**
     * Takes a consent now; the customer is made where the identifier is new. What was said before
     * never outweighs it, whatever the clocks of two machines say.
     */
    public Uni<Consent> take(Statement statement) {
        return take(List.of(statement)).map(List::getFirst);
    }

    /** Takes what one customer says at one time: all of it or nothing. */
    public Uni<List<Consent>> take(List<Statement> statements) {
        Instant asked = clock.instant();
        return ahead.optOuts(statements, inOneGo(tx -> take(tx, statements, asked)));
    }

    /**
     * Takes what a piece of work, in the same transaction, finds that was said.
     *
     * @param said none: nothing is taken
     */
    Uni<List<Consent>> take(Function<SqlConnection, Uni<List<Statement>>> said) {
        Instant asked = clock.instant();
        return inOneGo(tx -> said.apply(tx).chain(statements -> take(tx, statements, asked)));
    }

    /** Does something about whoever has an identifier, who is made where nobody has it. */
    <T> Uni<T> aboutOwner(
            Identifier identifier,
            Provenance from,
            BiFunction<SqlConnection, CustomerId, Uni<T>> work) {
        return again(tx -> owner(tx, identifier, from).chain(customer -> work.apply(tx, customer)));
    }

    /**
     * Takes an opt-out, for the customer and for each address she holds.
     *
     * @return nothing where nobody is known by an identifier that is no address either
     */
    public Uni<List<Consent>> take(OptOut optOut) {
        Instant asked = clock.instant();
        return ahead.optOuts(
                statements(optOut, List.of()),
                inOneGo(tx ->
                        customers
                                .lockHolders(tx, List.of(optOut.identifier()))
                                .chain(known ->
                                        known.isEmpty() && !isAddress(optOut.identifier())
                                                ? Uni.createFrom().item(List.<Consent>of())
                                                : take(tx, optOut, asked))));
    }

    private static boolean isAddress(Identifier identifier) {
        return Arrays.stream(Channel.values())
                .anyMatch(channel -> Identifiers.isAddressOf(identifier, channel));
    }

    private Uni<List<Consent>> take(SqlConnection tx, OptOut optOut, Instant asked) {
        return owner(tx, optOut.identifier(), optOut.provenance())
                .chain(customer ->
                        permissions
                                .addresses(tx, customer)
                                .chain(held ->
                                        said(tx, statements(optOut, held), optOut, customer)))
                .chain(consents -> put(tx, consents, asked));
    }

    /** What is said under the identifier alone is its owner's, who is asked for already. */
    private Uni<List<Consent>> said(
            SqlConnection tx, List<Statement> statements, OptOut optOut, CustomerId owner) {
        if (statements.stream().anyMatch(s -> !s.identifier().equals(optOut.identifier()))) {
            return said(tx, statements);
        }
        Instant now = now();
        return Uni.createFrom().item(statements.stream().map(s -> s.by(owner, now)).toList());
    }

    private Uni<List<Consent>> inOneGo(Function<SqlConnection, Uni<List<Consent>>> work) {
        return again(work).call(enforcement::loosen);
    }

    private <T> Uni<T> again(Function<SqlConnection, Uni<T>> work) {
        return CameSecond.again(() -> transactions.inTransaction(work), TRIES);
    }

    private static List<Statement> statements(OptOut optOut, List<Identifier> held) {
        List<Statement> statements = new ArrayList<>();
        Set<Identifier> all = new TreeSet<>(held);
        all.add(optOut.identifier());
        for (Channel channel : optOut.channels()) {
            List<Identifier> addresses =
                    all.stream().filter(i -> Identifiers.isAddressOf(i, channel)).toList();
            List<Identifier> said = addresses.isEmpty() ? List.of(optOut.identifier()) : addresses;
            for (Identifier identifier : said) {
                topics(optOut)
                        .forEach(topic ->
                                statements.add(
                                        new Statement(
                                                identifier,
                                                channel,
                                                topic.orElse(null),
                                                ConsentState.OPTED_OUT,
                                                optOut.provenance())));
            }
        }
        return statements;
    }

    private static Stream<Optional<String>> topics(OptOut optOut) {
        return optOut.topics().isEmpty()
                ? Stream.of(Optional.empty())
                : optOut.topics().stream().map(Optional::of);
    }

    /** The same of several, in their order. All whom it is about are locked first, by their ids. */
    public Uni<Void> note(SqlConnection tx, List<Consent> said) {
        return customers
                .lockAll(
                        tx,
                        said.stream().flatMap(one -> named(one).stream()).toList(),
                        said.stream().map(Consent::customer).filter(Objects::nonNull).toList())
                .onFailure(ConcurrentChange.class)
                .transform(lost -> new SurroundingsFault("somebody else came first", lost))
                .chain(() ->
                        Multi.createFrom()
                                .iterable(said)
                                .onItem()
                                .transformToUniAndConcatenate(one -> note(tx, one))
                                .collect()
                                .last()
                                .replaceWithVoid());
    }

    private static List<Identifier> named(Consent consent) {
        String address = consent.address();
        return address == null
                ? List.of()
                : Identifiers.ofAddress(consent.channel(), address).stream().toList();
    }

    /**
     * Writes down, in the caller's transaction, what an address said elsewhere and some time ago;
     * the later of two counts. What was said before a merge is folded as if it had been known then,
     * since that merge has kept the more restrictive.
     *
     * @param consent its customer as far as the writer knew
     */
    public Uni<Void> note(SqlConnection tx, Consent consent) {
        return speaker(tx, consent)
                .chain(speaker ->
                        speaker == null
                                ? note(tx, consent, null)
                                : ledger.merges(tx, speaker)
                                        .chain(merges -> note(tx, consent, speaker, merges)))
                .onFailure(ConcurrentChange.class)
                .transform(lost -> new SurroundingsFault("somebody else came first", lost));
    }

    private Uni<Void> note(
            SqlConnection tx, Consent consent, CustomerId speaker, List<Merge> merges) {
        CustomerId named = consent.customer();
        CustomerId who =
                named != null && isPartOf(speaker, named, merges)
                        ? ConsentFold.whoWas(named, consent.at(), merges)
                        : speaker;
        return merges.stream().anyMatch(m -> m.at().isAfter(consent.at()))
                ? noteBeforeMerge(tx, consent.saidBy(who), speaker)
                : note(tx, consent, speaker);
    }

    private static boolean isPartOf(CustomerId customer, CustomerId named, List<Merge> merges) {
        return named.equals(customer) || merges.stream().anyMatch(m -> m.merged().equals(named));
    }

    private Uni<Void> note(SqlConnection tx, Consent consent, @Nullable CustomerId speaker) {
        Consent known = consent.saidBy(speaker);
        return enforcement.heard(known).chain(times -> ledger.write(tx, known, times));
    }

    private Uni<Void> noteBeforeMerge(SqlConnection tx, Consent consent, CustomerId speaker) {
        return ledger.storeBeforeMerge(tx, consent, speaker)
                .chain(standing ->
                        enforcement
                                .heard(consent, speaker, standing)
                                .chain(times ->
                                        ledger.tellBeforeMerge(
                                                tx, consent, speaker, standing, times)));
    }

    /**
     * Who has the address by now, or where nobody has, who the customer is by now; locked. Absent
     * where nobody is known. What is said under an address is its owner's, also where it is read
     * after the address was unlinked from whom it was said of.
     */
    private Uni<@Nullable CustomerId> speaker(SqlConnection tx, Consent consent) {
        CustomerId customer = consent.customer();
        return customers
                .lockHolders(tx, named(consent))
                .map(held -> held.isEmpty() ? null : held.getFirst())
                .chain(holder ->
                        holder != null || customer == null
                                ? Uni.createFrom().item(holder)
                                : customers
                                        .current(tx, customer)
                                        .chain(current ->
                                                current == null
                                                        ? Uni.createFrom().nullItem()
                                                        : lock(tx, current)));
    }

    private Uni<@Nullable CustomerId> lock(SqlConnection tx, CustomerId customer) {
        return customers.lock(tx, List.of(customer)).replaceWith(customer);
    }

    private Uni<List<Consent>> take(SqlConnection tx, List<Statement> statements, Instant asked) {
        return statements.isEmpty()
                ? Uni.createFrom().item(List.of())
                : said(tx, statements).chain(consents -> put(tx, consents, asked));
    }

    /** All of it at once: one write to the gate, then the ledger. */
    private Uni<List<Consent>> put(SqlConnection tx, List<Consent> said, Instant asked) {
        return afterAll(tx, said)
                .chain(consents -> enforcement.tighten(consents, asked))
                .call(done -> ledger.writeSaid(tx, done.said(), done.times()))
                .map(Tightened::said);
    }

    private Uni<List<Consent>> said(SqlConnection tx, List<Statement> statements) {
        Instant now = now();
        List<io.throughline.identity.resolution.Statement> names =
                statements.stream().map(s -> named(s.identifier(), s.provenance(), now)).toList();
        return resolving
                .resolve(tx, names)
                .map(owner -> {
                    List<Consent> consents = new ArrayList<>();
                    for (int i = 0; i < statements.size(); i++) {
                        consents.add(statements.get(i).by(owner.apply(names.get(i)), now));
                    }
                    return consents;
                });
    }

    private Uni<CustomerId> owner(SqlConnection tx, Identifier identifier, Provenance from) {
        return resolving.owner(tx, named(identifier, from, now()));
    }

    private static io.throughline.identity.resolution.Statement named(
            Identifier identifier, Provenance from, Instant now) {
        return io.throughline.identity.resolution.Statement.named(
                identifier, now, "consent", "consent " + from.source());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * Dates each consent after everything that was said before it, also of what is said with it.
     */
    private Uni<List<Consent>> afterAll(SqlConnection tx, List<Consent> consents) {
        return ledger.newest(tx, consents)
                .map(newest -> {
                    Map<Subject, Instant> last = new HashMap<>();
                    List<Consent> dated = new ArrayList<>();
                    for (int i = 0; i < consents.size(); i++) {
                        Consent consent = consents.get(i);
                        Consent later =
                                consent.after(newest.get(i).orElse(null))
                                        .after(last.get(Subject.of(consent)));
                        last.put(Subject.of(consent), later.at());
                        dated.add(later);
                    }
                    return dated;
                });
    }

    /** Whose consent is about what. */
    private record Subject(@Nullable CustomerId customer, About about) {

        static Subject of(Consent consent) {
            return new Subject(consent.customer(), new About(consent.channel(), consent.topic()));
        }
    }
}
