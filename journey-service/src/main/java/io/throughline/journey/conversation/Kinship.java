package io.throughline.journey.conversation;

import io.throughline.contracts.CustomerId;
import java.util.HashMap;
import java.util.Map;

/**
 * Which customers belong together because one unit of work merges them: union-find, the smallest id
 * at the head.
 */
final class Kinship {

    private final Map<CustomerId, CustomerId> parents = new HashMap<>();

    void join(CustomerId one, CustomerId other) {
        CustomerId head = headOf(one);
        CustomerId otherHead = headOf(other);
        int order = head.compareTo(otherHead);
        if (order < 0) {
            parents.put(otherHead, head);
        } else if (order > 0) {
            parents.put(head, otherHead);
        }
    }

    CustomerId headOf(CustomerId customer) {
        CustomerId head = customer;
        for (CustomerId parent = parents.get(head); parent != null; parent = parents.get(head)) {
            head = parent;
        }
        return head;
    }
}
