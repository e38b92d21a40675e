package io.throughline.identity.preference;

import io.throughline.contracts.Channel;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What customers may choose. Texts are by language tag; {@code *} is for every other language.
 *
 * @param version grows by one with every change
 * @param sender whom the messages are from, as customers know it
 * @param intro above the choices
 * @param privacyUrl address of the privacy notice
 * @param channels in the order they are shown in
 * @param topics in the order they are shown in
 */
public record PreferenceCentre(
        int version,
        @Nullable String sender,
        Map<String, String> intro,
        @Nullable String privacyUrl,
        List<Channel> channels,
        List<Topic> topics) {

    /**
     * A kind of message.
     *
     * @param topic as consents name it
     * @param channels on which it is sent
     */
    public record Topic(
            String topic,
            Map<String, String> name,
            Map<String, String> description,
            List<Channel> channels) {}

    /** Every channel as a whole. */
    public static PreferenceCentre initial() {
        return new PreferenceCentre(0, null, Map.of(), null, List.of(Channel.values()), List.of());
    }

    public String introIn(String language) {
        return in(intro, language);
    }

    /** The text in a language; empty where there is none. */
    static String in(Map<String, String> texts, String language) {
        String text = texts.get(language);
        return text == null ? texts.getOrDefault("*", "") : text;
    }
}
