package io.throughline.governance.memory;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.Whereabouts;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.rules.CustomerFacts;
import io.throughline.governance.rules.Limit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is held of one customer id. */
sealed interface Customer {

    /** Merged into another; what it was known by stays, in case the merge is run again. */
    record Alias(CustomerId survivor, boolean permissions, long since, int epoch)
            implements Customer {}

    /**
     * Forgotten for good.
     *
     * @param overBy until when the last of what was under way may take
     */
    record Erased(long overBy) implements Customer {}

    /** A customer of its own. Mutable, since the twin keeps millions of them in a dry run. */
    final class Live implements Customer, CustomerFacts {

        static final long NEVER = Long.MAX_VALUE;

        boolean permissions;

        /** In which it is believed. */
        private int epoch;

        /** Contacts are complete from this instant on. */
        long since = NEVER;

        /** Until when the last of what is under way may take. */
        long overBy;

        /** When she last engaged; 0 for never. */
        long engaged;

        Whereabouts where = Whereabouts.UNKNOWN;

        final Consents consents = new Consents();
        final Map<String, Silence> silences = new HashMap<>(2);
        final List<Contact> contacts = new ArrayList<>(4);

        Live(int epoch) {
            this.epoch = epoch;
        }

        /** Of what was written in another epoch only what restricts is believed. */
        Live in(int now) {
            if (epoch != now) {
                epoch = now;
                permissions = false;
                since = NEVER;
                consents.forgetOptIns();
            }
            return this;
        }

        boolean known() {
            return permissions && since < NEVER;
        }

        boolean knownBackTo(long from) {
            return permissions && since <= from;
        }

        void silence(SilenceWrite write) {
            silences.merge(write.cause(), new Silence(write), Silence::join);
        }

        @Override
        public boolean optedOut(Channel channel, @Nullable String topic) {
            return consents.out(channel, topic);
        }

        @Override
        public boolean optedIn(Channel channel, @Nullable String topic) {
            return consents.in(channel, topic);
        }

        @Override
        public Instant silentUntil(GateRequest request) {
            long until = 0;
            for (Silence silence : silences.values()) {
                until = silence.covers(request) ? Math.max(until, silence.until()) : until;
            }
            return Instant.ofEpochMilli(until);
        }

        @Override
        public Whereabouts where() {
            return where;
        }

        @Override
        public List<Long> counted(
                Limit limit, Set<Category> uncounted, GateRequest request, long now) {
            long window = limit.window().toMillis();
            List<Long> counted = new ArrayList<>();
            for (Contact contact : contacts) {
                if (contact.mark().counts()
                        && now < contact.at() + window
                        && !uncounted.contains(contact.category())
                        && contact.inScope(limit, request)
                        && !contact.isOf(request.message(), request.channel())) {
                    counted.add(contact.at());
                }
            }
            return counted;
        }

        /**
         * Whether a message counts, on whatever channel.
         *
         * @param from milliseconds; what is not later cannot count any more
         */
        boolean counts(MessageId message, long from) {
            return contacts.stream()
                    .anyMatch(contact ->
                            contact.mark().counts()
                                    && contact.message().equals(message)
                                    && contact.at() > from);
        }

        @Override
        public long engaged() {
            return engaged;
        }

        @Override
        public long lastOptOut() {
            return consents.lastOut();
        }

        @Override
        public List<Long> contacts(Set<Category> uncounted, GateRequest request) {
            List<Long> ats = new ArrayList<>();
            for (Contact contact : contacts) {
                if (contact.mark().counts()
                        && !uncounted.contains(contact.category())
                        && !contact.isOf(request.message(), request.channel())) {
                    ats.add(contact.at());
                }
            }
            return ats;
        }

        void join(Contact contact) {
            for (int i = 0; i < contacts.size(); i++) {
                if (contacts.get(i).isOf(contact.message(), contact.channel())) {
                    contacts.set(i, contacts.get(i).join(contact));
                    return;
                }
            }
            contacts.add(contact);
        }

        /**
         * How long what is under way may still take, milliseconds.
         *
         * @param channel the only one meant; absent for any
         */
        long timeLeft(@Nullable Channel channel, long now) {
            boolean open =
                    contacts.stream()
                            .anyMatch(c ->
                                    c.underWay() && (channel == null || channel == c.channel()));
            return open ? Math.max(0, overBy - now) : 0;
        }

        void forgetPermissions() {
            where = Whereabouts.UNKNOWN;
            consents.clear();
            silences.clear();
        }

        /** Becomes the union of both; never looser than either. */
        void absorb(Live other) {
            permissions &= other.permissions;
            since = Math.max(since, other.since);
            overBy = Math.max(overBy, other.overBy);
            engaged = Math.max(engaged, other.engaged);
            where = where.and(other.where);
            consents.restrict(other.consents);
            other.silences.forEach((cause, held) -> silences.merge(cause, held, Silence::join));
            other.contacts.forEach(this::join);
        }
    }
}
