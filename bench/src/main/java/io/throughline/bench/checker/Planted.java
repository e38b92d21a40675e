package io.throughline.bench.checker;

import static java.util.stream.Collectors.groupingBy;

import io.throughline.bench.checker.Acknowledgement.Conversion;
import io.throughline.bench.checker.Acknowledgement.OptIn;
import io.throughline.bench.checker.Acknowledgement.Stop;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Puts a violation into a history that has none, to see whether the checker finds it. */
public final class Planted {

    private static final Duration BEFORE = Duration.ofSeconds(1);

    private final History history;
    private final Duration underway;
    private final Map<String, List<Receipt>> received;
    private final Map<String, List<OptIn>> optIns;

    /**
     * @param underway as the checker has it
     */
    public Planted(History history, Duration underway) {
        this.history = history;
        this.underway = underway;
        this.received = history.received().stream().collect(groupingBy(Receipt::customer));
        this.optIns =
                history.acknowledged().stream()
                        .filter(OptIn.class::isInstance)
                        .map(OptIn.class::cast)
                        .collect(groupingBy(OptIn::customer));
    }

    /**
     * The history in which one customer's messages break the promise and no other promise; nothing
     * where no message in it lends itself to that.
     */
    public Optional<History> breaking(Promise promise, RandomGenerator random) {
        List<Receipt> fit =
                history.received().stream().filter(receipt -> isFit(receipt, promise)).toList();
        if (fit.isEmpty()) {
            return Optional.empty();
        }
        Receipt chosen = fit.get(random.nextInt(fit.size()));
        Instant answered = chosen.at().minus(underway).minus(chosen.late()).minusMillis(1);
        Instant sent = answered.minus(BEFORE);
        String customer = chosen.customer();
        return Optional.of(
                switch (promise) {
                    case P1 -> history.with(new Stop(customer, chosen.channel(), sent, answered));
                    case P2 ->
                            history.with(
                                    new Conversion(
                                            customer,
                                            sent,
                                            answered,
                                            Duration.between(sent, chosen.at()).plusMillis(1)));
                    case P3 -> history.with(tooMany(chosen));
                    case P5 -> history.with(List.of(chosen));
                });
    }

    private boolean isFit(Receipt receipt, Promise promise) {
        return switch (promise) {
            case P1 -> isLast(receipt) && !hasOptInBeside(receipt);
            case P2 -> isLast(receipt);
            case P3 -> !history.caps().isEmpty();
            case P5 -> true;
        };
    }

    /** Nothing came to the customer in the millisecond before, or after. */
    private boolean isLast(Receipt receipt) {
        Instant around = receipt.at().minusMillis(2);
        return received.getOrDefault(receipt.customer(), List.of()).stream()
                .noneMatch(other -> !other.equals(receipt) && other.at().isAfter(around));
    }

    private boolean hasOptInBeside(Receipt receipt) {
        Instant from =
                receipt.at().minus(underway).minus(receipt.late()).minus(BEFORE).minusMillis(1);
        return optIns.getOrDefault(receipt.customer(), List.of()).stream()
                .anyMatch(optIn -> !optIn.answered().isBefore(from));
    }

    /** As many at once as are enough to go over a cap, with the one that is there. */
    private List<Receipt> tooMany(Receipt like) {
        int most = history.caps().stream().mapToInt(Cap::max).min().orElse(0);
        return IntStream.rangeClosed(1, most)
                .mapToObj(i ->
                        new Receipt(
                                like.customer(),
                                like.channel(),
                                like.journey(),
                                like.message() + "-planted-" + i,
                                like.at(),
                                like.late()))
                .toList();
    }
}
