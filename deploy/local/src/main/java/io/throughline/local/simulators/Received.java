package io.throughline.local.simulators;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** What a simulator got, in order; past the bound the oldest is forgotten, but still counted. */
final class Received<T> {

    private final int bound;
    private final Deque<T> items = new ArrayDeque<>();
    private long total;

    Received(int bound) {
        this.bound = bound;
    }

    synchronized void add(T item) {
        if (items.size() == bound) {
            items.removeFirst();
        }
        items.addLast(item);
        total++;
    }

    synchronized List<T> matching(Predicate<T> wanted) {
        return items.stream().filter(wanted).toList();
    }

    /**
     * What came after the first so many that did, in order.
     *
     * @throws IllegalArgumentException when part of it is forgotten already
     */
    synchronized List<T> after(long count) {
        long forgotten = total - items.size();
        if (count < forgotten) {
            throw new IllegalArgumentException(
                    "after is %d, but the first %d are forgotten".formatted(count, forgotten));
        }
        return items.stream().skip(count - forgotten).toList();
    }

    /** Since the start or the last {@link #clear}. */
    synchronized long total() {
        return total;
    }

    synchronized void clear() {
        items.clear();
        total = 0;
    }
}
