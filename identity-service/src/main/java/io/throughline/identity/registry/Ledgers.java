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
import java.util.List;

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

    /** Contacts and opt-outs, which the channel service has the ledger of. */
    Uni<Void> hydrate(List<CustomerId> ids) {
        return channel.hydrateGate(ids);
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
        return channel.optOuts(known)
                .chain(told ->
                        customers
                                .permissions(tx, known)
                                .chain(ours ->
                                        permissions
                                                .unread(tx, told)
                                                .map(unread -> joined(ours, unread))));
    }

    private static List<CustomerHistory.Permissions> joined(
            List<CustomerHistory> ours, List<ConsentWrite> unread) {
        return ours.stream()
                .filter(CustomerHistory.Permissions.class::isInstance)
                .map(CustomerHistory.Permissions.class::cast)
                .map(one -> joined(one, unread))
                .toList();
    }

    private static CustomerHistory.Permissions joined(
            CustomerHistory.Permissions ours, List<ConsentWrite> unread) {
        List<ConsentWrite> hers =
                unread.stream().filter(o -> ours.customer().equals(o.customer())).toList();
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

    private static boolean isLater(ConsentWrite said, ConsentWrite optOut) {
        return isAbout(said, optOut) && said.at().isAfter(optOut.at());
    }

    private static boolean isAbout(ConsentWrite said, ConsentWrite optOut) {
        return said.customer() != null
                && said.channel() == optOut.channel()
                && said.topic() == null;
    }
}
