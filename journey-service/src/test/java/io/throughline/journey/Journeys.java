package io.throughline.journey;

import io.throughline.journey.definition.JourneyDocument;
import io.throughline.journey.definition.JourneyParser;
import io.throughline.journey.definition.Parsed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Documents for tests. */
public final class Journeys {

    private Journeys() {}

    /** The text of a test resource. */
    public static String text(String name) {
        try (InputStream in = Journeys.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A document that must be valid. */
    public static JourneyDocument document(String text) {
        return switch (JourneyParser.parse(text)) {
            case Parsed.Valid(JourneyDocument document) -> document;
            case Parsed.Invalid invalid -> throw new AssertionError(invalid.flaws().toString());
        };
    }
}
