package io.throughline.channel.link;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Guesses from the user agent whether a person or a machine loaded a message's image. */
public enum Opener {
    PERSON,
    MACHINE;

    /**
     * Apple's privacy proxy sends a bare {@code Mozilla/5.0}; Gmail's prefetch names Edge 12.246;
     * the others are what mail scanners and crawlers call themselves.
     */
    private static final List<String> MACHINES =
            List.of(
                    "edge/12.246",
                    "bot",
                    "crawler",
                    "spider",
                    "scanner",
                    "preview",
                    "curl/",
                    "wget/",
                    "python-",
                    "java/",
                    "barracuda",
                    "proofpoint",
                    "mimecast");

    public static Opener of(@Nullable String userAgent) {
        if (userAgent == null || userAgent.isBlank() || userAgent.strip().equals("Mozilla/5.0")) {
            return MACHINE;
        }
        String agent = userAgent.toLowerCase(Locale.ROOT);
        return MACHINES.stream().anyMatch(agent::contains) ? MACHINE : PERSON;
    }
}
