package io.throughline.identity.consent;

import static io.throughline.contracts.ConsentState.OPTED_IN;
import static io.throughline.contracts.ConsentState.OPTED_OUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Channel;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import io.throughline.identity.consent.ConsentFold.Merge;
import io.throughline.identity.consent.Division.Kept;
import io.throughline.identity.consent.Division.Parting;
import io.throughline.identity.identifier.Identifiers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Promise P6 over random histories of words, merges, partings, stops that are read late and dated
 * imports, written by two processes whose clocks differ by a tenth of a second.
 *
 * <p>The model knows who had which identifier at every time. An opt-out binds the identifier that
 * it was said under, and the addresses of its channel that the same customer had when she said it
 * and when it was read. Whoever has one of these now is opted out, unless whoever had it then has
 * said otherwise later. And nobody is opted out where nobody ever said so.
 */
class ConsentLawTest {

    private static final int HISTORIES = 300;
    private static final int STEPS = 40;
    private static final Duration SKEW = Duration.ofMillis(50);

    static LongStream seeds() {
        return LongStream.range(0, HISTORIES);
    }

    /** So far apart that the clocks agree what came first: the lines say exactly what stands. */
    @ParameterizedTest
    @MethodSource("seeds")
    void nothingLoosensAndTheLedgerSaysWhatStands(long seed) {
        World world = new World(seed, 1_000, 400_000_000, true);
        for (int step = 0; step < STEPS; step++) {
            world.step();
            world.checkNeverLooser();
            world.checkLedger();
        }
    }

    /**
     * So close that the clocks do not agree, nor on which addresses were hers when she said it: an
     * opt-out binds what it was said under.
     */
    @ParameterizedTest
    @MethodSource("seeds")
    void nothingLoosensWhereClocksDisagree(long seed) {
        World world = new World(seed, 5, 60, false);
        for (int step = 0; step < STEPS; step++) {
            world.step();
            world.checkNeverLooser();
        }
    }

    /** What somebody said, as the model knows it. */
    private record Word(
            Identifier under,
            About about,
            ConsentState state,
            Instant at,
            Instant happened,
            Set<Identifier> binds) {}

    /** A stop that the channel service has and nobody here has read. */
    private record Late(
            CustomerId named, Identifier address, About about, Instant at, Instant happened) {}

    private static final class World {

        private static final List<Identifier> NAMES =
                List.of(
                        new Identifier(Identifier.USER_ID, "a"),
                        new Identifier(Identifier.USER_ID, "b"),
                        new Identifier(Identifier.USER_ID, "c"),
                        new Identifier(Identifier.EMAIL, "a@example.com"),
                        new Identifier(Identifier.EMAIL, "b@example.com"),
                        new Identifier(Identifier.PHONE, "+34600111222"),
                        new Identifier(Identifier.PHONE, "+34600111333"));

        private static final List<About> ABOUTS =
                List.of(
                        new About(Channel.EMAIL, null),
                        new About(Channel.EMAIL, "offers"),
                        new About(Channel.SMS, null),
                        new About(Channel.IN_APP, null));

        private final long seed;
        private final Random random;
        private final int shortest;
        private final int longest;
        private final boolean dated;

        private final Map<Identifier, CustomerId> holders = new HashMap<>();
        private final NavigableMap<Instant, Map<Identifier, CustomerId>> before = new TreeMap<>();
        private final Map<CustomerId, CustomerId> became = new HashMap<>();
        private final List<Brought> merges = new ArrayList<>();
        private final Map<CustomerId, Map<About, Standing>> stands = new HashMap<>();
        private final List<Line> ledger = new ArrayList<>();
        private final List<Word> words = new ArrayList<>();
        private final List<Late> unread = new ArrayList<>();
        private final Map<CustomerId, Instant> parted = new HashMap<>();
        private final List<String> story = new ArrayList<>();

        private Instant time = Instant.parse("2026-03-02T10:00:00Z");
        private long ids = 1;

        World(long seed, int shortest, int longest, boolean dated) {
            this.seed = seed;
            this.random = new Random(seed);
            this.shortest = shortest;
            this.longest = longest;
            this.dated = dated;
            NAMES.forEach(name -> holders.put(name, customer()));
            before.put(time, Map.copyOf(holders));
        }

        void step() {
            pass();
            int what = random.nextInt(dated ? 14 : 10);
            if (what < 5) {
                say();
            } else if (what < 7) {
                merge();
            } else if (what < 9) {
                unlink();
            } else if (what == 9) {
                undo();
            } else if (what == 10) {
                stopElsewhere();
            } else if (what == 11) {
                readLate();
            } else {
                importDated();
            }
            before.put(time, Map.copyOf(holders));
        }

        private void pass() {
            time = time.plusMillis(shortest + random.nextInt(longest - shortest));
        }

        private Instant clock() {
            return random.nextBoolean() ? time.plus(SKEW) : time.minus(SKEW);
        }

        private void say() {
            Identifier under = name();
            CustomerId who = holder(under);
            About about = about();
            ConsentState state = random.nextInt(5) < 2 ? OPTED_OUT : OPTED_IN;
            Instant now = clock();
            Standing stood = of(who).get(about);
            Instant at = stood == null || stood.at().isBefore(now) ? now : stood.at().plusMillis(1);
            write(who, under, about, state, at, now);
            stand(who, about, new Standing(state, at));
            words.add(new Word(under, about, state, at, time, bound(under, about, time)));
            tell("%s says %s of %s at %s under %s".formatted(who, state, about, at, under));
        }

        private void merge() {
            CustomerId one = holder(name());
            CustomerId other = holder(name());
            if (one.equals(other)) {
                return;
            }
            CustomerId survivor = one.compareTo(other) < 0 ? one : other;
            CustomerId merged = survivor.equals(one) ? other : one;
            Instant at = clock();
            merges.add(new Brought(new Merge(survivor, merged, at), held(merged)));
            Instant then = parted.getOrDefault(merged, Instant.MIN);
            parted.merge(survivor, then, (a, b) -> a.isAfter(b) ? a : b);
            Map<About, Standing> gone = of(merged);
            stands.remove(merged);
            Map<About, Standing> all = new HashMap<>(of(survivor));
            gone.forEach((about, standing) -> all.merge(about, standing, Standing::with));
            stands.put(survivor, all);
            became.replaceAll((id, now) -> now.equals(merged) ? survivor : now);
            became.put(merged, survivor);
            holders.replaceAll((name, holder) -> holder.equals(merged) ? survivor : holder);
            tell("%s becomes %s at %s".formatted(merged, survivor, at));
        }

        private void unlink() {
            Identifier one = name();
            CustomerId from = holder(one);
            List<Identifier> goes =
                    held(from).stream()
                            .filter(name -> name.equals(one) || random.nextInt(3) == 0)
                            .toList();
            CustomerId to = random.nextInt(3) == 0 ? holder(name()) : customer();
            if (!to.equals(from) && goes.size() < held(from).size()) {
                part(from, to, goes);
            }
        }

        private void undo() {
            if (merges.isEmpty()) {
                return;
            }
            Brought merge = merges.get(random.nextInt(merges.size()));
            CustomerId from = now(merge.merge().survivor());
            List<Identifier> goes = new ArrayList<>(held(from));
            goes.retainAll(merge.identifiers());
            if (!goes.isEmpty() && goes.size() < held(from).size()) {
                part(from, customer(), goes);
            }
        }

        /** What is to be read of either is read before, see {@link #importDated}. */
        private void part(CustomerId from, CustomerId to, List<Identifier> goes) {
            for (Late late : List.copyOf(unread)) {
                if (holder(late.address()).equals(from) || holder(late.address()).equals(to)) {
                    read(late);
                }
            }
            List<Identifier> stays = new ArrayList<>(held(from));
            stays.removeAll(goes);
            Instant now = clock();
            Parting parting =
                    new Parting(history(from), history(to), goes, stays, held(to), brought(from));
            Division division = Division.of(parting, now);
            if (!division.isNothing()) {
                stands.put(from, division.from());
                stands.put(to, division.to());
            }
            ledger.replaceAll(line -> division.moved().contains(line) ? by(to, line) : line);
            for (Kept kept : division.kept()) {
                Said said = new Said(kept.customer(), kept.about(), OPTED_OUT, kept.at(), now);
                ledger.add(new Line(id(), said, kept.identifier(), null));
            }
            goes.forEach(name -> holders.put(name, to));
            parted.put(to, time);
            tell(
                    "%s goes from %s to %s at %s, keeping %s"
                            .formatted(goes, from, to, now, division.kept()));
        }

        private static Line by(CustomerId to, Line line) {
            Said said = line.said();
            return new Line(
                    line.id(),
                    new Said(to, said.about(), said.state(), said.at(), said.recordedAt()),
                    line.identifier(),
                    line.address());
        }

        private void stopElsewhere() {
            Identifier address = name();
            if (address.type().equals(Identifier.PHONE)) {
                About about = new About(Channel.SMS, null);
                unread.add(new Late(holder(address), address, about, time, time));
                tell("%s stops elsewhere at %s".formatted(address, time));
            }
        }

        private void readLate() {
            if (!unread.isEmpty()) {
                read(unread.get(random.nextInt(unread.size())));
            }
        }

        private void read(Late late) {
            unread.remove(late);
            CustomerId speaker = holder(late.address());
            List<Merge> hers = merges(speaker);
            boolean part = now(late.named()).equals(speaker);
            boolean earlier = hers.stream().anyMatch(merge -> merge.at().isAfter(late.at()));
            CustomerId who =
                    part && earlier ? ConsentFold.whoWas(late.named(), late.at(), hers) : speaker;
            word(speaker, who, late.address(), late.about(), OPTED_OUT, late.at(), earlier);
            Set<Identifier> bound = bound(late.address(), late.about(), late.happened());
            words.add(
                    new Word(
                            late.address(),
                            late.about(),
                            OPTED_OUT,
                            late.at(),
                            late.happened(),
                            bound));
            tell("the stop of %s at %s is read, as %s".formatted(late.address(), late.at(), who));
        }

        /**
         * Not kept is an opt-out that is read after its customer was given what another had said,
         * and dated before: what it would have outweighed there is not known any more.
         */
        private void importDated() {
            Identifier under = name();
            CustomerId customer = holder(under);
            About about = about();
            ConsentState state = random.nextInt(3) == 0 ? OPTED_OUT : OPTED_IN;
            Instant at = past();
            if (state == OPTED_OUT && at.isBefore(parted.getOrDefault(customer, Instant.MIN))) {
                return;
            }
            CustomerId who = Brought.whoHad(customer, under, at, brought(customer));
            boolean earlier = merges(customer).stream().anyMatch(merge -> merge.at().isAfter(at));
            word(customer, who, under, about, state, at, earlier);
            words.add(new Word(under, about, state, at, at, bound(under, about, at)));
            tell(
                    "%s of %s at %s under %s is imported, as %s"
                            .formatted(state, about, at, under, who));
        }

        private Instant past() {
            List<Instant> times = List.copyOf(before.keySet());
            return times.get(random.nextInt(times.size())).plusMillis(300);
        }

        private void word(
                CustomerId customer,
                CustomerId who,
                Identifier under,
                About about,
                ConsentState state,
                Instant at,
                boolean earlier) {
            if (earlier) {
                Standing standing = history(customer).with(new Said(who, about, state, at, at));
                Map<About, Standing> all = new HashMap<>(of(customer));
                all.put(about, standing);
                stands.put(customer, all);
            } else {
                stand(customer, about, new Standing(state, at));
            }
            write(earlier ? who : customer, under, about, state, at, at);
        }

        private void stand(CustomerId who, About about, Standing said) {
            Map<About, Standing> all = new HashMap<>(of(who));
            all.merge(about, said, Standing::then);
            stands.put(who, all);
        }

        private void write(
                CustomerId who,
                Identifier under,
                About about,
                ConsentState state,
                Instant at,
                Instant recordedAt) {
            ledger.add(new Line(id(), new Said(who, about, state, at, recordedAt), under, null));
        }

        private History history(CustomerId customer) {
            List<Line> lines =
                    ledger.stream()
                            .filter(line -> now(line.said().customer()).equals(customer))
                            .toList();
            return new History(customer, lines, merges(customer), of(customer));
        }

        private List<Merge> merges(CustomerId customer) {
            return brought(customer).stream().map(Brought::merge).toList();
        }

        private List<Brought> brought(CustomerId customer) {
            return merges.stream()
                    .filter(one -> now(one.merge().merged()).equals(customer))
                    .toList();
        }

        private CustomerId now(CustomerId customer) {
            return became.getOrDefault(customer, customer);
        }

        private Map<About, Standing> of(CustomerId customer) {
            return stands.getOrDefault(customer, Map.of());
        }

        private List<Identifier> held(CustomerId customer) {
            return NAMES.stream().filter(name -> holder(name).equals(customer)).toList();
        }

        private CustomerId holder(Identifier name) {
            return Objects.requireNonNull(holders.get(name));
        }

        private Identifier name() {
            return NAMES.get(random.nextInt(NAMES.size()));
        }

        private About about() {
            return ABOUTS.get(random.nextInt(ABOUTS.size()));
        }

        private CustomerId customer() {
            return new CustomerId(id());
        }

        private UUID id() {
            return new UUID(0, ids++);
        }

        private void tell(String what) {
            story.add(what);
        }

        private boolean together(Identifier one, Identifier other, Instant then) {
            Map<Identifier, CustomerId> had =
                    Objects.requireNonNull(before.floorEntry(then)).getValue();
            return Objects.equals(had.get(one), had.get(other));
        }

        /** Called before the step is over: who had what at its time is what they have still. */
        private Set<Identifier> bound(Identifier under, About about, Instant happened) {
            Set<Identifier> bound = new HashSet<>(Set.of(under));
            for (Identifier name : held(holder(under))) {
                boolean reached =
                        about.channel() == Channel.IN_APP
                                || Identifiers.isAddressOf(name, about.channel());
                if (dated && reached && together(name, under, happened)) {
                    bound.add(name);
                }
            }
            return bound;
        }

        void checkNeverLooser() {
            for (Word out : words) {
                if (out.state() == OPTED_OUT) {
                    out.binds().forEach(name -> checkHolds(out, name));
                }
            }
            stands.forEach((customer, all) ->
                    all.forEach((about, standing) -> {
                        if (standing.state() == OPTED_OUT) {
                            assertThat(words)
                                    .as(() -> "nobody opted %s out: %s".formatted(customer, this))
                                    .anyMatch(word ->
                                            word.state() == OPTED_OUT
                                                    && word.about().equals(about));
                        }
                    }));
        }

        private void checkHolds(Word out, Identifier name) {
            boolean lifted =
                    words.stream()
                            .anyMatch(word ->
                                    word.state() == OPTED_IN
                                            && word.about().equals(out.about())
                                            && word.at().isAfter(out.at())
                                            && together(word.under(), name, word.happened()));
            if (!lifted) {
                assertThat(of(holder(name)).get(out.about()))
                        .as(() -> "%s still binds %s: %s".formatted(out, name, this))
                        .isNotNull()
                        .extracting(Standing::state)
                        .isEqualTo(OPTED_OUT);
            }
        }

        void checkLedger() {
            for (CustomerId customer : Set.copyOf(holders.values())) {
                History history = history(customer);
                assertThat(
                                ConsentFold.of(
                                        customer,
                                        history.lines().stream().map(Line::said).toList(),
                                        history.merges()))
                        .as(() -> "%s: %s".formatted(customer, this))
                        .isEqualTo(of(customer));
            }
        }

        @Override
        public String toString() {
            return "seed "
                    + seed
                    + story.stream().collect(Collectors.joining("\n  ", "\n  ", "\n"));
        }
    }
}
