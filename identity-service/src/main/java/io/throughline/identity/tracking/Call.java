package io.throughline.identity.tracking;

import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The calls of the tracking API, by the last segment of their path. */
public enum Call {
    TRACK(Kind.TRACK, "track", "t"),
    IDENTIFY(Kind.IDENTIFY, "identify", "i"),
    PAGE(Kind.PAGE, "page", "p"),
    SCREEN(Kind.SCREEN, "screen", "s"),
    GROUP(Kind.GROUP, "group", "g"),
    ALIAS(Kind.ALIAS, "alias", "a"),
    /** The Java library says {@code import}. */
    BATCH(null, "batch", "b", "import");

    private final @Nullable Kind kind;
    private final List<String> words;

    Call(@Nullable Kind kind, String... words) {
        this.kind = kind;
        this.words = List.of(words);
    }

    /** What the one event of the body is; absent for a batch, whose events say it themselves. */
    @Nullable Kind kind() {
        return kind;
    }

    public static Optional<Call> of(String word) {
        return Arrays.stream(values()).filter(c -> c.words.contains(word)).findFirst();
    }
}
