package io.throughline.bench.checker;

import static java.util.stream.Collectors.groupingBy;

import io.throughline.bench.checker.Acknowledgement.Conversion;
import io.throughline.bench.checker.Acknowledgement.OptIn;
import io.throughline.bench.checker.Acknowledgement.Stop;
import io.throughline.bench.checker.Violation.Because.Acknowledged;
import io.throughline.bench.checker.Violation.Because.CameBefore;
import io.throughline.bench.checker.Violation.Because.TooMany;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the messages that the promises forbid.
 *
 * <p>One clock stamps requests, answers and receipts, so nothing is allowed for skew. What is
 * allowed for is the {@code underway} time: the promises are about when a hand-over
 * <em>begins</em>, and what is seen is when its end was read and stamped by another process. Within
 * that time after an acknowledgement a message is not held against it, and a rolling window is
 * taken to be that much shorter, since of two messages the first may have been longer on its way. A
 * receipt that came while the stamping process was seen to hang has that on top. What the order of
 * two overlapping requests was cannot be seen from outside: an opt-in that overlaps a stop is taken
 * to have come after it.
 */
public final class Checker {

    private final Duration underway;

    /**
     * @param underway from the beginning of a hand-over until its receipt is stamped, at most
     */
    public Checker(Duration underway) {
        this.underway = underway;
    }

    /** By customer, then by the time of the receipt. */
    public List<Violation> violations(History history) {
        Map<String, List<Acknowledgement>> acknowledged =
                history.acknowledged().stream().collect(groupingBy(Acknowledgement::customer));
        Map<String, List<Receipt>> received = new HashMap<>();
        history.received()
                .forEach(receipt ->
                        received.computeIfAbsent(receipt.customer(), any -> new ArrayList<>())
                                .add(receipt));
        List<Violation> found = new ArrayList<>();
        received.keySet().stream()
                .sorted()
                .forEach(customer -> {
                    List<Receipt> theirs =
                            received.getOrDefault(customer, List.of()).stream()
                                    .sorted(Comparator.comparing(Receipt::at))
                                    .toList();
                    found.addAll(of(acknowledged.getOrDefault(customer, List.of()), theirs));
                    found.addAll(beyondCaps(firsts(theirs), history.caps()));
                });
        return found;
    }

    private List<Violation> of(List<Acknowledgement> acknowledged, List<Receipt> receipts) {
        List<Violation> found = new ArrayList<>();
        Map<String, Receipt> first = new HashMap<>();
        for (Receipt receipt : receipts) {
            acknowledged.stream()
                    .filter(Stop.class::isInstance)
                    .map(Stop.class::cast)
                    .filter(stop -> forbids(stop, receipt, acknowledged))
                    .findFirst()
                    .ifPresent(stop -> found.add(violation(Promise.P1, receipt, stop)));
            acknowledged.stream()
                    .filter(Conversion.class::isInstance)
                    .map(Conversion.class::cast)
                    .filter(conversion -> forbids(conversion, receipt))
                    .findFirst()
                    .ifPresent(silence -> found.add(violation(Promise.P2, receipt, silence)));
            Receipt before = first.putIfAbsent(receipt.message(), receipt);
            if (before != null) {
                found.add(new Violation(Promise.P5, receipt, new CameBefore(before)));
            }
        }
        return found;
    }

    private static Violation violation(Promise promise, Receipt receipt, Acknowledgement offended) {
        return new Violation(promise, receipt, new Acknowledged(offended));
    }

    private boolean forbids(Stop stop, Receipt receipt, List<Acknowledgement> acknowledged) {
        return stop.channel().equals(receipt.channel())
                && isAfter(receipt, stop.answered())
                && acknowledged.stream()
                        .noneMatch(other ->
                                other instanceof OptIn optIn
                                        && optIn.channel().equals(stop.channel())
                                        && !optIn.answered().isBefore(stop.sent())
                                        && !optIn.sent().isAfter(receipt.at()));
    }

    private boolean forbids(Conversion conversion, Receipt receipt) {
        Instant end = conversion.sent().plus(conversion.silence());
        return isAfter(receipt, conversion.answered()) && receipt.at().isBefore(end);
    }

    private boolean isAfter(Receipt receipt, Instant answered) {
        return receipt.at().isAfter(answered.plus(underway).plus(receipt.late()));
    }

    /** One that came twice is one message: that it did is told of by itself. */
    private static List<Receipt> firsts(List<Receipt> receipts) {
        Set<String> seen = new HashSet<>();
        return receipts.stream().filter(receipt -> seen.add(receipt.message())).toList();
    }

    private List<Violation> beyondCaps(List<Receipt> receipts, List<Cap> caps) {
        List<Violation> found = new ArrayList<>();
        for (Cap cap : caps) {
            Map<String, List<Receipt>> together = new HashMap<>();
            for (Receipt receipt : receipts) {
                String name = cap.countedAs(receipt);
                if (!name.isEmpty()) {
                    List<Receipt> counted =
                            together.computeIfAbsent(name, any -> new ArrayList<>());
                    counted.add(receipt);
                    if (isOver(counted, cap)) {
                        List<Receipt> window =
                                counted.subList(counted.size() - 1 - cap.max(), counted.size());
                        found.add(
                                new Violation(
                                        Promise.P3,
                                        receipt,
                                        new TooMany(cap, List.copyOf(window))));
                    }
                }
            }
        }
        return found;
    }

    /** Whether the last is one too many for the window that ends with it. */
    private boolean isOver(List<Receipt> counted, Cap cap) {
        int last = counted.size() - 1;
        if (last < cap.max()) {
            return false;
        }
        Receipt earliest = counted.get(last - cap.max());
        Duration window = cap.per().minus(underway).minus(earliest.late());
        return Duration.between(earliest.at(), counted.get(last).at()).compareTo(window) < 0;
    }
}
