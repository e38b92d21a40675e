package io.throughline.identity.consent;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.ConsentFold.Merge;
import io.throughline.identity.identifier.Identifiers;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of consents where identifiers turn out to be somebody else's. A line goes with the
 * identifier that it was said under, and of each side what counts is folded anew. Nothing of it
 * loosens (promise P6): what no line of a side would say any more is written down as one.
 *
 * @param from what stands of whom they were taken from
 * @param to what stands of who has them now
 * @param moved lines that are the other's now
 * @param kept opt-outs to be written down, so that the lines say what stands
 */
public record Division(
        Map<About, Standing> from, Map<About, Standing> to, List<Line> moved, List<Kept> kept) {

    /**
     * An opt-out that holds on.
     *
     * @param identifier which it follows; absent where it stays
     * @param why for whoever reads the ledger
     */
    public record Kept(
            CustomerId customer,
            @Nullable Identifier identifier,
            About about,
            Instant at,
            String why) {

        private Said said(Instant now) {
            return new Said(customer, about, ConsentState.OPTED_OUT, at, now);
        }

        private Standing standing() {
            return new Standing(ConsentState.OPTED_OUT, at);
        }
    }

    /**
     * Two who are taken apart.
     *
     * @param goes identifiers that the one held and the other holds now
     * @param stays identifiers that the one still holds
     * @param meets identifiers that the other had before
     * @param brought merges that brought the one any of those that it had
     */
    public record Parting(
            History from,
            History to,
            List<Identifier> goes,
            List<Identifier> stays,
            List<Identifier> meets,
            List<Brought> brought) {

        /**
         * When those that the other has now last became one customer's, of which it has no record:
         * a word that is read late and is older does not lift what was kept then. Devices go back
         * and forth, and nobody is asked under their names.
         */
        private Instant lastJoin(Instant now) {
            return meets.isEmpty()
                            || goes.stream().allMatch(i -> i.type().equals(Identifier.ANONYMOUS_ID))
                    ? brought.stream()
                            .filter(one -> one.joins(goes))
                            .map(one -> one.merge().at())
                            .max(Comparator.naturalOrder())
                            .map(at -> at.truncatedTo(ChronoUnit.MILLIS))
                            .orElse(Instant.MIN)
                    : now.truncatedTo(ChronoUnit.MILLIS);
        }
    }

    /**
     * @param now when it is written down
     */
    public static Division of(Parting parting, Instant now) {
        History from = parting.from();
        List<Line> moved =
                from.lines().stream().filter(line -> line.isUnder(parting.goes())).toList();
        List<Said> going = moved.stream().map(Line::said).toList();
        List<Kept> unexplained = unexplained(from);
        List<Said> staying =
                Stream.concat(
                                from.lines().stream()
                                        .filter(line -> !line.isUnder(parting.goes()))
                                        .map(Line::said),
                                unexplained.stream().map(kept -> kept.said(now)))
                        .toList();
        Map<About, Standing> go = ConsentFold.of(from.customer(), going, from.merges());

        History to = parting.to();
        List<Kept> hers = carried(parting, parting.stays(), staying, going, from.customer());
        List<Said> all =
                Stream.concat(
                                to.lines().stream().map(Line::said),
                                going.stream().map(word -> by(to, word)))
                        .toList();
        List<Kept> theirs =
                Stream.of(
                                carried(parting, parting.goes(), going, staying, to.customer()),
                                outlasting(parting, from, moved, all, now),
                                outlasting(parting, to, to.lines(), all, now),
                                besides(to, unexplained, moved))
                        .flatMap(List::stream)
                        .toList();
        Side kept = new Side(from.customer(), from.merges(), words(staying, hers, now), now);
        Side gone = new Side(to.customer(), to.merges(), words(all, theirs, now), now);
        Map<About, Standing> needed =
                held(joined(to.stands(), then(go, theirs)), parting.lastJoin(now));
        List<Kept> besides =
                gone.missing(
                        needed,
                        Stream.concat(moved.stream(), to.lines().stream()).toList(),
                        theirs);
        return new Division(
                kept.fold(List.of()),
                gone.fold(besides),
                moved,
                Stream.of(unexplained, hers, theirs, besides).flatMap(List::stream).toList());
    }

    /** What nobody can say who it is of holds for both, where one of them may have said it. */
    private static List<Kept> besides(History to, List<Kept> unexplained, List<Line> moved) {
        return unexplained.stream()
                .filter(kept -> moved.stream().anyMatch(line -> isStop(line.said(), kept.about())))
                .map(kept -> new Kept(to.customer(), null, kept.about(), kept.at(), kept.why()))
                .toList();
    }

    private static boolean isStop(Said word, About about) {
        return word.state() == ConsentState.OPTED_OUT && word.about().equals(about);
    }

    /** Whether all is as it was. */
    public boolean isNothing() {
        return moved.isEmpty() && kept.isEmpty();
    }

    private static List<Kept> unexplained(History from) {
        return from.unexplained().entrySet().stream()
                .map(e ->
                        new Kept(
                                from.customer(),
                                null,
                                e.getKey(),
                                e.getValue().at(),
                                "held before she was taken apart"))
                .toList();
    }

    /**
     * What she opted out of, on the channels of addresses that one side has, not under what that
     * side has but while she had the address too. Whoever has it now has not agreed to more than
     * she did.
     *
     * @param own words of the one side
     * @param others words of the other
     */
    private static List<Kept> carried(
            Parting parting,
            List<Identifier> identifiers,
            List<Said> own,
            List<Said> others,
            CustomerId customer) {
        CustomerId from = parting.from().customer();
        List<Merge> merges = parting.from().merges();
        Map<About, Standing> alone = ConsentFold.of(from, own, merges);
        Map<About, Kept> carried = new LinkedHashMap<>();
        for (Identifier identifier : identifiers) {
            List<Said> hers =
                    Stream.concat(
                                    own.stream(),
                                    others.stream()
                                            .filter(word ->
                                                    Brought.had(
                                                            word,
                                                            identifier,
                                                            merges,
                                                            parting.brought())))
                            .toList();
            Standing.optOutsBeyond(alone, ConsentFold.of(from, hers, merges))
                    .forEach((about, standing) -> {
                        if (isReachedBy(identifier, about.channel())) {
                            carried.merge(
                                    about,
                                    new Kept(
                                            customer,
                                            identifier,
                                            about,
                                            standing.at(),
                                            "said by " + from + ", who had it then"),
                                    (a, b) -> b.at().isAfter(a.at()) ? b : a);
                        }
                    });
        }
        return List.copyOf(carried.values());
    }

    /**
     * What was opted out of under each identifier that the other has now, where it holds against
     * opt-ins of those whom a merge made one with her. The other has no record of that merge, so it
     * would be lost with the next identifier that goes.
     *
     * @param lines of the one or of the other that the other has now
     * @param all that the other has now, as its own
     */
    private static List<Kept> outlasting(
            Parting parting, History history, List<Line> lines, List<Said> all, Instant now) {
        History to = parting.to();
        List<Kept> outlasting = new ArrayList<>();
        for (Identifier identifier : stopped(lines)) {
            List<Line> under =
                    lines.stream().filter(line -> identifier.equals(line.under())).toList();
            Map<About, Standing> stood =
                    ConsentFold.of(
                            history.customer(),
                            withOptIns(
                                    under.stream().map(Line::said), lines.stream().map(Line::said)),
                            history.merges());
            Map<About, Standing> stands =
                    ConsentFold.of(
                            to.customer(),
                            withOptIns(
                                    under.stream().map(line -> by(to, line.said())), all.stream()),
                            to.merges());
            Standing.optOutsBeyond(stands, held(stood, parting.lastJoin(now)))
                    .forEach((about, standing) ->
                            outlasting.add(
                                    new Kept(
                                            to.customer(),
                                            identifier,
                                            about,
                                            standing.at(),
                                            "held when she was taken apart")));
        }
        return outlasting;
    }

    private static List<Identifier> stopped(List<Line> lines) {
        return lines.stream()
                .filter(line -> line.said().state() == ConsentState.OPTED_OUT)
                .flatMap(line -> Stream.ofNullable(line.under()))
                .distinct()
                .toList();
    }

    private static List<Said> withOptIns(Stream<Said> words, Stream<Said> others) {
        return Stream.concat(words, others.filter(word -> word.state() == ConsentState.OPTED_IN))
                .toList();
    }

    private static boolean isReachedBy(Identifier identifier, Channel channel) {
        return channel == Channel.IN_APP || Identifiers.isAddressOf(identifier, channel);
    }

    /** What one side's lines come to. */
    private record Side(CustomerId customer, List<Merge> merges, List<Said> said, Instant now) {

        Map<About, Standing> fold(List<Kept> besides) {
            return ConsentFold.of(customer, words(said, besides, now), merges);
        }

        /**
         * Opt-outs that have to stand and that no line says.
         *
         * @param lines of which one may say which identifier it follows
         * @param kept or one of these
         */
        List<Kept> missing(Map<About, Standing> needed, List<Line> lines, List<Kept> kept) {
            return Standing.optOutsBeyond(fold(List.of()), needed).entrySet().stream()
                    .map(e ->
                            new Kept(
                                    customer,
                                    lastStop(e.getKey(), lines, kept),
                                    e.getKey(),
                                    e.getValue().at(),
                                    "held when she was taken apart"))
                    .toList();
        }

        private static @Nullable Identifier lastStop(
                About about, List<Line> lines, List<Kept> besides) {
            return lines.stream()
                    .filter(line -> isStop(line.said(), about))
                    .max(Comparator.comparing(line -> line.said().at()))
                    .map(Line::under)
                    .or(() ->
                            besides.stream()
                                    .filter(kept -> kept.about().equals(about))
                                    .flatMap(kept -> Stream.ofNullable(kept.identifier()))
                                    .findFirst())
                    .orElse(null);
        }
    }

    private static List<Said> words(List<Said> said, List<Kept> kept, Instant now) {
        return Stream.concat(said.stream(), kept.stream().map(k -> k.said(now))).toList();
    }

    private static Said by(History who, Said word) {
        return new Said(who.customer(), word.about(), word.state(), word.at(), word.recordedAt());
    }

    private static Map<About, Standing> then(Map<About, Standing> stands, Collection<Kept> said) {
        Map<About, Standing> all = new HashMap<>(stands);
        said.forEach(kept -> all.merge(kept.about(), kept.standing(), Standing::then));
        return all;
    }

    private static Map<About, Standing> held(Map<About, Standing> stands, Instant until) {
        Map<About, Standing> held = new HashMap<>(stands);
        held.replaceAll((about, standing) -> standing.until(until));
        return held;
    }

    private static Map<About, Standing> joined(
            Map<About, Standing> one, Map<About, Standing> other) {
        Map<About, Standing> all = new HashMap<>(one);
        other.forEach((about, standing) -> all.merge(about, standing, Standing::with));
        return all;
    }
}
