package io.throughline.governance.policy;

import java.util.HashMap;
import java.util.Map;

/**
 * How much of a topic is still to be read until what was in it at the start has been read. An
 * unassigned topic has not been caught up with.
 */
final class CatchUp {

    private boolean assigned;
    private final Map<Integer, Long> lastOffsets = new HashMap<>();

    /**
     * @param begin first offset of the partition
     * @param end the offset that the next record will get
     */
    synchronized void assigned(int partition, long begin, long end) {
        assigned = true;
        if (end > begin) {
            lastOffsets.put(partition, end - 1);
        }
    }

    synchronized void read(int partition, long offset) {
        lastOffsets.computeIfPresent(partition, (p, last) -> offset >= last ? null : last);
    }

    synchronized boolean done() {
        return assigned && lastOffsets.isEmpty();
    }

    /** For people. */
    synchronized String missing() {
        return assigned
                ? "partitions still being read: " + lastOffsets.keySet()
                : "no partition was assigned yet";
    }
}
