package io.throughline.identity.tracking;

import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The calls of the tracking API, by the last segment of their path. */
public enum Call {
    TRACK(Kind.TRACK, "track"),
    IDENTIFY(Kind.IDENTIFY, "identify"),
    PAGE(Kind.PAGE, "page"),
    SCREEN(Kind.SCREEN, "screen"),
    GROUP(Kind.GROUP, "group"),
    ALIAS(Kind.ALIAS, "alias"),
    BATCH(null, "batch");

    /** What the Java library calls a batch. */
    private static final String IMPORT = "import";

    private final @Nullable Kind kind;
    private final String word;

    Call(@Nullable Kind kind, String word) {
        this.kind = kind;
        this.word = word;
    }

    /** What the one event of the body is; absent for a batch, whose events say it themselves. */
    @Nullable Kind kind() {
        return kind;
    }

    /** The call of that name or, as the browser library has it, of that first letter. */
    public static Optional<Call> of(String name) {
        return name.equals(IMPORT)
                ? Optional.of(BATCH)
                : Arrays.stream(values()).filter(call -> call.isCalled(name)).findFirst();
    }

    private boolean isCalled(String name) {
        return name.equals(word) || name.equals(word.substring(0, 1));
    }
}
