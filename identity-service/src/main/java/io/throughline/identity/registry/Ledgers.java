package io.throughline.identity.registry;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.CustomerId;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.CustomerHistory;
import io.throughline.identity.neighbour.ChannelService;
import io.throughline.identity.store.CustomerReader;
import io.throughline.identity.store.PermissionStore;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the gate has to say of customers: our ledger, and the opt-outs that the channel service
 * acknowledged and we have not read of yet (promise P1).
 */
@ApplicationScoped
class Ledgers {

    private final CustomerReader customers;
    private final PermissionStore permissions;
    private final ChannelService channel;

    Ledgers(CustomerReader customers, PermissionStore permissions, ChannelService channel) {
        this.customers = customers;
        this.permissions = permissions;
        this.channel = channel;
    }

    /**
     * Contacts and opt-outs, which the channel service has the ledger of.
     *
     * @param idsOf of some of the customers all the ids that are theirs
     */
    Uni<Void> hydrate(List<CustomerId> customers, Map<CustomerId, Set<CustomerId>> idsOf) {
        return channel.hydrateGate(customers, idsOf);
    }

    /** Of those that became one all the ids that are theirs. */
    static Map<CustomerId, Set<CustomerId>> idsOf(Collection<? extends CustomerHistory> histories) {
        Map<CustomerId, Set<CustomerId>> idsOf = new HashMap<>();
        for (CustomerHistory history : histories) {
            if (history instanceof CustomerHistory.Permissions of && !of.merged().isEmpty()) {
                Set<CustomerId> ids = new LinkedHashSet<>(of.merged());
                ids.add(of.customer());
                idsOf.put(of.customer(), ids);
            }
        }
        return idsOf;
    }

    /** Of those that are still customers, locked. */
    Uni<List<CustomerHistory.Permissions>> permissions(
            SqlConnection tx, Collection<CustomerId> ids) {
        return permissions
                .unmerged(tx, List.copyOf(ids))
                .chain(known ->
                        known.isEmpty()
                                ? Uni.createFrom().item(List.<CustomerHistory.Permissions>of())
                                : ofKnown(tx, known.stream().sorted().toList()));
    }

    private Uni<List<CustomerHistory.Permissions>> ofKnown(
            SqlConnection tx, List<CustomerId> known) {
        return customers
                .permissions(tx, known)
                .map(histories ->
                        histories.stream()
                                .filter(CustomerHistory.Permissions.class::isInstance)
                                .map(CustomerHistory.Permissions.class::cast)
                                .toList())
                .chain(ours ->
                        channel.optOuts(everyId(ours))
                                .chain(told -> permissions.unread(tx, told))
                                .map(unread ->
                                        ours.stream().map(one -> joined(one, unread)).toList()));
    }

    /** The channel service may not have read of a merge. */
    private static List<CustomerId> everyId(List<CustomerHistory.Permissions> ours) {
        return ours.stream()
                .flatMap(one -> Stream.concat(Stream.of(one.customer()), one.merged().stream()))
                .toList();
    }

    private static CustomerHistory.Permissions joined(
            CustomerHistory.Permissions ours, List<ConsentWrite> unread) {
        List<ConsentWrite> hers =
                unread.stream()
                        .filter(o ->
                                ours.customer().equals(o.customer())
                                        || ours.merged().contains(o.customer()))
                        .map(o -> of(ours.customer(), o))
                        .toList();
        if (hers.isEmpty()) {
            return ours;
        }
        List<ConsentWrite> consents = new ArrayList<>(ours.consents());
        for (ConsentWrite optOut : hers) {
            if (consents.stream().noneMatch(said -> isLater(said, optOut))) {
                consents.removeIf(said -> isAbout(said, optOut));
                consents.add(optOut);
            }
        }
        return new CustomerHistory.Permissions(
                ours.customer(),
                consents,
                ours.silences(),
                ours.whereabouts(),
                ours.merged(),
                ours.engagedAt());
    }

    private static ConsentWrite of(CustomerId customer, ConsentWrite said) {
        return new ConsentWrite(
                customer, said.address(), said.channel(), said.topic(), said.state(), said.at());
    }

    private static boolean isLater(ConsentWrite said, ConsentWrite optOut) {
        return isAbout(said, optOut) && said.at().isAfter(optOut.at());
    }

    private static boolean isAbout(ConsentWrite said, ConsentWrite optOut) {
        return said.customer() != null
                && said.channel() == optOut.channel()
                && said.topic() == null;
    }
}
