package io.throughline.journey.engine;

import io.throughline.contracts.message.JourneyRef;
import io.throughline.contracts.policy.ContactPolicy.ExclusionGroup;
import io.throughline.contracts.policy.ContactPolicy.OnConflict;
import io.throughline.journey.engine.Peers.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The rule of exclusion groups: a customer is in at most one journey of a group at a time. It is
 * looked at where somebody enters and where two customers become one; who was in two already when a
 * group was put in force stays in both.
 */
public final class Exclusion {

    private static final Comparator<Peer> BY_PRECEDENCE =
            Comparator.comparingInt(Peer::priority)
                    .reversed()
                    .thenComparing(peer -> peer.instance().enteredAt())
                    .thenComparing(peer -> peer.instance().id());

    private Exclusion() {}

    /** What the groups say of somebody who would enter. */
    sealed interface Verdict {

        /** May enter, once these have left. */
        record Admitted(List<Peer> leaving) implements Verdict {}

        /**
         * @param by where the customer is
         */
        record Refused(String group, JourneyRef by) implements Verdict {}
    }

    static Verdict onEntry(Program newcomer, Peers peers) {
        Map<UUID, Peer> leaving = new LinkedHashMap<>();
        for (ExclusionGroup group : peers.policy().groups()) {
            if (!group.journeys().contains(newcomer.journey())) {
                continue;
            }
            for (Peer peer : in(group, peers.running())) {
                if (peer.program().journey().equals(newcomer.journey())) {
                    continue;
                }
                if (group.onConflict() == OnConflict.KEEP
                        || peer.priority() >= newcomer.document().priority()) {
                    return new Verdict.Refused(group.name(), where(peer));
                }
                leaving.put(peer.instance().id(), peer);
            }
        }
        return new Verdict.Admitted(List.copyOf(leaving.values()));
    }

    /**
     * An instance that has to leave because two customers became one.
     *
     * @param by the journey that the customer stays in
     */
    public record Leaving(UUID instance, String by) {}

    /**
     * Of each group the more important journey stays, the older where they are level, whatever the
     * group says of entries. Journeys that one of the two customers was in already count as one:
     * only the other's leave.
     */
    public static List<Leaving> onMerge(
            List<Peer> own, List<Peer> gained, List<ExclusionGroup> groups) {
        Map<UUID, Leaving> leaving = new LinkedHashMap<>();
        for (ExclusionGroup group : groups) {
            List<Peer> here = staying(in(group, own), leaving);
            List<Peer> there = staying(in(group, gained), leaving);
            if (here.isEmpty() || there.isEmpty()) {
                continue;
            }
            Peer first = here.stream().min(BY_PRECEDENCE).orElseThrow();
            Peer second = there.stream().min(BY_PRECEDENCE).orElseThrow();
            boolean hereStays = BY_PRECEDENCE.compare(first, second) < 0;
            for (Peer peer : hereStays ? there : here) {
                UUID id = peer.instance().id();
                leaving.put(id, new Leaving(id, (hereStays ? first : second).program().journey()));
            }
        }
        return new ArrayList<>(leaving.values());
    }

    private static List<Peer> in(ExclusionGroup group, List<Peer> peers) {
        return peers.stream()
                .filter(peer -> group.journeys().contains(peer.program().journey()))
                .toList();
    }

    private static List<Peer> staying(List<Peer> peers, Map<UUID, Leaving> leaving) {
        return peers.stream().filter(peer -> !leaving.containsKey(peer.instance().id())).toList();
    }

    private static JourneyRef where(Peer peer) {
        Instance instance = peer.instance();
        return new JourneyRef(
                instance.journey(), instance.version(), instance.id(), instance.step());
    }
}
