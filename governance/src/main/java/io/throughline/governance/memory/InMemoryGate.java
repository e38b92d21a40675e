package io.throughline.governance.memory;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.CustomerHistory;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateAnswer;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.memory.Contact.Mark;
import io.throughline.governance.memory.Customer.Alias;
import io.throughline.governance.memory.Customer.Erased;
import io.throughline.governance.memory.Customer.Live;
import io.throughline.governance.rules.Outcome;
import io.throughline.governance.rules.PolicyRules;
import io.throughline.governance.rules.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The contact gate as a state machine over a map: single-threaded, the time an argument, counted in
 * whole milliseconds. Gives the answers that the function library in Redis gives.
 */
public final class InMemoryGate {

    /** Milliseconds. */
    private static final long MOMENT = 1_000;

    private record Address(Channel channel, String address) {}

    private final Duration lease;
    private final Duration patience;
    private final Map<CustomerId, Customer> customers = new HashMap<>();
    private final Map<Address, Consents> addresses = new HashMap<>();
    private @Nullable PolicyRules<Rules> rules;
    private int epoch;

    /** A gate that is as patient as its leases are long. */
    public InMemoryGate(Duration lease) {
        this(lease, lease);
    }

    /**
     * @param lease within which an allowed message must be handed over
     * @param patience how long an opt-out or a silence is told to wait for what is under way
     */
    public InMemoryGate(Duration lease, Duration patience) {
        this.lease = lease;
        this.patience = patience;
    }

    /**
     * Begins another epoch, as where another server takes over that may have been behind: nobody is
     * known until both ledgers have been heard again.
     */
    public void beginEpoch() {
        epoch++;
    }

    public int epoch() {
        return epoch;
    }

    public GateAnswer reserve(GateRequest request, ContactPolicy policy, Instant now) {
        return ask(request, policy, now, true);
    }

    public GateAnswer peek(GateRequest request, ContactPolicy policy, Instant now) {
        return ask(request, policy, now, false);
    }

    private GateAnswer ask(
            GateRequest request, ContactPolicy policy, Instant instant, boolean take) {
        long now = instant.toEpochMilli();
        Rules rules = rulesOf(policy).plan(request);
        CustomerId id = root(request.customer());
        Live customer = held(id);
        Outcome outcome =
                customer == null
                        ? new Outcome.Unknown()
                        : decide(customer, request, rules, Instant.ofEpochMilli(now));
        boolean stopped = stopped(request.channel(), request.address(), request.topic());
        boolean counted =
                request.askedBefore()
                        && customer != null
                        && customer.counts(request.message(), now - rules.horizon().toMillis());
        GateAnswer answer =
                rules.answer(
                        outcome,
                        stopped,
                        id,
                        Instant.ofEpochMilli(now).plus(take ? lease : Duration.ZERO));
        if (take && customer != null && outcome instanceof Outcome.Found found && found.passes()) {
            boolean fresh = count(customer, request, rules, now);
            if (answer instanceof GateAnswer.Denied && fresh) {
                refund(new ContactRef(id, request.message()));
            }
        }
        return counted ? answer.ofCounted() : answer;
    }

    private PolicyRules<Rules> rulesOf(ContactPolicy policy) {
        PolicyRules<Rules> current = rules;
        if (current == null || !current.areOf(policy)) {
            current = new PolicyRules<>(policy, r -> r);
            rules = current;
        }
        return current;
    }

    private static Outcome decide(Live customer, GateRequest request, Rules rules, Instant now) {
        long from = now.toEpochMilli() - rules.horizon().toMillis() + 1;
        return customer.knownBackTo(from)
                ? rules.look(customer, request, now)
                : new Outcome.Unknown();
    }

    /** Counts the message; answers whether it did not count before. */
    private boolean count(Live customer, GateRequest request, Rules rules, long now) {
        Contact own = null;
        for (Contact contact : customer.contacts) {
            if (contact.isOf(request.message(), request.channel())) {
                own = contact;
            }
        }
        long gone = now - rules.keep().toMillis();
        if (customer.contacts.removeIf(c -> c.at() <= gone)) {
            customer.since = Math.max(customer.since, gone + 1);
        }
        customer.contacts.remove(own);
        long at = now;
        Mark mark = Mark.RESERVED;
        if (own != null && !own.mark().counts()) {
            at = Math.max(now, own.at() + 1);
        } else if (own != null) {
            at = Math.max(now, own.at());
            mark = own.mark().wasSettled() ? Mark.AGAIN : Mark.RESERVED;
        }
        customer.contacts.add(new Contact(request, at, mark));
        customer.overBy = Math.max(customer.overBy, now + patience.toMillis());
        return own == null || !own.mark().counts();
    }

    /** Settles a message; where it was refunded before, the contact is put back. */
    public Settlement settle(ContactRef contact) {
        return settle(contact, Instant.MAX);
    }

    /**
     * The same, now. One that was under way when a ledger told of it stands at the latest instant
     * at which it could be handed over; it was before now. What was reserved again stands a moment
     * after its refund, and stays there.
     */
    public Settlement settle(ContactRef contact, Instant now) {
        long latest = now.equals(Instant.MAX) ? Long.MAX_VALUE : now.toEpochMilli();
        Live customer = held(root(contact.customer()));
        if (customer == null) {
            return Settlement.NOTHING;
        }
        Settlement found = Settlement.NOTHING;
        int refunded = -1;
        for (int i = 0; i < customer.contacts.size(); i++) {
            Contact held = customer.contacts.get(i);
            if (held.message().equals(contact.message())) {
                if (held.mark() == Mark.REFUNDED) {
                    refunded =
                            refunded < 0 || held.at() >= customer.contacts.get(refunded).at()
                                    ? i
                                    : refunded;
                } else if (held.mark() != Mark.TAKEN) {
                    customer.contacts.set(
                            i,
                            held.with(
                                    held.at() - MOMENT > latest ? latest : held.at(),
                                    Mark.SETTLED));
                    found = Settlement.SETTLED;
                }
            }
        }
        if (found == Settlement.NOTHING && refunded >= 0) {
            customer.contacts.set(refunded, customer.contacts.get(refunded).with(Mark.SETTLED));
            found = Settlement.OVERRUN;
        }
        return found;
    }

    /** Takes a message back that was not settled; answers whether it did. */
    public boolean refund(ContactRef contact) {
        Live customer = held(root(contact.customer()));
        if (customer == null) {
            return false;
        }
        boolean taken = false;
        for (int i = 0; i < customer.contacts.size(); i++) {
            Contact held = customer.contacts.get(i);
            if (held.message().equals(contact.message()) && held.underWay()) {
                boolean counted = held.mark() == Mark.RESERVED;
                customer.contacts.set(i, held.with(counted ? Mark.REFUNDED : Mark.SETTLED));
                taken |= counted;
            }
        }
        return taken;
    }

    /** Takes a message back that was handed over; answers whether it did. */
    public boolean takeBack(ContactRef contact) {
        return remark(
                contact,
                held -> held.mark() == Mark.RESERVED || held.mark() == Mark.SETTLED,
                held -> held.with(Mark.TAKEN));
    }

    /** Counts a message again that was taken back; answers whether it did. */
    public boolean putBack(ContactRef contact) {
        return remark(
                contact,
                held -> held.mark() == Mark.TAKEN,
                held -> held.with(held.at() + 1, Mark.SETTLED));
    }

    private boolean remark(
            ContactRef contact, Predicate<Contact> which, UnaryOperator<Contact> change) {
        Live customer = held(root(contact.customer()));
        if (customer == null) {
            return false;
        }
        boolean changed = false;
        for (int i = 0; i < customer.contacts.size(); i++) {
            Contact held = customer.contacts.get(i);
            if (held.message().equals(contact.message()) && which.test(held)) {
                customer.contacts.set(i, change.apply(held));
                changed = true;
            }
        }
        return changed;
    }

    /**
     * Puts a consent in force.
     *
     * @return how long what was allowed before may still be under way on the channel, where this is
     *     an opt-out
     */
    public Duration consent(ConsentWrite consent, Instant now) {
        address(consent);
        if (consent.customer() == null) {
            return Duration.ZERO;
        }
        Live customer = live(root(consent.customer()));
        join(customer, consent);
        return Duration.ofMillis(
                consent.state() == ConsentState.OPTED_OUT
                        ? customer.timeLeft(consent.channel(), now.toEpochMilli())
                        : 0);
    }

    /** The same of several; whoever is one with another of them keeps all. */
    public void forget(
            Set<CustomerId> customers, Map<CustomerId, Set<MessageId>> messages, Instant begun) {
        messages.forEach((customer, theirs) -> {
            boolean apart =
                    customers.stream()
                            .noneMatch(other ->
                                    !other.equals(customer) && root(other).equals(customer));
            if (apart) {
                forget(customer, theirs, begun);
            }
        });
    }

    /**
     * Stops counting messages that are another customer's, or did not leave.
     *
     * @param begun what was reserved since goes on counting
     */
    public void forget(CustomerId id, Set<MessageId> messages, Instant begun) {
        Live customer = held(root(id));
        if (customer != null && root(id).equals(id)) {
            customer.contacts.removeIf(contact ->
                    (contact.mark() == Mark.SETTLED || contact.mark() == Mark.RESERVED)
                            && contact.at() < begun.toEpochMilli()
                            && messages.contains(contact.message()));
        }
    }

    /** When the opt-in was said that counts in the place of an opt-out that was put in force. */
    public Optional<Instant> outdone(ConsentWrite consent) {
        if (consent.state() == ConsentState.OPTED_IN) {
            return Optional.empty();
        }
        long latest = 0;
        if (consent.address() != null) {
            Consents held = addresses.get(new Address(consent.channel(), consent.address()));
            latest = held == null ? 0 : held.inAt(consent.channel(), consent.topic());
        }
        if (consent.customer() != null) {
            Live customer = live(root(consent.customer()));
            latest = Math.max(latest, customer.consents.inAt(consent.channel(), consent.topic()));
        }
        return latest == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(latest));
    }

    /** An address keeps an opt-in only where it ends a stop. */
    private void address(ConsentWrite consent) {
        if (consent.address() == null) {
            return;
        }
        Address key = new Address(consent.channel(), consent.address());
        Consents held = addresses.computeIfAbsent(key, k -> new Consents());
        if (consent.state() == ConsentState.OPTED_OUT
                || held.holds(consent.channel(), consent.topic())) {
            held.join(
                    consent.channel(),
                    consent.topic(),
                    consent.state(),
                    consent.at().toEpochMilli());
        }
        if (held.isEmpty()) {
            addresses.remove(key);
        }
    }

    private static void join(Live customer, ConsentWrite consent) {
        customer.consents.join(
                consent.channel(), consent.topic(), consent.state(), consent.at().toEpochMilli());
    }

    /**
     * Puts a silence in force.
     *
     * @return how long what was allowed before may still be under way
     */
    public Duration silence(SilenceWrite silence, Instant now) {
        Live customer = live(root(silence.customer()));
        forgetEnded(customer, now.toEpochMilli());
        customer.silence(silence);
        return Duration.ofMillis(customer.timeLeft(null, now.toEpochMilli()));
    }

    private static void forgetEnded(Live customer, long now) {
        customer.silences.values().removeIf(held -> held.until() <= now);
    }

    /**
     * How long what is under way to a customer may still take.
     *
     * @param channel the only one meant; absent for any
     */
    public Duration timeLeft(CustomerId id, @Nullable Channel channel, Instant now) {
        Live customer = held(root(id));
        return customer == null
                ? Duration.ZERO
                : Duration.ofMillis(customer.timeLeft(channel, now.toEpochMilli()));
    }

    public void whereabouts(CustomerId id, Whereabouts where) {
        live(root(id)).where = where;
    }

    public void engaged(Engagement engagement) {
        Live customer = live(root(engagement.customer()));
        customer.engaged = Math.max(customer.engaged, engagement.at().toEpochMilli());
    }

    /** Makes {@code merged} an alias of {@code survivor}; nothing where they are one already. */
    public void merge(CustomerId survivor, CustomerId merged) {
        CustomerId into = root(survivor);
        if (into.equals(merged)) {
            return;
        }
        switch (customers.get(merged)) {
            case Alias alias -> {
                CustomerId now = root(merged);
                if (!now.equals(into)) {
                    merge(into, now);
                }
                Live was = new Live(alias.epoch());
                was.permissions = alias.permissions();
                was.since = alias.since();
                live(into).absorb(was.in(epoch));
            }
            case Live live -> become(merged, into, live.in(epoch));
            case Erased erased -> {}
            case null -> become(merged, into, new Live(epoch));
        }
    }

    private void become(CustomerId merged, CustomerId into, Live was) {
        live(into).absorb(was);
        customers.put(merged, new Alias(into, was.permissions, was.since, epoch));
    }

    /** Gives {@code to} a copy of all that {@code from} is held back by. */
    public void split(CustomerId from, CustomerId to) {
        Live held = held(root(from));
        Live source = held == null ? new Live(epoch) : held;
        Live target = live(root(to));
        if (target != source) {
            target.absorb(source);
        }
    }

    /** Puts permissions in the place of those that are there, of somebody who is nobody else. */
    public void restate(CustomerHistory.Permissions permissions) {
        CustomerId id = permissions.customer();
        if (customers.get(id) instanceof Alias) {
            customers.put(id, new Live(epoch));
        }
        live(id).forgetPermissions();
        hydrate(permissions);
    }

    public void hydrate(CustomerHistory history) {
        hydrate(history, epoch);
    }

    /**
     * Hydrates with what was read without locks.
     *
     * @param read the {@link #epoch} before it was read; contacts of another make nobody known
     */
    public void hydrate(CustomerHistory history, int read) {
        switch (history) {
            case CustomerHistory.Permissions permissions -> hydrate(permissions);
            case CustomerHistory.Contacts contacts -> hydrate(contacts, read == epoch);
        }
    }

    private void hydrate(CustomerHistory.Permissions permissions) {
        for (CustomerId merged : permissions.merged()) {
            if (!root(merged).equals(root(permissions.customer()))) {
                merge(permissions.customer(), merged);
            }
        }
        CustomerId id = root(permissions.customer());
        Live customer = live(id);
        boolean complete = id.equals(permissions.customer());
        if (permissions.where().known() && (complete || !customer.where.known())) {
            customer.where = permissions.where();
        }
        for (ConsentWrite consent : permissions.consents()) {
            if (consent.customer() != null) {
                join(customer, consent);
            }
            address(consent);
        }
        for (SilenceWrite silence : permissions.silences()) {
            customer.silence(silence);
        }
        Instant engagedAt = permissions.engagedAt();
        if (engagedAt != null) {
            customer.engaged = Math.max(customer.engaged, engagedAt.toEpochMilli());
        }
        if (complete) {
            customer.permissions = true;
        }
    }

    private void hydrate(CustomerHistory.Contacts contacts, boolean complete) {
        Live customer = live(root(contacts.customer()));
        for (CustomerHistory.Contact contact : contacts.contacts()) {
            customer.join(
                    new Contact(
                            contact.message(),
                            contact.channel(),
                            contact.category(),
                            contact.topic(),
                            contact.journey(),
                            contact.at().toEpochMilli(),
                            contact.settled() ? Mark.SETTLED : Mark.RESERVED));
            if (!contact.settled()) {
                customer.overBy = Math.max(customer.overBy, contact.at().toEpochMilli());
            }
        }
        if (complete) {
            customer.since = Math.min(customer.since, contacts.since().toEpochMilli());
        }
    }

    /**
     * Forgets a customer for good; an alias is not followed.
     *
     * @return how long what was allowed before may still be under way
     */
    public Duration erase(CustomerId id, Instant now) {
        long overBy =
                switch (customers.get(id)) {
                    case Live live -> live.timeLeft(null, now.toEpochMilli()) > 0 ? live.overBy : 0;
                    case Erased erased -> erased.overBy();
                    case Alias alias -> 0;
                    case null -> 0;
                };
        customers.put(id, new Erased(overBy));
        return Duration.ofMillis(Math.max(0, overBy - now.toEpochMilli()));
    }

    public boolean known(CustomerId id) {
        Live customer = held(root(id));
        return customer != null && customer.known();
    }

    /** Whether the whole channel is stopped for an address. */
    public boolean addressOptedOut(Channel channel, String address) {
        return stopped(channel, address, null);
    }

    private boolean stopped(Channel channel, String address, @Nullable String topic) {
        Consents held = addresses.get(new Address(channel, address));
        return held != null && held.out(channel, topic);
    }

    private CustomerId root(CustomerId id) {
        CustomerId at = id;
        while (customers.get(at) instanceof Alias alias) {
            at = alias.survivor();
        }
        return at;
    }

    private @Nullable Live held(CustomerId id) {
        return customers.get(id) instanceof Live live ? live.in(epoch) : null;
    }

    private Live live(CustomerId id) {
        return switch (customers.get(id)) {
            case Live live -> live.in(epoch);
            // What is written of an erased customer goes nowhere.
            case Erased erased -> new Live(epoch);
            case Alias alias ->
                    throw new IllegalStateException(id + " is an alias of " + alias.survivor());
            case null -> {
                Live created = new Live(epoch);
                customers.put(id, created);
                yield created;
            }
        };
    }
}
