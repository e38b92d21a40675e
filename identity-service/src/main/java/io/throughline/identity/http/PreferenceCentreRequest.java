package io.throughline.identity.http;

import io.throughline.chassis.http.Problem;
import io.throughline.contracts.Channel;
import io.throughline.identity.preference.PreferenceCentre;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants the preference centre to offer.
 *
 * @param version that it was made from
 * @param intro a text, or texts by language
 */
record PreferenceCentreRequest(
        @Nullable Integer version,
        @Nullable String sender,
        @Nullable Object intro,
        @Nullable String privacyUrl,
        @Nullable List<@Nullable String> channels,
        @Nullable List<@Nullable TopicRequest> topics) {

    private static final int MAX_TOPICS = 50;
    private static final int MAX_TEXT = 1_000;

    record TopicRequest(
            @Nullable String topic,
            @Nullable Object name,
            @Nullable Object description,
            @Nullable List<@Nullable String> channels) {}

    /**
     * @throws Problem naming every field that is wrong
     */
    static PreferenceCentre checked(@Nullable PreferenceCentreRequest request) {
        if (request == null) {
            throw Problem.badRequest("body", "expected a JSON object");
        }
        List<Problem.FieldError> errors = new ArrayList<>();
        Integer version = request.version();
        if (version == null || version < 0 || version == Integer.MAX_VALUE) {
            errors.add(
                    new Problem.FieldError(
                            "version", "expected the version that this was made from"));
        }
        String sender = text(errors, "sender", request.sender());
        String privacyUrl = webAddress(errors, request.privacyUrl());
        Map<String, String> intro = texts(errors, "intro", request.intro());
        List<Channel> channels = channels(errors, "channels", request.channels());
        List<PreferenceCentre.Topic> topics = topics(errors, request.topics());
        if (!errors.isEmpty()) {
            throw Problem.of(errors);
        }
        return new PreferenceCentre(
                Said.present(version) + 1, sender, intro, privacyUrl, channels, topics);
    }

    private static List<PreferenceCentre.Topic> topics(
            List<Problem.FieldError> errors, @Nullable List<@Nullable TopicRequest> asked) {
        List<PreferenceCentre.Topic> topics = new ArrayList<>();
        if (asked == null) {
            return topics;
        }
        if (asked.size() > MAX_TOPICS) {
            errors.add(new Problem.FieldError("topics", "expected at most " + MAX_TOPICS));
            return topics;
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < asked.size(); i++) {
            String at = "topics[" + i + "]";
            TopicRequest topic = asked.get(i);
            String key = topic == null ? null : text(errors, at + ".topic", topic.topic());
            if (topic == null || key == null || key.isBlank() || key.length() > Said.MAX_WORD) {
                errors.add(
                        new Problem.FieldError(
                                at + ".topic", "expected a topic as consents name it"));
                continue;
            }
            if (!names.add(key)) {
                errors.add(new Problem.FieldError(at + ".topic", "named twice"));
            }
            topics.add(
                    new PreferenceCentre.Topic(
                            key,
                            texts(errors, at + ".name", topic.name()),
                            texts(errors, at + ".description", topic.description()),
                            channels(errors, at + ".channels", topic.channels())));
        }
        return topics;
    }

    private static List<Channel> channels(
            List<Problem.FieldError> errors, String field, @Nullable List<@Nullable String> words) {
        if (words == null) {
            return List.of(Channel.values());
        }
        Set<Channel> seen = EnumSet.noneOf(Channel.class);
        List<Channel> channels = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            try {
                Channel channel = Channel.of(word == null ? "" : word);
                if (seen.add(channel)) {
                    channels.add(channel);
                }
            } catch (IllegalArgumentException e) {
                errors.add(
                        new Problem.FieldError(
                                field + "[" + i + "]", String.valueOf(e.getMessage())));
            }
        }
        if (words.isEmpty()) {
            errors.add(new Problem.FieldError(field, "expected at least one channel"));
        }
        return channels;
    }

    private static Map<String, String> texts(
            List<Problem.FieldError> errors, String field, @Nullable Object said) {
        Map<String, String> texts = new TreeMap<>();
        switch (said) {
            case null -> {}
            case String one -> put(errors, field, texts, "*", one);
            case Map<?, ?> many ->
                    many.forEach((language, text) ->
                            put(
                                    errors,
                                    field + "." + language,
                                    texts,
                                    String.valueOf(language),
                                    text));
            default ->
                    errors.add(
                            new Problem.FieldError(
                                    field, "expected a text, or an object of texts by language"));
        }
        return texts;
    }

    private static void put(
            List<Problem.FieldError> errors,
            String field,
            Map<String, String> texts,
            String language,
            @Nullable Object said) {
        if (!language.matches("\\*|[a-z]{2,3}")) {
            errors.add(
                    new Problem.FieldError(
                            field, "expected a language as in en or de, or * for all"));
        } else if (said instanceof String one) {
            String text = text(errors, field, one);
            if (text != null) {
                texts.put(language, text);
            }
        } else {
            errors.add(new Problem.FieldError(field, "expected a text"));
        }
    }

    private static @Nullable String text(
            List<Problem.FieldError> errors, String field, @Nullable String said) {
        if (said == null) {
            return null;
        }
        try {
            return Said.atMost(said, MAX_TEXT);
        } catch (IllegalArgumentException e) {
            errors.add(new Problem.FieldError(field, String.valueOf(e.getMessage())));
            return null;
        }
    }

    /** A link that runs script would be one that we put on our own page. */
    private static @Nullable String webAddress(
            List<Problem.FieldError> errors, @Nullable String said) {
        String text = text(errors, "privacyUrl", said);
        if (text == null) {
            return null;
        }
        try {
            URI uri = new URI(text);
            if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                    && uri.getHost() != null) {
                return text;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        errors.add(new Problem.FieldError("privacyUrl", "expected an https address"));
        return null;
    }
}
