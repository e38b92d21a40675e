package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.policy.PublishedPolicies;
import io.throughline.identity.consent.About;
import io.throughline.identity.consent.Provenance;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.neighbour.ChannelService;
import io.throughline.identity.preference.Choices;
import io.throughline.identity.preference.PreferenceCentre;
import io.throughline.identity.profile.Profile;
import io.throughline.identity.registry.ConsentBook.OptOut;
import io.throughline.identity.registry.ConsentBook.Statement;
import io.throughline.identity.source.LinkToken;
import io.throughline.identity.store.Consent;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.PreferenceStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The preference centre of one customer. Whoever has the link decides for her, as with every
 * unsubscribe link; it therefore shows nothing that the message it stood in did not.
 */
@ApplicationScoped
public class Preferences {

    private final PreferenceStore store;
    private final CustomerReader customers;
    private final ChannelService channel;
    private final PublishedPolicies policies;
    private final Taking taking;

    /** Takes what was chosen. */
    @ApplicationScoped
    static class Taking {

        private final ConsentBook book;
        private final InstantSource clock;
        private final RandomGenerator random;

        Taking(ConsentBook book, InstantSource clock, RandomGenerator random) {
            this.book = book;
            this.clock = clock;
            this.random = random;
        }

        Uni<List<Consent>> take(List<Statement> statements) {
            return book.take(statements);
        }

        Uni<List<Consent>> take(OptOut optOut) {
            return book.take(optOut);
        }

        LinkToken token() {
            return LinkToken.mint(random);
        }

        Instant now() {
            return clock.instant();
        }
    }

    Preferences(
            PreferenceStore store,
            CustomerReader customers,
            ChannelService channel,
            PublishedPolicies policies,
            Taking taking) {
        this.store = store;
        this.customers = customers;
        this.channel = channel;
        this.policies = policies;
        this.taking = taking;
    }

    /**
     * Who opened the preference centre.
     *
     * @param message whose link was followed; absent where the link was made for the customer
     */
    public record Visitor(Profile profile, @Nullable String message) {}

    /** A link for a customer, until then. */
    public record Link(String token, Instant expiresAt) {}

    public Uni<PreferenceCentre> centre() {
        return store.newest();
    }

    /** What was offered in a version; empty where there was none. */
    public Uni<Optional<PreferenceCentre>> centre(int version) {
        return store.version(version);
    }

    public Uni<Boolean> change(PreferenceCentre centre, String by) {
        return store.add(centre, taking.now(), by);
    }

    public Uni<Link> link(CustomerId customer, Duration valid) {
        LinkToken token = taking.token();
        Instant expiresAt = taking.now().plus(valid);
        return store.addLink(token.hash(), customer, expiresAt)
                .replaceWith(new Link(token.text(), expiresAt));
    }

    /** Whom a link is for; empty where it is none of ours, or too old. */
    public Uni<Optional<Visitor>> visitor(String token) {
        return store.linked(new LinkToken(token).hash(), taking.now())
                .chain(linked ->
                        linked.isPresent()
                                ? visitor(linked.get(), null)
                                : channel.behindPreferences(token)
                                        .chain(message ->
                                                message == null
                                                        ? Uni.createFrom().item(Optional.empty())
                                                        : visitor(
                                                                message.customer(),
                                                                message.message().toString())));
    }

    public Uni<Choices> choices(Visitor visitor, String language) {
        Profile profile = visitor.profile();
        return store.newest()
                .chain(centre ->
                        customers
                                .standing(profile.id())
                                .map(standing ->
                                        Choices.of(
                                                centre,
                                                addresses(profile),
                                                said(standing, addresses(profile)),
                                                open(),
                                                language)));
    }

    /** Takes what was chosen; in force when this is answered. */
    public Uni<Void> choose(Visitor visitor, List<Choices.Change> changes, Provenance from) {
        Profile profile = visitor.profile();
        List<Statement> statements =
                changes.stream()
                        .map(change ->
                                new Statement(
                                        underWhich(profile, change.about().channel()),
                                        change.about().channel(),
                                        change.about().topic(),
                                        change.state(),
                                        from))
                        .toList();
        return statements.isEmpty()
                ? Uni.createFrom().voidItem()
                : taking.take(statements).replaceWithVoid();
    }

    /** No more messages on any channel; in force when this is answered. */
    public Uni<Void> stop(Visitor visitor, Provenance from) {
        Identifier identifier = strongest(visitor.profile());
        return taking.take(new OptOut(identifier, EnumSet.allOf(Channel.class), Set.of(), from))
                .replaceWithVoid();
    }

    private Uni<Optional<Visitor>> visitor(CustomerId customer, @Nullable String message) {
        return customers
                .current(List.of(customer))
                .chain(current -> {
                    CustomerId now = current.get(customer);
                    return now == null
                            ? Uni.createFrom().item(Optional.<Visitor>empty())
                            : customers
                                    .profile(now)
                                    .map(profile -> Optional.of(new Visitor(profile, message)))
                                    .map(v -> v.filter(p -> !p.profile().identifiers().isEmpty()));
                });
    }

    /** The address of the channel, or where it has none the strongest of her identifiers. */
    private static Identifier underWhich(Profile profile, Channel channel) {
        String address = addresses(profile).get(channel);
        return (address == null
                        ? Optional.<Identifier>empty()
                        : Identifiers.ofAddress(channel, address))
                .orElseGet(() -> strongest(profile));
    }

    private static Identifier strongest(Profile profile) {
        return profile.identifiers().stream().min(Identifiers.STRONGEST_FIRST).orElseThrow();
    }

    /** Of WhatsApp and push what the profile does not say: the number, a device. */
    private static Map<Channel, String> addresses(Profile profile) {
        Map<Channel, String> addresses = new HashMap<>(profile.addresses());
        for (Channel channel : List.of(Channel.WHATSAPP, Channel.PUSH)) {
            profile.identifiers().stream()
                    .filter(i -> Identifiers.isAddressOf(i, channel))
                    .findFirst()
                    .ifPresent(i -> addresses.putIfAbsent(channel, i.value()));
        }
        return addresses;
    }

    /** What was said by her, and of the address that is shown; of both a stop holds. */
    private static Map<About, ConsentState> said(
            List<ConsentWrite> standing, Map<Channel, String> addresses) {
        Map<About, ConsentState> said = new HashMap<>();
        for (ConsentWrite one : standing) {
            About about = new About(one.channel(), one.topic());
            if (one.address() == null) {
                said.putIfAbsent(about, one.state());
            } else if (one.state() == ConsentState.OPTED_OUT
                    && one.address().equals(addresses.get(one.channel()))) {
                said.put(about, one.state());
            }
        }
        return said;
    }

    private Set<Channel> open() {
        Set<Channel> open = EnumSet.noneOf(Channel.class);
        for (Channel one : Channel.values()) {
            if (policies.contactPolicy().consentRule(one) != ConsentRule.OPT_IN) {
                open.add(one);
            }
        }
        return open;
    }
}
