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

    /** Since the start or the last {@link #clear}. */
    synchronized long total() {
        return total;
    }

    synchronized void clear() {
        items.clear();
        total = 0;
    }
}
