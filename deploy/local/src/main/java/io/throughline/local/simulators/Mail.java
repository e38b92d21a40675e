package io.throughline.local.simulators;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A mail as one recipient's server took it.
 *
 * @param from the envelope's sender
 * @param to the envelope's recipient; a mail to two recipients is two of these
 * @param headers by name as written, each with its values in order
 * @param text the plain part, empty if there is none
 * @param html the HTML part, empty if there is none
 */
public record Mail(
        String from,
        String to,
        String subject,
        Map<String, List<String>> headers,
        String text,
        String html,
        Instant receivedAt) {

    /** The first value of a header, empty if there is none; names are case-insensitive. */
    public String header(String name) {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(header -> header.getValue().getFirst())
                .findFirst()
                .orElse("");
    }
}
