package io.throughline.governance.memory;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Cap;
import io.throughline.contracts.policy.ContactPolicy.CategoryRule;
import io.throughline.contracts.policy.ContactPolicy.ConsentRule;
import io.throughline.contracts.policy.ContactPolicy.Each;
import io.throughline.contracts.policy.ContactPolicy.Fatigue;
import io.throughline.contracts.policy.ContactPolicy.Gap;
import io.throughline.contracts.policy.ContactPolicy.NearlyLeft;
import io.throughline.contracts.policy.ContactPolicy.Passable;
import io.throughline.contracts.policy.ContactPolicy.Scope;
import io.throughline.governance.ConsentWrite;
import io.throughline.governance.ContactRef;
import io.throughline.governance.Engagement;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The gate's laws in their plainest form: everything that ever happened is kept, nothing is pruned,
 * and each rule is asked of the whole story. Shares no code with what it judges. It knows every
 * customer, leaves quiet hours and addresses out, and says only whether a message may go.
 */
final class NaiveGate {

    private static final class Touch {

        private final CustomerId customer;
        private final MessageId message;
        private final Channel channel;
        private Category category;
        private @Nullable String topic;
        private @Nullable String journey;
        private Instant at;
        private boolean counts = true;
        private boolean settled;

        /** Settled, and reserved again since. */
        private boolean again;

        private boolean taken;

        Touch(GateRequest request, Instant at) {
            this.customer = request.customer();
            this.message = request.message();
            this.channel = request.channel();
            this.category = request.category();
            this.topic = request.topic();
            this.journey = request.journey();
            this.at = at;
        }
    }

    private record About(Channel channel, @Nullable String topic) {}

    private record Word(boolean out, Instant at) {}

    private final Map<CustomerId, Map<About, Word>> consents = new HashMap<>();
    private final Map<CustomerId, CustomerId> heads = new HashMap<>();
    private final List<Touch> touches = new ArrayList<>();
    private final List<SilenceWrite> silences = new ArrayList<>();
    private final List<Engagement> engagements = new ArrayList<>();

    boolean allows(GateRequest request, ContactPolicy policy, Instant now) {
        boolean transactional = request.category() == Category.TRANSACTIONAL;
        boolean heedsOptOut =
                !transactional || policy.optOutCoversTransactional().contains(request.channel());
        boolean needsOptIn =
                request.category() == Category.MARKETING
                        && policy.consentRule(request.channel()) == ConsentRule.OPT_IN;
        if (heedsOptOut && words(request).anyMatch(Word::out)) {
            return false;
        }
        if (needsOptIn && words(request).noneMatch(word -> !word.out())) {
            return false;
        }
        return (passes(request, policy, Passable.SILENCES) || !silenced(request, now))
                && withinLimits(request, policy, now);
    }

    /**
     * A category that the policy says nothing of passes nothing, or everything if transactional.
     */
    private static boolean passes(GateRequest request, ContactPolicy policy, Passable rule) {
        CategoryRule said = policy.categories().get(request.category());
        return said == null
                ? request.category() == Category.TRANSACTIONAL
                : said.passes().contains(rule);
    }

    private Stream<Word> words(GateRequest request) {
        Map<About, Word> said = consents.getOrDefault(head(request.customer()), Map.of());
        return said.entrySet().stream()
                .filter(e -> e.getKey().channel() == request.channel())
                .filter(e ->
                        e.getKey().topic() == null
                                || Objects.equals(e.getKey().topic(), request.topic()))
                .map(Map.Entry::getValue);
    }

    private boolean silenced(GateRequest request, Instant now) {
        return request.journey() != null
                && silences.stream()
                        .filter(s -> isOf(s, request))
                        .filter(s -> s.journey() == null || s.journey().equals(request.journey()))
                        .filter(s ->
                                s.categories().isEmpty()
                                        || s.categories().contains(request.category()))
                        .anyMatch(s -> now.isBefore(s.until()) && !lifted(s, request));
    }

    private boolean isOf(SilenceWrite silence, GateRequest request) {
        return head(silence.customer()).equals(head(request.customer()));
    }

    /** Whether the last that was heard of its cause is a lifting. */
    private boolean lifted(SilenceWrite silence, GateRequest request) {
        List<SilenceWrite> ofCause =
                silences.stream()
                        .filter(s -> isOf(s, request) && s.cause().equals(silence.cause()))
                        .toList();
        Instant last =
                ofCause.stream().map(SilenceWrite::at).max(Comparator.naturalOrder()).orElseThrow();
        return ofCause.stream().filter(s -> s.at().equals(last)).allMatch(SilenceWrite::lifted);
    }

    private boolean withinLimits(GateRequest request, ContactPolicy policy, Instant now) {
        boolean gapsHold = !passes(request, policy, Passable.GAPS);
        Duration gap = policy.minimumGap();
        if (gapsHold && gap != null && counted(request, policy, gap, now).findAny().isPresent()) {
            return false;
        }
        for (Gap rule : gapsHold ? policy.gaps() : List.<Gap>of()) {
            Cap once =
                    new Cap(
                            rule.scope(),
                            rule.channel(),
                            1,
                            rule.per(),
                            rule.category(),
                            rule.topic(),
                            rule.journey(),
                            rule.each());
            if (full(once, request, policy, now)) {
                return false;
            }
        }
        return passes(request, policy, Passable.CAPS)
                || policy.caps().stream().noneMatch(cap -> full(cap, request, policy, now));
    }

    private boolean full(Cap cap, GateRequest request, ContactPolicy policy, Instant now) {
        boolean aboutCategory = cap.category() != null || cap.each() == Each.CATEGORY;
        boolean aboutTopic = cap.topic() != null || cap.each() == Each.TOPIC;
        if ((cap.channel() != null && cap.channel() != request.channel())
                || (cap.category() != null && cap.category() != request.category())
                || (cap.topic() != null && !cap.topic().equals(request.topic()))
                || (cap.journey() != null && !cap.journey().equals(request.journey()))
                || (aboutTopic && request.topic() == null)
                || (cap.scope() == Scope.JOURNEY && request.journey() == null)) {
            return false;
        }
        return counted(request, policy, cap.per(), now)
                        .filter(t -> cap.scope() != Scope.CHANNEL || t.channel == request.channel())
                        .filter(t ->
                                cap.scope() != Scope.JOURNEY
                                        || Objects.equals(t.journey, request.journey()))
                        .filter(t -> !aboutCategory || t.category == request.category())
                        .filter(t -> !aboutTopic || Objects.equals(t.topic, request.topic()))
                        .count()
                >= allowed(cap, request, policy, now);
    }

    /** What is left of a cap, gaps not being any: they are asked for apart, and are of one. */
    private long allowed(Cap cap, GateRequest request, ContactPolicy policy, Instant now) {
        Fatigue fatigue = policy.fatigue();
        if (fatigue == null
                || request.category() == Category.TRANSACTIONAL
                || !policy.caps().contains(cap)) {
            return cap.max();
        }
        double share = 1;
        long ignored =
                counted(request, policy, policy.fatigueWindow(), now)
                        .filter(t -> t.category != Category.TRANSACTIONAL)
                        .filter(t ->
                                engagements.stream()
                                        .filter(e ->
                                                head(e.customer()).equals(head(request.customer())))
                                        .allMatch(e -> e.at().isBefore(t.at)))
                        .count();
        for (ContactPolicy.Step step : fatigue.steps()) {
            share = ignored >= step.ignored() ? Math.min(share, step.share().doubleValue()) : share;
        }
        NearlyLeft nearly = fatigue.nearlyLeft();
        if (nearly != null
                && consents.getOrDefault(head(request.customer()), Map.of()).values().stream()
                        .anyMatch(w -> w.out && now.isBefore(w.at.plus(nearly.within())))) {
            share = Math.min(share, nearly.share().doubleValue());
        }
        Integer least = fatigue.least();
        long left = (long) Math.floor(share * cap.max() + 1e-9);
        return Math.min(cap.max(), Math.max(least == null ? 1 : least, left));
    }

    void engaged(Engagement engagement) {
        engagements.add(engagement);
    }

    private Stream<Touch> counted(
            GateRequest request, ContactPolicy policy, Duration window, Instant now) {
        return touches.stream()
                .filter(t -> {
                    CategoryRule said = policy.categories().get(t.category);
                    return said == null || said.counts() || t.category == request.category();
                })
                .filter(t -> t.counts && head(t.customer).equals(head(request.customer())))
                .filter(t -> !same(t, request))
                .filter(t -> now.isBefore(t.at.plus(window)));
    }

    private static boolean same(Touch touch, GateRequest request) {
        return touch.message.equals(request.message()) && touch.channel == request.channel();
    }

    void reserved(GateRequest request, Instant now) {
        for (Touch touch : touches) {
            if (same(touch, request)) {
                Instant next = touch.counts ? touch.at : touch.at.plusMillis(1);
                touch.at = now.isAfter(next) ? now : next;
                touch.category = request.category();
                touch.topic = request.topic();
                touch.journey = request.journey();
                touch.again = touch.counts && touch.settled;
                touch.settled &= touch.counts;
                touch.counts = true;
                touch.taken = false;
                return;
            }
        }
        touches.add(new Touch(request, now));
    }

    void settle(ContactRef contact) {
        List<Touch> its =
                touches.stream()
                        .filter(t -> t.message.equals(contact.message()) && !t.taken)
                        .toList();
        if (its.stream().noneMatch(t -> t.counts)) {
            its.stream()
                    .reduce((a, b) -> a.at.isAfter(b.at) ? a : b)
                    .ifPresent(latest -> latest.counts = true);
        }
        its.stream()
                .filter(t -> t.counts)
                .forEach(t -> {
                    t.settled = true;
                    t.again = false;
                });
    }

    void takeBack(ContactRef contact) {
        touches.stream()
                .filter(t -> t.message.equals(contact.message()) && t.counts && !t.again)
                .forEach(t -> {
                    t.counts = false;
                    t.taken = true;
                });
    }

    void putBack(ContactRef contact) {
        touches.stream()
                .filter(t -> t.message.equals(contact.message()) && t.taken)
                .forEach(t -> {
                    t.counts = true;
                    t.taken = false;
                    t.settled = true;
                    t.at = t.at.plusMillis(1);
                });
    }

    void refund(ContactRef contact) {
        touches.stream()
                .filter(t -> t.message.equals(contact.message()))
                .forEach(t -> {
                    t.again = false;
                    t.counts &= t.settled;
                });
    }

    void consent(CustomerId customer, ConsentWrite consent) {
        consents.computeIfAbsent(head(customer), h -> new HashMap<>())
                .merge(
                        new About(consent.channel(), consent.topic()),
                        new Word(consent.state() == ConsentState.OPTED_OUT, consent.at()),
                        (a, b) ->
                                a.at.equals(b.at)
                                        ? new Word(a.out || b.out, a.at)
                                        : a.at.isAfter(b.at) ? a : b);
    }

    /** What has ended before is forgotten, liftings too. */
    void silence(SilenceWrite silence, Instant now) {
        List<SilenceWrite> hers =
                silences.stream()
                        .filter(s -> head(s.customer()).equals(head(silence.customer())))
                        .toList();
        silences.removeIf(s ->
                hers.contains(s)
                        && hers.stream()
                                .filter(o -> o.cause().equals(s.cause()))
                                .noneMatch(o -> now.isBefore(o.until())));
        silences.add(silence);
    }

    void merge(CustomerId survivor, CustomerId merged) {
        CustomerId into = head(survivor);
        CustomerId from = head(merged);
        if (into.equals(from)) {
            return;
        }
        Map<About, Word> theirs = consents.getOrDefault(from, Map.of());
        Map<About, Word> ours = consents.computeIfAbsent(into, h -> new HashMap<>());
        theirs.forEach((about, word) ->
                ours.merge(
                        about,
                        word,
                        (a, b) -> new Word(a.out || b.out, a.at.isAfter(b.at) ? a.at : b.at)));
        heads.put(from, into);
    }

    private CustomerId head(CustomerId customer) {
        CustomerId above = heads.get(customer);
        return above == null ? customer : head(above);
    }
}
