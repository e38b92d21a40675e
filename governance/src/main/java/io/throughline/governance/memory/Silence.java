package io.throughline.governance.memory;

import io.throughline.contracts.Category;
import io.throughline.governance.GateRequest;
import io.throughline.governance.SilenceWrite;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is held of one cause. */
record Silence(
        @Nullable String journey, Set<Category> categories, long at, long until, boolean lifted) {

    Silence(SilenceWrite write) {
        this(
                write.journey(),
                write.categories(),
                write.at().toEpochMilli(),
                write.until().toEpochMilli(),
                write.lifted());
    }

    /** The longest, and what happened last; a silence wins a tie. */
    Silence join(Silence other) {
        boolean nowLifted =
                at == other.at ? lifted && other.lifted : at > other.at ? lifted : other.lifted;
        return new Silence(
                journey,
                categories,
                Math.max(at, other.at),
                Math.max(until, other.until),
                nowLifted);
    }

    boolean covers(GateRequest request) {
        return !lifted
                && (journey == null || journey.equals(request.journey()))
                && (categories.isEmpty() || categories.contains(request.category()));
    }
}
