package io.throughline.journey.conversation;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.journey.conversation.Casebook.Loaded;
import io.throughline.journey.conversation.Turn.Answers;
import io.throughline.journey.engine.Instance;
import io.throughline.journey.profile.KnownCustomer;
import io.throughline.journey.store.Catalogue;
import io.throughline.journey.store.Catalogue.Standing;
import io.throughline.journey.store.Catalogue.Version;
import io.throughline.journey.store.CustomerStore;
import io.throughline.journey.store.EntryStore;
import io.throughline.journey.store.InstanceStore;
import io.throughline.journey.store.SeenMessages;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Takes out of the database what a unit of work is about, under the customers' locks. */
@ApplicationScoped
class CaseFiles {

    private final CustomerStore customers;
    private final InstanceStore instances;
    private final EntryStore entries;
    private final SeenMessages messages;
    private final Catalogue catalogue;

    CaseFiles(
            CustomerStore customers,
            InstanceStore instances,
            EntryStore entries,
            SeenMessages messages,
            Catalogue catalogue) {
        this.customers = customers;
        this.instances = instances;
        this.entries = entries;
        this.messages = messages;
        this.catalogue = catalogue;
    }

    record Opened(InForce inForce, Casebook book, Answers answers) {}

    /** Everything that these stimuli can touch. */
    Uni<Opened> open(SqlConnection tx, List<Stimulus> stimuli, Instant now) {
        return read(tx, stimuli)
                .chain(read -> answers(tx, stimuli, now).map(answers -> read.with(answers)));
    }

    /**
     * The same once more, as it stands now. What was new to the first reading is new to this one.
     */
    Uni<Opened> again(SqlConnection tx, List<Stimulus> stimuli, Opened before) {
        return read(tx, stimuli).map(read -> read.with(before.answers()));
    }

    private record Read(InForce inForce, Casebook book) {

        Opened with(Answers answers) {
            return new Opened(inForce, book, answers);
        }
    }

    private Uni<Read> read(SqlConnection tx, List<Stimulus> stimuli) {
        return locked(tx, Involved.customers(stimuli))
                .chain(locked -> loaded(tx, locked))
                .chain(loaded ->
                        inForce(tx, loaded)
                                .map(inForce -> new Read(inForce, new Casebook(loaded))));
    }

    /** Whether what is to be held still has to be; from here on it stays so until the commit. */
    Uni<Boolean> mayHold(SqlConnection tx, Opened opened) {
        SortedSet<String> holding = opened.book().holding();
        return holding.isEmpty()
                ? Uni.createFrom().item(true)
                : catalogue.pinned(tx, holding).map(opened.inForce()::agreesWith);
    }

    /** The customers, or who they became, locked. */
    private record Locked(List<KnownCustomer> customers, Map<CustomerId, CustomerId> became) {

        List<CustomerId> ids() {
            return customers.stream().map(KnownCustomer::id).toList();
        }
    }

    private Uni<Locked> locked(SqlConnection tx, SortedSet<CustomerId> named) {
        return customers
                .survivors(tx, named)
                .chain(became ->
                        lock(
                                tx,
                                resolved(named, became),
                                new Locked(new ArrayList<>(), new HashMap<>(became))));
    }

    /** Locks; whoever was merged while this waited for the lock is followed once more. */
    private Uni<Locked> lock(SqlConnection tx, SortedSet<CustomerId> wanted, Locked soFar) {
        return customers
                .lock(tx, wanted)
                .chain(locked -> {
                    soFar.customers().addAll(locked.known());
                    follow(soFar.became(), locked.merged());
                    TreeSet<CustomerId> more = new TreeSet<>(locked.merged().values());
                    soFar.ids().forEach(more::remove);
                    return more.isEmpty() ? Uni.createFrom().item(soFar) : lock(tx, more, soFar);
                });
    }

    private static void follow(
            Map<CustomerId, CustomerId> became, Map<CustomerId, CustomerId> merged) {
        became.replaceAll((alias, is) -> merged.getOrDefault(is, is));
        became.putAll(merged);
    }

    private static SortedSet<CustomerId> resolved(
            SortedSet<CustomerId> named, Map<CustomerId, CustomerId> became) {
        TreeSet<CustomerId> resolved = new TreeSet<>();
        named.forEach(customer -> resolved.add(became.getOrDefault(customer, customer)));
        return resolved;
    }

    private Uni<Loaded> loaded(SqlConnection tx, Locked locked) {
        return Uni.combine()
                .all()
                .unis(instances.running(tx, locked.ids()), entries.latest(tx, locked.ids()))
                .with((running, entered) ->
                        new Loaded(locked.became(), locked.customers(), running, entered));
    }

    private Uni<InForce> inForce(SqlConnection tx, Loaded loaded) {
        return Uni.combine()
                .all()
                .unis(catalogue.journeys(tx), catalogue.policy(tx))
                .asTuple()
                .chain(found ->
                        catalogue
                                .programs(tx, versions(found.getItem1(), loaded.running()))
                                .map(programs ->
                                        new InForce(found.getItem1(), programs, found.getItem2())));
    }

    private static List<Version> versions(Map<String, Standing> journeys, List<Instance> running) {
        List<Version> versions = new ArrayList<>(InForce.entered(journeys));
        running.forEach(
                instance -> versions.add(new Version(instance.journey(), instance.version())));
        return versions;
    }

    private Uni<Answers> answers(SqlConnection tx, List<Stimulus> stimuli, Instant now) {
        return messages.sent(tx, Involved.sent(stimuli))
                .chain(sent ->
                        messages.answered(tx, Involved.answered(stimuli), now)
                                .map(answered -> new Answers(sent, answered)));
    }
}
